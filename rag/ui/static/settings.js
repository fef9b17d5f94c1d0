// Settings that matter: who writes, how strictly is checked, how it looks. Kept in this browser.

import { $, el, iconButton } from "./dom.js";

const KEPT = "footnote-settings";

export class Preferences {
  constructor() {
    this.values = { mode: null, model: null, passages: null, look: "system" };
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

  // What is asked for in place of the page's own; what can no longer be chosen is forgotten.
  wish(start) {
    const { mode, model, passages } = this.values;
    return {
      mode,
      model: start.choices.some((one) => one.name === model) ? model : null,
      passages: start.passages.choices.includes(passages) ? passages : null,
    };
  }

  paint() {
    const dark = this.values.look === "dark" || (this.values.look === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.look = dark ? "dark" : "light";
  }

  open(start) {
    const dialog = $("settings");
    const own = { model: start.choices[0].name, passages: start.passages.own, look: "system", mode: start.mode };
    const choice = (name, legend, options, note) => el("fieldset", {}, el("legend", {}, legend), el("div", { class: note ? "fn-choices" : "fn-choices fn-one-each" }, options.map(([value, label, says]) => {
      const input = el("input", { type: "radio", name: `fn-${name}`, value, onchange: () => this.set(name, value) });
      input.checked = value === (options.some(([known]) => known === this.values[name]) ? this.values[name] : own[name]);
      return el("label", { class: "fn-choice" }, input, el("span", {}, label, says ? el("span", { class: "fn-quiet" }, says) : ""));
    })), note ? el("p", { class: "fn-quiet" }, note) : "");
    const models = start.choices.map(({ name, where }) => [name, where === "nowhere" ? "Quotes only" : name, meaning(where, name === own.model)]);
    const passages = start.passages.choices.map((number) => [number, String(number), ""]);
    dialog.replaceChildren(
      el("header", { class: "fn-dialog-head" }, el("h2", { id: "fn-settings-title" }, "Settings"), iconButton("close", "Close", () => dialog.close())),
      el("div", { class: "fn-dialog-body" },
        choice("model", "Who writes the answers", models),
        choice("mode", "The check", [["strict", "Strict", "What no quote supports is withheld."], ["lenient", "Lenient", "It is shown, marked as not in your documents."]]),
        choice("passages", "Sources: passages read for an answer", passages, "A collection of some dozen passages is read whole, whatever is chosen."),
        choice("look", "Colours", [["system", "As the system", ""], ["light", "Light", ""], ["dark", "Dark", ""]]),
        el("section", { class: "fn-keys" }, el("h3", {}, "Keys"), el("dl", {}, [["/", "to the question"], ["[ ]", "quote before, quote after"], ["Esc", "close the document"], ["Enter", "ask; with Shift a new line"]].flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])))));
    dialog.showModal();
  }
}

function meaning(where, isOwn) {
  if (where === "nowhere") return "The sentences of your documents that answer, as they stand. Fast; no model is asked.";
  if (where === "elsewhere") return "At the address that is set up for it: the question and the quotes it may use are sent there.";
  return isOwn ? "On this machine. Every sentence it writes is checked against your documents." : "On this machine, opened when it is first asked.";
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.footnote?.preferences.paint());
