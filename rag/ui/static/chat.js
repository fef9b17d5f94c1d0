// The conversation that is open: its turns, the one that is being answered, editing, asking again, judging, copying.

import { call, stream } from "./api.js";
import { AnswerView } from "./answer.js";
import { $, button, closeMenus, el, toast } from "./dom.js";

export class Chat {
  // `page` is the rest: the panel, the collection, the list of chats.
  constructor(page) {
    this.page = page;
    this.reset();
  }

  reset() {
    this.id = null;
    this.working = null;
    this.views = new Map();
    this.watch = (this.watch || 0) + 1;
    $("log").replaceChildren();
    $("export").hidden = true;
    this.page.changed?.();
  }

  async open(id) {
    const shown = await call("chat", id);
    this.reset();
    this.id = id;
    for (const turn of shown.turns) this.add(turn);
    $("export").hidden = !shown.turns.length;
    this.page.changed();
    $("log").lastElementChild?.scrollIntoView({ block: "start" });
    if (shown.working) this.follow(stream("follow", shown.working), this.views.get(shown.working));
    return shown.chat;
  }

  add(turn) {
    const view = new AnswerView(turn, {
      open: (...args) => this.page.panel.open(...args),
      edit: (it, text) => this.edit(it, text),
      again: (it) => this.repeat(it, it.question),
      judge: (it, verdict, thumb) => this.judge(it, verdict, thumb),
      copy: (it, form) => this.copy(it, form),
    });
    view.question = el("h2", { class: "fn-question", dir: "auto" }, turn.question);
    view.article = el("article", { class: "fn-turn", "data-turn": turn.id, "aria-label": "Question and answer" }, view.question, view.node);
    this.views.set(turn.id, view);
    $("log").append(view.article);
    return view;
  }

  async ask(question) {
    const given = { question, chat: this.id, ...this.page.wish() };
    const watch = this.watch;
    const view = await this.follow(stream("ask", given), null);
    if (!view && watch === this.watch) this.page.unsent(question);
  }

  // Shows the events of a question, and returns its view if it got there; if another chat is opened meanwhile, it goes
  // on unseen.
  async follow(events, view) {
    const watch = this.watch;
    this.working = view?.turn.id || "asking";
    this.page.changed();
    try {
      for await (const event of events) {
        if (watch !== this.watch) return view;
        if (event.type === "refused") this.refused(event.message);
        else if (event.type !== "asked") view?.event(event);
        else view = this.asked(event.turn, view);
        if (event.type === "done") this.page.panel.renew(event.turn);
        this.keepInView();
      }
    } catch (error) {
      if (watch === this.watch) this.refused(error.message);
    } finally {
      if (watch === this.watch) {
        view?.say("");
        this.working = null;
        this.page.changed();
        if (view) this.page.list.refresh();
      }
    }
    return view;
  }

  asked(turn, view) {
    this.working = turn.id;
    if (!this.id) {
      this.id = turn.chat;
      history.replaceState(null, "", `#chat/${turn.chat}`);
      this.page.list.current = turn.chat;
    }
    $("export").hidden = false;
    const shown = view || this.add(turn);
    for (const note of this.problems()) note.remove();
    if (!view) {
      this.page.changed();
      shown.article.scrollIntoView({ block: "start" });
    }
    return shown;
  }

  // Follows what is written, unless the reader has scrolled away.
  keepInView() {
    const place = $("scroll");
    const last = $("log").lastElementChild;
    if (!last || place.scrollHeight - place.scrollTop - place.clientHeight > 160) return;
    if (last.offsetHeight < place.clientHeight - 40) place.scrollTop = place.scrollHeight;
  }

  // What went wrong outside of any answer.
  problems() {
    return $("log").querySelectorAll(":scope > .fn-problem");
  }

  refused(message) {
    $("log").append(el("p", { class: "fn-note fn-problem", role: "alert" }, message));
    $("log").lastElementChild.scrollIntoView({ block: "nearest" });
  }

  async stop() {
    if (!this.working || this.working === "asking") return;
    try {
      await call("stop", this.working);
    } catch (error) {
      toast(error.message);
    }
  }

  edit(turn, text) {
    if (this.working) return toast("Wait for the answer, or stop it.");
    const view = this.views.get(turn.id);
    const area = el("textarea", { class: "fn-input", dir: "auto", rows: 2, "aria-label": "The question" });
    area.value = text || turn.question;
    const cancel = () => {
      form.replaceWith(view.question);
      view.actionsRow?.querySelector("button")?.focus();
    };
    const form = el("form", { class: "fn-edit", onsubmit: (event) => {
      event.preventDefault();
      if (area.value.trim()) this.repeat(turn, area.value);
    } }, area, el("div", { class: "fn-row" }, el("button", { class: "fn-button fn-primary", type: "submit" }, "Ask again"), button("Cancel", cancel)));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        cancel();
      }
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    view.question.replaceWith(form);
    area.focus();
  }

  // Forgets a question and what came after it, and asks it anew.
  async repeat(turn, question) {
    if (this.working) return toast("Wait for the answer, or stop it.");
    try {
      await call("cut", turn.id);
    } catch (error) {
      return toast(error.message);
    }
    this.page.panel.close();
    let gone = false;
    for (const [id, view] of [...this.views]) {
      gone ||= id === turn.id;
      if (!gone) continue;
      view.article.remove();
      this.views.delete(id);
    }
    if (innerWidth > 700) $("question").focus(); // what had the focus is gone
    await this.ask(question);
  }

  async judge(view, verdict, thumb) {
    const back = () => view.actionsRow.querySelector(`[data-thumb="${thumb}"]`).focus();
    const keep = async (reason) => {
      try {
        view.show((await call("judge", view.turn.id, verdict, reason)).turn);
        back();
        this.page.panel.renew(view.turn);
        toast(verdict ? "Thank you, it is kept." : "Taken back.");
      } catch (error) {
        toast(error.message);
      }
    };
    await keep("");
    if (!verdict) return;
    const input = el("input", { class: "fn-input", maxlength: 2000, dir: "auto", "aria-label": verdict === "up" ? "What was good? (optional)" : "What was wrong? (optional)", placeholder: verdict === "up" ? "What was good? (optional)" : "What was wrong? (optional)" });
    const form = el("form", { class: "fn-row fn-reason", onsubmit: (event) => {
      event.preventDefault();
      keep(input.value);
    } }, input, el("button", { class: "fn-button", type: "submit" }, "Keep"), button("Close", () => (form.remove(), back())));
    view.rest.append(form);
    input.focus();
  }

  async copy(turn, form) {
    closeMenus();
    try {
      const { text } = await call("take", turn.chat, turn.id, form);
      await navigator.clipboard.writeText(text);
      toast("Copied, with its quotes.");
    } catch (error) {
      toast(error.message || "The browser doesn't allow copying here.");
    }
  }

  async take(form) {
    closeMenus();
    try {
      const { text } = await call("take", this.id, "", form);
      const kind = { md: "text/markdown", html: "text/html", json: "application/json" }[form];
      const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` })), download: `chat.${form}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      toast(error.message);
    }
  }
}
