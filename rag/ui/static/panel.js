// The document beside the chat, at the quote: marked, scrolled to, with the ones before and after it a key away.

import { address, get } from "./api.js";
import { $, button, el, icon, iconButton, toast } from "./dom.js";
import { PageView } from "./pages.js";
import { hideTip } from "./tip.js";

const MOVED = {
  moved: "The document has changed since the answer. The quote is still in it, in another place.",
  gone: "The document has changed since the answer, and the quote is no longer in it. This is what it said:",
  removed: "The document was removed since the answer. This is what it said:",
};

const LOST = new Set(["gone", "removed"]);

export class Panel {
  constructor() {
    this.node = $("panel");
    this.at = null;
    this.chip = null;
    this.look = "page";
  }

  get isOpen() {
    return !this.node.hidden;
  }

  // Opens the document of a quote of a turn; the same chip again closes it.
  async open(turn, kind, number, chip) {
    hideTip();
    if (this.isOpen && this.chip === chip && chip) return this.close();
    await this.load(`ui/turns/${turn.id}/${kind}/${number}`, { turn, kind, number }, chip);
  }

  async openDocument(id, back) {
    await this.load(`ui/documents/${id}`, { document: id }, back);
  }

  async load(path, at, chip) {
    let shown;
    try {
      shown = await get(path);
    } catch (error) {
      return toast(error.message);
    }
    this.chip?.setAttribute("aria-expanded", "false");
    this.chip = chip || this.chip;
    this.chip?.setAttribute("aria-expanded", "true");
    Object.assign(this, { at, path });
    this.node.hidden = false;
    $("panel").parentElement.classList.add("fn-with-panel");
    this.draw(shown);
    this.node.querySelector("h2").focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    this.node.parentElement.classList.remove("fn-with-panel");
    this.node.replaceChildren();
    const chip = this.chip;
    this.chip = null;
    chip?.setAttribute("aria-expanded", "false");
    if (chip?.isConnected) chip.focus();
    else $("question").focus();
  }

  // Goes to the quote before (-1) or after (1) the one that is shown.
  step(by) {
    if (!this.isOpen || !this.at?.turn) return;
    const numbers = this.numbers();
    const next = numbers[numbers.indexOf(this.at.number) + by];
    if (next === undefined) return;
    const chip = this.chips(next)[0];
    this.load(`ui/turns/${this.at.turn.id}/${this.at.kind}/${next}`, { ...this.at, number: next }, this.at.kind === "quotes" ? chip : this.chip);
  }

  // The chips of the answer that is shown from, or those of one number.
  chips(number = null) {
    const which = number === null ? "" : `[data-number="${number}"]`;
    return document.querySelectorAll(`[data-turn="${this.at.turn.id}"] .fn-chip${which}`);
  }

  // An answer was drawn anew, because it is whole by now: its chips are others.
  renew(turn) {
    if (!this.isOpen || this.at.turn?.id !== turn.id || this.chip?.isConnected || this.at.kind !== "quotes") return;
    this.at.turn = turn;
    this.chip = this.chips(this.at.number)[0] || null;
    this.chip?.setAttribute("aria-expanded", "true");
    this.node.querySelector("[data-steps]")?.remove();
    if (this.numbers().length > 1) this.node.querySelector(".fn-tools").prepend(this.steps());
  }

  numbers() {
    const { turn, kind } = this.at;
    if (kind === "nearest") return turn.answer.nearest.map((_, index) => index);
    return [...new Set([...this.chips()].map((chip) => Number(chip.dataset.number)))].sort((a, b) => a - b);
  }

  draw(shown, why = "") {
    const place = !shown.pictures && shown.at && `page ${shown.at} of ${shown.pages}`;
    const meta = [shown.file !== shown.title && shown.file, shown.date, shown.author, place].filter(Boolean).join(" · ");
    const asPage = shown.pictures && this.look === "page" && !why && !LOST.has(shown.state);
    const tools = el("div", { class: "fn-tools" });
    const head = el("header", { class: "fn-panel-head" }, el("div", { class: "fn-panel-title" }, el("h2", { tabindex: "-1", dir: "auto" }, shown.title), iconButton("close", "Close the document (Esc)", () => this.close())), el("p", { class: "fn-quiet", dir: "auto" }, meta), tools);
    this.body = el("div", { class: "fn-panel-body", tabindex: "0", role: "region", "aria-label": asPage ? "Page of the document" : "Text of the document" });
    this.node.replaceChildren(head, this.body, this.foot(shown));
    if (this.at.turn && this.numbers().length > 1) tools.append(this.steps());
    const notice = why || MOVED[shown.state] || (shown.changed && "The document has changed since the answer; the quote still stands where it was.");
    if (notice) this.body.append(el("p", { class: "fn-note fn-warned" }, icon("alert"), notice));
    if (LOST.has(shown.state)) this.body.append(el("blockquote", { class: "fn-kept", dir: "auto" }, shown.quote));
    this.sheet = asPage ? new PageView(shown, this.at.turn ? this.path : null, (reason) => this.sheet?.shown === shown && this.draw(shown, reason)) : null;
    if (asPage) tools.append(this.sheet.controls);
    if (shown.pictures && !why && !LOST.has(shown.state)) tools.append(this.switch(shown));
    if (asPage) {
      this.body.append(this.sheet.node);
      this.sheet.begin();
      return;
    }
    this.text = el("div", { class: "fn-document" });
    this.body.append(this.text);
    this.fill(shown);
    this.reveal();
  }

  // A PDF as it is printed, or as the text that was read from it; what was chosen holds for the next one.
  switch(shown) {
    const one = (look, label) => button(label, () => {
      this.look = look;
      this.draw(shown);
      this.node.querySelector(`[data-look="${look}"]`)?.focus();
    }, { class: "fn-switch-part", "data-look": look, "aria-pressed": String(this.look === look) });
    return el("div", { class: "fn-switch", role: "group", "aria-label": "Show as" }, one("page", "Page"), one("text", "Text"));
  }

  steps() {
    const numbers = this.numbers();
    const place = numbers.indexOf(this.at.number);
    const what = this.at.kind === "quotes" ? "Quote" : "Passage";
    return el("div", { class: "fn-stepper", role: "group", "aria-label": `${what}s`, "data-steps": true },
      iconButton("back", `Previous ${what.toLowerCase()} ([)`, () => this.step(-1), { disabled: place <= 0 }),
      el("span", { role: "status" }, `${what} ${place + 1} of ${numbers.length}`),
      iconButton("next", `Next ${what.toLowerCase()} (])`, () => this.step(1), { disabled: place >= numbers.length - 1 }));
  }

  fill(shown) {
    this.text.replaceChildren();
    if (shown.begin > 0) this.text.append(button("Show what comes before", () => this.more(Math.max(0, shown.begin - 19000))));
    this.text.append(...lines(shown.segments, this.at.number, shown.headings));
    if (shown.end < shown.characters) this.text.append(button("Show what comes after", () => this.more(shown.end - 500)));
  }

  async more(begin) {
    try {
      const shown = await get(`${this.path}?begin=${begin}`);
      this.fill(shown);
      this.body.scrollTop = 0;
    } catch (error) {
      toast(error.message);
    }
  }

  reveal() {
    const mark = this.text.querySelector("mark.fn-active");
    if (mark) mark.scrollIntoView({ block: "center" });
    else this.body.scrollTop = 0;
  }

  foot(shown) {
    const foot = el("footer", { class: "fn-panel-foot" });
    const place = shown.pictures && shown.at ? `#page=${shown.at}` : "";
    if (shown.original) foot.append(el("a", { class: "fn-link", href: address(`ui/documents/${shown.document}/original${place}`), target: "_blank", rel: "noopener noreferrer" }, "Original file"));
    else foot.append(el("span", { class: "fn-quiet" }, "The original file is no longer where it was."));
    if (shown.also?.length) foot.append(el("span", {}, "Also in: ", shown.also.map((other) => el("button", { type: "button", class: "fn-link", dir: "auto", onclick: () => this.openDocument(other.document, this.chip) }, other.title))));
    return foot;
  }
}

// The text line by line, each with its own direction; a quote may go over several. A blank line is a gap.
function lines(segments, active, headings) {
  const made = [];
  let line = el("p", { dir: "auto" });
  let gap = false;
  const end = () => {
    if (!line.textContent.trim()) return void (gap = true);
    if (gap) line.classList.add("fn-gap");
    if (headings) asHeading(line);
    gap = false;
    made.push(line);
    line = el("p", { dir: "auto" });
  };
  for (const segment of segments) {
    segment.text.split("\n").forEach((text, index) => {
      if (index) end();
      if (!text) return;
      if (segment.number === null) line.append(text);
      else line.append(el("mark", { class: segment.number === active ? "fn-active" : null, "data-number": segment.number }, text));
    });
  }
  end();
  return made;
}

// "## Who goes next" is how a heading is kept in the text; it looks like one, and its signs are only put out of sight.
function asHeading(line) {
  const signs = /^(#{1,6}) (?=\S)/.exec(line.textContent);
  const first = document.createTreeWalker(line, NodeFilter.SHOW_TEXT).nextNode();
  if (!signs || first.length < signs[0].length) return;
  if (first.length > signs[0].length) first.splitText(signs[0].length);
  const hidden = el("span", { class: "fn-signs" });
  first.replaceWith(hidden);
  hidden.append(first);
  line.classList.add("fn-heading");
  line.setAttribute("role", "heading");
  line.setAttribute("aria-level", String(Math.min(6, signs[1].length + 2)));
}
