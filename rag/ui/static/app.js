// The chat page put together. The markup is in shell.html; Gradio puts it into the document.

import { address, call, stream } from "./api.js";
import { Chat } from "./chat.js";
import { ChatList } from "./chats.js";
import { Documents } from "./documents.js";
import { $, button, closeMenus, counted, el, toast } from "./dom.js";
import { Models } from "./models.js";
import { Panel } from "./panel.js";
import { Preferences } from "./settings.js";
import { watchChips } from "./tip.js";

class Page {
  constructor() {
    this.preferences = new Preferences();
    this.panel = new Panel();
    this.chosen = null;
    this.collections = [];
    this.list = new ChatList({ removed: (id) => id === this.chat.id && this.fresh(), changed: () => {} });
    this.models = new Models(() => this.changed());
    this.documents = new Documents(this);
    this.chat = new Chat(this);
  }

  async begin() {
    this.wire();
    this.start = await call("start");
    const { collection, collections, readable, most } = this.start;
    Object.assign(this, { collection, readable, most });
    this.setCollections(collections);
    this.list.show(this.start.chats);
    this.models.show(this.start.models);
    if (this.start.user) {
      $("user").hidden = false;
      $("user").replaceChildren(el("span", { dir: "auto" }, this.start.user), el("form", { method: "post", action: address("ui/logout") }, el("button", { class: "fn-link" }, "Log out")));
    }
    $("question").maxLength = 100000;
    document.getElementById("fn").dataset.state = "ready";
    await this.route();
    if (innerWidth > 700) $("question").focus();
  }

  wire() {
    watchChips(document.getElementById("fn"));
    $("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    $("question").addEventListener("input", () => this.grow());
    $("question").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    $("stop").addEventListener("click", () => this.chat.stop());
    $("new").addEventListener("click", () => this.fresh());
    $("documents-open").addEventListener("click", () => this.documents.open());
    $("settings-open").addEventListener("click", () => this.preferences.open(this.start));
    $("collection").addEventListener("change", () => this.setCollection($("collection").value));
    for (const item of $("export").querySelectorAll("[data-form]")) item.addEventListener("click", () => this.chat.take(item.dataset.form));
    $("side-open").addEventListener("click", () => this.drawer(true));
    $("side-close").addEventListener("click", () => this.drawer(false));
    $("veil").addEventListener("click", () => this.drawer(false));
    $("chats").addEventListener("click", (event) => event.target.closest("a") && this.isDrawerOpen && this.drawer(false));
    addEventListener("hashchange", () => this.route());
    document.addEventListener("click", (event) => closeMenus(event.target));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && this.documents.open());
  }

  key(event) {
    const typing = event.target.matches("input, textarea, select") || document.querySelector("dialog[open]");
    if (event.key === "Escape") {
      const menu = document.querySelector(".fn-menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      } else if (this.isDrawerOpen) this.drawer(false);
      else if (!document.querySelector("dialog[open]")) this.panel.close();
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "[") this.panel.step(-1);
    if (event.key === "]") this.panel.step(1);
    if (event.key === "/") {
      event.preventDefault();
      $("question").focus();
    }
  }

  get isDrawerOpen() {
    return $("side").classList.contains("fn-open");
  }

  drawer(open) {
    $("side").classList.toggle("fn-open", open);
    $("veil").hidden = !open;
    $("side-open").setAttribute("aria-expanded", String(open));
    (open ? $("side-close") : $("side-open")).focus();
  }

  // Shows what the address names: a chat, or an empty page.
  async route() {
    const id = /^#chat\/([0-9a-f]+)$/.exec(location.hash)?.[1];
    if (this.isDrawerOpen) this.drawer(false);
    if (id && id === this.chat.id) return;
    this.panel.close();
    if (!id) {
      this.chat.reset();
      this.list.mark(null);
      return;
    }
    try {
      const chat = await this.chat.open(id);
      this.list.mark(id);
      if (this.collections.some((one) => one.name === chat.collection)) await this.setCollection(chat.collection);
    } catch (error) {
      toast(error.message);
      this.fresh();
    }
  }

  fresh() {
    if (location.hash) history.pushState(null, "", location.pathname);
    this.route();
    $("question").focus();
  }

  wish() {
    const chosen = this.preferences.wish(this.start);
    const own = !chosen.model || chosen.model === this.start.choices[0].name;
    return { collection: this.collection, documents: this.chosen ? [...this.chosen] : null, ...chosen, quotes_only: own && this.models.quotesOnly };
  }

  send() {
    const question = $("question").value;
    if (!question.trim() || this.chat.working) return;
    $("question").value = "";
    this.grow();
    this.chat.ask(question);
  }

  // A question that never reached the server stands where it was typed, to be sent again.
  unsent(question) {
    if ($("question").value) return;
    $("question").value = question;
    this.grow();
  }

  grow() {
    const area = $("question");
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 200)}px`;
  }

  setCollections(collections) {
    this.collections = collections;
    const names = collections.map((one) => one.name);
    if (!names.includes(this.collection)) names.unshift(this.collection);
    $("collection").replaceChildren(...names.map((name) => el("option", { value: name }, name)));
    $("collection").value = this.collection;
    this.changed();
  }

  async setCollection(name) {
    if (name !== this.collection) this.chosen = null;
    this.collection = name;
    if (!this.collections.some((one) => one.name === name)) this.collections.push({ name, documents: 0, passages: 0 });
    this.setCollections(this.collections);
    if (this.documents.dialog.open) await this.documents.refresh();
  }

  choose(ids) {
    this.chosen = ids;
    this.changed();
  }

  askAll() {
    this.choose(null);
    $("question").focus();
  }

  openDocument(id, dialog) {
    dialog.close();
    this.panel.openDocument(id, $("documents-open"));
  }

  // Brings what depends on anything up to date: counts, buttons, the empty page.
  changed() {
    if (!this.start) return;
    const here = this.collections.find((one) => one.name === this.collection) || { documents: 0, passages: 0 };
    $("count").textContent = here.documents ? `${counted(here.documents, "document")} · ${counted(here.passages, "passage")}` : "No documents yet";
    $("question").placeholder = here.documents ? "Ask about these documents…" : "Add documents, then ask about them…";
    this.swap();
    const asked = this.chosen ? `Asking ${this.chosen.size} of ${counted(here.documents, "document")}. ` : "";
    $("hint").replaceChildren(asked, asked ? el("button", { type: "button", class: "fn-link", onclick: () => this.askAll() }, "Ask all") : "Every sentence of an answer is checked against your documents.");
    const empty = !$("log").childElementCount && !this.chat.working;
    $("empty").hidden = !empty;
    if (empty) this.drawEmpty(here);
  }

  // Ask or Stop: one of them is there. The one that goes takes the focus along, unless it is given on; on a phone not to
  // the question, where it would bring the keyboard up.
  swap() {
    const [there, gone] = this.chat.working ? [$("stop"), $("ask")] : [$("ask"), $("stop")];
    const had = document.activeElement === gone;
    there.hidden = false;
    gone.hidden = true;
    if (had) (innerWidth > 700 ? $("question") : there).focus();
  }

  drawEmpty(here) {
    const none = !here.documents;
    const isSample = this.collection === "sample";
    const intro = el("div", {}, el("h1", {}, "Ask your documents"), el("p", {}, "Every sentence of an answer carries a quote that was checked against the document, word for word. What your documents don’t say, it doesn’t say."));
    const nodes = [intro];
    if (none) nodes.push(el("div", { class: "fn-row" }, button("Try it on the sample folder", () => this.sample(), { class: "fn-button fn-primary" }), button("Add your documents", () => this.documents.open())));
    if (none || isSample) {
      const examples = this.start.examples.map((question) => el("li", {}, el("button", { type: "button", class: "fn-example", onclick: () => this.example(question) }, question)));
      nodes.push(el("div", {}, el("h2", {}, isSample ? "Ask the sample folder" : "Questions over the sample folder"), el("ul", { class: "fn-examples" }, examples)));
    }
    nodes.push(el("p", { role: "status", class: "fn-quiet", id: "fn-empty-status" }));
    $("empty").replaceChildren(...nodes);
  }

  async sample() {
    if (this.sampling) return false;
    this.sampling = true;
    try {
      for await (const event of stream("sample")) {
        if (event.type === "refused") throw new Error(event.message);
        const status = $("empty-status");
        if (event.type === "reading" && status) status.textContent = `Reading ${event.file}, ${event.done} of ${event.total} read`;
      }
      const { collections } = await call("documents", "sample");
      this.collections = collections;
      await this.setCollection("sample");
      return true;
    } catch (error) {
      toast(error.message);
      return false;
    } finally {
      this.sampling = false;
    }
  }

  async example(question) {
    if (this.collection !== "sample" && !(await this.sample())) return;
    if (!this.chat.working) this.chat.ask(question);
  }
}

// Gradio puts the markup in when it is ready.
function whenThere(id) {
  return new Promise((resolve) => {
    const look = () => document.getElementById(id) && (watcher.disconnect(), resolve());
    const watcher = new MutationObserver(look);
    watcher.observe(document.documentElement, { childList: true, subtree: true });
    look();
  });
}

document.documentElement.lang = "en";
whenThere("fn-toast").then(() => {
  window.footnote = new Page();
  return window.footnote.begin();
}).catch((error) => toast(error.message));
