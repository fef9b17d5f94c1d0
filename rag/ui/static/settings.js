// Settings that matter: who writes, how strictly is checked, how it looks. Kept in this browser.

import { $, el, iconButton } from "./dom.js";

const KEPT = "footnote-settings";

export class Preferences {
  constructor() {
    this.values = { mode: null, writer: "model", look: "system" };
    try {
      Object.assign(this.values, JSON.parse(localStorage.getItem(KEPT) || "{}"));
    } catch {
      // a browser that keeps nothing: the defaults hold
    }
    this.paint();
  }

  set(name, value) {
    this.values[name] = value;
    try {
      localStorage.setItem(KEPT, JSON.stringify(this.values));
    } catch {
      // as above: it holds until the page is closed
    }
    this.paint();
  }

  paint() {
    const dark = this.values.look === "dark" || (this.values.look === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.look = dark ? "dark" : "light";
  }

  open(start) {
    const dialog = $("settings");
    const choice = (name, legend, options) => el("fieldset", {}, el("legend", {}, legend), options.map(([value, label, meaning]) => {
      const input = el("input", { type: "radio", name: `fn-${name}`, value, onchange: () => this.set(name, value) });
      input.checked = (this.values[name] ?? start[name]) === value;
      return el("label", { class: "fn-choice" }, input, el("span", {}, label, el("span", { class: "fn-quiet" }, meaning)));
    }));
    const model = start.llm === "none" ? [["model", "Quotes only", "No model is set up to write (RAG_LLM)."]]
      : [["model", "A model writes", `${start.llm}; every sentence is checked against your documents.`], ["quotes", "Quotes only", "The sentences of your documents that answer, as they stand. Fast."]];
    dialog.replaceChildren(
      el("header", { class: "fn-dialog-head" }, el("h2", { id: "fn-settings-title" }, "Settings"), iconButton("close", "Close", () => dialog.close())),
      el("div", { class: "fn-dialog-body" },
        choice("writer", "Answers", model),
        choice("mode", "The check", [["strict", "Strict", "What no quote supports is withheld."], ["lenient", "Lenient", "It is shown, marked as not in your documents."]]),
        choice("look", "Colours", [["system", "As the system", ""], ["light", "Light", ""], ["dark", "Dark", ""]]),
        el("section", { class: "fn-keys" }, el("h3", {}, "Keys"), el("dl", {}, [["/", "to the question"], ["[ ]", "quote before, quote after"], ["Esc", "close the document"], ["Enter", "ask; with Shift a new line"]].flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])))));
    dialog.showModal();
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.footnote?.preferences.paint());
