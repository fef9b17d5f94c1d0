// What a chip quotes, shown while it is pointed at or has the focus.

import { $, el } from "./dom.js";
import { where } from "./answer.js";

const WIDEST = 420;
const GAP = 8;
let timer = 0;

// Beside the chip, within the column of its answer: above it only where it covers neither the question nor what is over it.
function show(chip) {
  const tip = $("tip");
  const answer = chip.closest(".fn-answer").getBoundingClientRect();
  const seen = $("scroll").getBoundingClientRect();
  tip.replaceChildren(el("span", { class: "fn-tip-quote", dir: "auto" }, `“${chip.quote.quote}”`), el("span", { class: "fn-tip-where", dir: "auto" }, where(chip.quote)));
  tip.style.maxWidth = `${Math.min(WIDEST, answer.width)}px`;
  tip.style.left = "0";
  tip.hidden = false;
  chip.setAttribute("aria-describedby", "fn-tip");
  const place = chip.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const [above, below] = [place.top - height - GAP, place.bottom + GAP];
  const isRoomBelow = below + height <= innerHeight - GAP;
  tip.style.left = `${Math.max(answer.left, Math.min(place.left - 20, answer.right - width))}px`;
  tip.style.top = `${above >= Math.max(answer.top, seen.top) || (!isRoomBelow && above >= seen.top) ? above : below}px`;
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
