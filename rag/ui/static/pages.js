// A page of a PDF as it is printed, with the quote boxed; where that can't be had, whoever asked shows the text.

import { get, picture } from "./api.js";
import { el, iconButton } from "./dom.js";

const KEPT = 8;
const drawn = new Map();

// The picture of a page as an address of this browser; the last few are kept, so that going back costs nothing.
async function pictureOf(document, number) {
  const path = `ui/documents/${document}/pages/${number}?width=1600`;
  const kept = drawn.get(path) || URL.createObjectURL(await picture(path));
  drawn.delete(path);
  drawn.set(path, kept);
  for (const [old, url] of drawn) {
    if (drawn.size <= KEPT) break;
    drawn.delete(old);
    URL.revokeObjectURL(url);
  }
  return kept;
}

export class PageView {
  // `path` is that of the quote, or null where a document is shown without one; `fail(why)` hears when there is no picture.
  constructor(shown, path, fail) {
    Object.assign(this, { shown, path, fail, boxes: new Map(), number: shown.at || 1, asked: 0 });
    this.image = el("img", { class: "fn-page-image", alt: "", hidden: true });
    this.over = el("div", { class: "fn-boxes" });
    this.said = el("figcaption", { class: "fn-hidden" });
    this.node = el("figure", { class: "fn-page", "aria-busy": "true" }, this.image, this.over, this.said);
    this.back = iconButton("back", "Previous page", () => this.go(this.number - 1));
    this.next = iconButton("next", "Next page", () => this.go(this.number + 1));
    this.place = el("span", { role: "status" });
    this.larger = iconButton("larger", "Larger", () => this.enlarge(), { "aria-pressed": "false" });
    this.controls = el("div", { class: "fn-stepper", role: "group", "aria-label": "Pages" }, this.back, this.place, this.next, this.larger);
    this.count();
  }

  // Finds the quote, draws its page, and scrolls to it.
  async begin() {
    const begun = this.number;
    const [, found] = await Promise.all([this.go(this.number, false), this.path ? this.find() : true]);
    if (!found) return;
    const first = [...this.boxes.keys()][0];
    // Whoever has turned the page meanwhile is not turned back.
    if (first && first !== this.number && this.number === begun) await this.go(first, false);
    this.mark();
    this.reveal();
  }

  async find() {
    try {
      const { pages } = await get(`${this.path}/boxes`);
      for (const one of pages) this.boxes.set(one.page, one.boxes);
      if (!pages.length) this.fail("The exact words could not be found on the page as it is printed (they may have been recognised from a scan), so the text is shown.");
      return pages.length > 0;
    } catch (error) {
      this.fail(`The page can’t be shown: ${error.message} This is the text that was read.`);
      return false;
    }
  }

  async go(number, reveal = true) {
    if (number < 1 || number > this.shown.pages) return;
    const turn = ++this.asked;
    this.number = number;
    this.count();
    this.node.setAttribute("aria-busy", "true");
    try {
      const url = await pictureOf(this.shown.document, number);
      if (turn !== this.asked) return;
      this.image.src = url;
      await this.image.decode().catch(() => {});
      if (turn !== this.asked) return;
    } catch (error) {
      if (turn === this.asked) this.fail(`The page can’t be shown: ${error.message} This is the text that was read.`);
      return;
    }
    this.image.alt = `Page ${number} of ${this.shown.title}`;
    this.image.hidden = false;
    this.node.setAttribute("aria-busy", "false");
    this.mark();
    if (reveal) this.reveal();
  }

  count() {
    this.place.textContent = `Page ${this.number} of ${this.shown.pages}`;
    this.back.disabled = this.number <= 1;
    this.next.disabled = this.number >= this.shown.pages;
  }

  mark() {
    const share = (value) => `${(value * 100).toFixed(3)}%`;
    const boxes = apart(this.boxes.get(this.number) || []);
    this.over.replaceChildren(...boxes.map((box) => {
      const node = el("span", { class: "fn-box" });
      Object.assign(node.style, { left: share(box.left), top: share(box.top), width: share(box.right - box.left), height: share(box.bottom - box.top) });
      return node;
    }));
    this.said.textContent = boxes.length ? `Boxed on this page: “${this.shown.quote}”` : "";
  }

  enlarge() {
    const large = this.node.classList.toggle("fn-large");
    this.larger.setAttribute("aria-pressed", String(large));
    this.reveal();
  }

  reveal() {
    const box = this.over.firstElementChild;
    if (box) box.scrollIntoView({ block: "center", inline: "center" });
    else this.node.parentElement?.scrollTo(0, 0);
  }
}

// Boxes of lines that are set close overlap; each then ends where the next begins.
function apart(boxes) {
  const made = boxes.map((box) => ({ ...box }));
  made.forEach((box, index) => {
    const next = made[index + 1];
    if (!next || next.top <= box.top || next.top >= box.bottom) return;
    box.bottom = next.top = (box.bottom + next.top) / 2;
  });
  return made;
}
