// What a chip quotes, shown while it is pointed at or has the focus.

import { $, el } from "./dom.js";
import { where } from "./answer.js";

let timer = 0;

function show(chip) {
  const tip = $("tip");
  tip.replaceChildren(el("span", { class: "fn-tip-quote", dir: "auto" }, `“${chip.quote.quote}”`), el("span", { class: "fn-tip-where", dir: "auto" }, where(chip.quote)));
  tip.hidden = false;
  chip.setAttribute("aria-describedby", "fn-tip");
  const place = chip.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left - 20, innerWidth - tip.offsetWidth - 8));
  const above = place.top - tip.offsetHeight - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : place.bottom + 8}px`;
}

export function hideTip() {
  clearTimeout(timer);
  $("tip").hidden = true;
}

export function watchChips(root) {
  root.addEventListener("mouseover", (event) => {
    const chip = event.target.closest(".fn-chip");
    clearTimeout(timer);
    if (chip) timer = setTimeout(() => chip.isConnected && show(chip), 120);
    else if (!event.target.closest(".fn-tip")) timer = setTimeout(hideTip, 120);
  });
  root.addEventListener("focusin", (event) => {
    const chip = event.target.closest(".fn-chip");
    if (chip && chip.matches(":focus-visible")) show(chip);
    else hideTip();
  });
  root.addEventListener("focusout", hideTip);
  $("scroll").addEventListener("scroll", hideTip, { passive: true });
}
