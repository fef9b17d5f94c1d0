// An answer: its sentences with their numbered quotes, what stands under it, and its buttons.

import { counted, el, icon, iconButton } from "./dom.js";

const SOURCE = { changed: "The document has changed since.", removed: "The document was removed since." };
const STATE = { partly: "partly supported", unsupported: "not in your documents" };

export function where(citation) {
  return [citation.title, citation.date, citation.place].filter(Boolean).join(", ");
}

export function chip(citation, view) {
  const label = `Quote ${citation.number}, from ${where(citation)}${citation.source === "same" ? "" : `. ${SOURCE[citation.source]}`}`;
  const node = el("button", {
    type: "button", class: `fn-chip fn-${citation.source}`, "aria-label": label, "aria-expanded": "false",
    "data-number": citation.number, onclick: () => view.open("quotes", citation.number, node),
  }, String(citation.number));
  node.quote = citation;
  return node;
}

function sentence(said, citations, view) {
  const node = el("span", { class: `fn-sentence fn-${said.status}`, dir: "auto" }, el("span", { class: "fn-said" }, said.text));
  if (said.status !== "supported") {
    node.append(" ", el("span", { class: "fn-flag", title: said.why }, STATE[said.status], said.why ? el("span", { class: "fn-why" }, `: ${said.why}`) : ""));
  }
  const chips = said.citations.map((number) => citations.get(number)).filter(Boolean).map((one) => chip(one, view));
  if (chips.length) node.append("\u00a0", el("span", { class: "fn-chips" }, chips));
  return node;
}

export class AnswerView {
  // `open(kind, number, chip)` shows a quote in its document; the rest are what the buttons do.
  constructor(turn, actions) {
    this.actions = actions;
    this.citations = new Map();
    this.node = el("div", { class: "fn-answer" });
    this.text = el("p", { class: "fn-text" });
    this.understood = el("p", { class: "fn-quiet fn-understood", hidden: true });
    this.working = el("p", { class: "fn-working", hidden: true });
    this.rest = el("div", { class: "fn-under" });
    this.node.append(this.understood, this.text, this.working, this.rest);
    this.show(turn);
  }

  open(kind, number, node) {
    this.actions.open(this.turn, kind, number, node);
  }

  event(event) {
    if (event.type === "line") this.say(event.place === 1 ? "Next in line" : `Waiting in line: place ${event.place}`);
    if (event.type === "working") this.say(event.text);
    if (event.type === "understood") this.showUnderstood(event.text);
    if (event.type === "sentence") {
      for (const citation of event.citations) if (!this.citations.has(citation.number)) this.citations.set(citation.number, citation);
      if (this.text.childNodes.length) this.text.append(" ");
      this.text.append(sentence(event.sentence, this.citations, this));
    }
    if (event.type === "done") this.show(event.turn);
  }

  say(text) {
    this.working.hidden = !text;
    this.working.replaceChildren(text ? el("span", { class: "fn-dots", "aria-hidden": "true" }) : "", text);
  }

  showUnderstood(text) {
    this.understood.hidden = !text;
    if (!text) return;
    this.understood.replaceChildren("Understood as: ", el("q", { dir: "auto" }, text), " ", el("button", { type: "button", class: "fn-link", onclick: () => this.actions.edit(this.turn, text) }, "Change"));
  }

  show(turn) {
    this.turn = turn;
    this.node.dataset.state = turn.state;
    this.rest.replaceChildren();
    const answer = turn.answer;
    if (!answer) {
      if (turn.state === "stopped") this.rest.append(note("Stopped before there was an answer."), this.buttons(turn));
      return;
    }
    this.say("");
    this.citations = new Map(answer.citations.map((citation) => [citation.number, citation]));
    this.showUnderstood(answer.understood);
    this.text.replaceChildren(...answer.sentences.flatMap((said, index) => (index ? [" "] : []).concat(sentence(said, this.citations, this))));
    if (!answer.sentences.length && turn.state === "done") this.refusal(answer);
    this.rest.append(...answer.conflicts.map((conflict) => this.conflict(conflict)));
    this.rest.append(...(answer.unanswered || []).map((part) => note(`Nothing found answers: ${part}`)));
    if (answer.error) this.rest.append(note(answer.error, "fn-problem"));
    if (turn.state === "stopped") this.rest.append(note(answer.sentences.length ? "Stopped here." : "Stopped before there was an answer."));
    if (answer.sentences.length && turn.state === "done") this.rest.append(summary(answer));
    this.rest.append(this.buttons(turn));
    if (answer.citations.length) this.rest.append(footnotes(answer.citations));
  }

  refusal(answer) {
    this.text.append(el("span", { class: "fn-said", dir: "auto" }, answer.text));
    if (answer.status === "clarify") return;
    if (answer.nearest.length) {
      const items = answer.nearest.map((passage, index) => {
        const node = el("button", { type: "button", class: "fn-passage", "aria-expanded": "false", onclick: () => this.open("nearest", index, node) },
          el("span", { class: "fn-passage-quote", dir: "auto" }, `“${passage.quote}”`), el("span", { class: "fn-quiet" }, where(passage)));
        return el("li", {}, node);
      });
      this.rest.append(el("div", { class: "fn-nearest" }, el("h3", {}, "Nearest passages"), el("ul", {}, items)));
    }
    this.rest.append(el("p", { class: "fn-quiet" }, "Try the words that your documents would use, or add documents."));
  }

  conflict(conflict) {
    const rows = conflict.sides.map((side) => {
      const cited = side.citations.map((number) => this.citations.get(number)).filter(Boolean);
      const quotes = cited.map((one) => el("div", { class: "fn-side-quote", dir: "auto" }, `“${one.quote}”\u00a0`, chip(one, this), el("div", { class: "fn-quiet", dir: "auto" }, `${one.title}, ${one.date || "no date"}`)));
      return el("tr", {}, el("th", { scope: "row", dir: "auto" }, side.value, side.note ? el("div", { class: "fn-quiet fn-outvoted", dir: "ltr" }, side.note) : ""), el("td", {}, quotes));
    });
    const head = ["What is said", "Where, and when"].map((name) => el("th", { scope: "col" }, name));
    const said = conflict.settled ? "Corrected or changed since" : "Sources disagree";
    return el("div", { class: "fn-conflict", tabindex: "0", role: "region", "aria-label": said }, el("table", {}, el("caption", { dir: "auto" }, `${said}: ${conflict.about}`), el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)));
  }

  buttons(turn) {
    const { actions } = this;
    const judge = (verdict) => {
      const on = turn.verdict === verdict;
      return iconButton(verdict, verdict === "up" ? "Good answer" : "Bad answer", () => actions.judge(this, on ? "" : verdict, verdict), { "aria-pressed": String(on), "data-thumb": verdict });
    };
    const row = el("div", { class: "fn-actions" });
    if (turn.answer && turn.answer.text) {
      row.append(el("details", { class: "fn-menu" }, el("summary", { "aria-label": "Copy" }, icon("copy"), "Copy"),
        el("div", { class: "fn-menu-list" }, el("button", { type: "button", onclick: () => actions.copy(turn, "txt") }, "With quotes, as text"), el("button", { type: "button", onclick: () => actions.copy(turn, "md") }, "With quotes, as Markdown"))));
    }
    row.append(iconButton("edit", "Edit the question", () => actions.edit(turn)), iconButton("again", "Ask again", () => actions.again(turn)));
    if (turn.state === "done") row.append(judge("up"), judge("down"));
    if (turn.state === "done") row.append(details(turn.answer));
    this.actionsRow = row;
    return row;
  }
}

function note(text, kind = "") {
  return el("p", { class: `fn-note ${kind}`, role: kind ? "alert" : null }, kind ? icon("alert") : "", text);
}

// On paper nothing can be clicked: there the quotes stand under the answer.
function footnotes(citations) {
  return el("ol", { class: "fn-footnotes" }, citations.map((one) => el("li", { value: one.number, dir: "auto" }, `“${one.quote}” ${where(one)}`)));
}

function summary(answer) {
  const held = answer.sentences.filter((said) => said.status === "supported").length;
  const documents = new Set(answer.citations.map((citation) => citation.document)).size;
  const all = held === answer.sentences.length;
  const checked = all ? "Every sentence checked" : `${held} of ${counted(answer.sentences.length, "sentence")} supported`;
  const changed = answer.citations.filter((citation) => citation.source !== "same").length;
  const line = el("p", { class: "fn-summary" }, icon(all ? "check" : "alert"), `${checked} · ${counted(answer.citations.length, "quote")} from ${counted(documents, "document")}`);
  if (!changed) return line;
  const warning = `${changed === 1 ? "The source of 1 quote has" : `The sources of ${changed} quotes have`} changed or gone since; the quotes are as they were.`;
  return el("div", {}, line, el("p", { class: "fn-summary fn-warned" }, icon("alert"), warning));
}

function details(answer) {
  const seconds = (value) => `${value.toFixed(1)} s`;
  const { timings, usage } = answer;
  const rows = [["Model", answer.model || "none"], ["In all", seconds(timings.total)], ["Finding", seconds(timings.retrieve)]];
  if (timings.first_token) rows.push(["To the first word", seconds(timings.first_token)]);
  if (timings.check >= 0.05) rows.push(["Checking", seconds(timings.check)]);
  if (usage.prompt_tokens) rows.push(["Tokens read", `${usage.prompt_tokens.toLocaleString("en")}${usage.cached_tokens ? `, ${usage.cached_tokens.toLocaleString("en")} of them kept from before` : ""}`], ["Tokens written", String(usage.completion_tokens)]);
  const list = el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const body = el("div", { class: "fn-details-body" }, list);
  if (answer.withheld.length) {
    body.append(el("p", { class: "fn-quiet" }, `${counted(answer.withheld.length, "sentence")} of the model withheld, because no quote supports what was said:`), el("ul", {}, answer.withheld.map((text) => el("li", { dir: "auto" }, text))));
  }
  return el("details", { class: "fn-details" }, el("summary", {}, "How this was found"), body);
}
