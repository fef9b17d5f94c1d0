// The list of chats: by day, searched, renamed, deleted.

import { call } from "./api.js";
import { $, confirmIn, el, iconButton, toast } from "./dom.js";

export class ChatList {
  // `open(id)` shows a chat, `removed(id)` hears that one is gone, `changed(chat)` that one has another title.
  constructor(actions) {
    this.actions = actions;
    this.current = null;
    let timer = 0;
    $("chat-search").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.refresh(), 200);
    });
  }

  async refresh() {
    try {
      this.show((await call("chats", $("chat-search").value)).chats);
    } catch (error) {
      toast(error.message);
    }
  }

  // The list is made anew: what had the focus in it gets it back.
  show(chats) {
    const back = this.back || this.held();
    this.back = null;
    this.draw(chats);
    if (back) this.focus(...back);
  }

  // Which chat's row has the focus, and on which of its buttons.
  held() {
    const item = document.activeElement?.closest("#fn-chats li");
    return item && [item.dataset.chat, document.activeElement.dataset.does];
  }

  // Where the chat is gone, a new one is next.
  focus(id, does) {
    const item = [...$("chats").querySelectorAll("li")].find((one) => one.dataset.chat === id);
    if (!item) return $("new").focus();
    item.querySelector("a").focus(); // its buttons are hidden until something in the row has the focus
    item.querySelector(`[data-does="${does}"]`)?.focus();
  }

  draw(chats) {
    this.chats = chats;
    const place = $("chats");
    if (!chats.length) {
      place.replaceChildren(el("p", { class: "fn-quiet" }, $("chat-search").value ? "No chat has these words." : "Your chats will be kept here."));
      return;
    }
    const groups = new Map();
    for (const chat of chats) {
      const name = day(chat.updated);
      groups.set(name, [...(groups.get(name) || []), chat]);
    }
    place.replaceChildren(...[...groups].map(([name, several]) => el("section", {}, el("h2", {}, name), el("ul", {}, several.map((chat) => this.item(chat))))));
    this.mark(this.current);
  }

  item(chat) {
    const link = el("a", { href: `#chat/${chat.id}`, dir: "auto", class: "fn-chat-link" }, chat.title);
    const item = el("li", { "data-chat": chat.id }, link,
      iconButton("edit", `Rename “${chat.title}”`, () => this.rename(chat, item), { "data-does": "rename" }),
      iconButton("bin", `Delete “${chat.title}”`, () => this.remove(chat, item), { "data-does": "remove" }));
    return item;
  }

  mark(id) {
    this.current = id;
    for (const item of $("chats").querySelectorAll("li")) {
      const link = item.querySelector("a");
      if (!link) continue;
      if (item.dataset.chat === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  rename(chat, item) {
    const input = el("input", { value: chat.title, "aria-label": "Title of the chat", maxlength: 80 });
    let over = false;
    const done = async (keep, byKey) => {
      if (over) return;
      over = true;
      if (byKey) this.back = [chat.id, "rename"];
      try {
        if (keep && input.value.trim()) this.actions.changed((await call("rename", chat.id, input.value)).chat);
      } catch (error) {
        toast(error.message);
      }
      await this.refresh();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") done(true, true);
      if (event.key === "Escape") {
        event.stopPropagation();
        done(false, true);
      }
    });
    input.addEventListener("blur", () => done(true));
    item.replaceChildren(input);
    input.select();
  }

  // Deleting asks once more, in its own place.
  remove(chat, item) {
    const no = () => {
      this.back = [chat.id, "remove"];
      this.show(this.chats);
    };
    const yes = async () => {
      try {
        await call("delete", chat.id);
        this.actions.removed(chat.id);
      } catch (error) {
        no();
        toast(error.message);
      }
      await this.refresh();
    };
    confirmIn(item, "Delete this chat?", "Delete", yes, no);
  }
}

function day(iso) {
  const then = new Date(iso);
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (then >= midnight) return "Today";
  if (then >= midnight - 86_400_000) return "Yesterday";
  return then >= midnight - 7 * 86_400_000 ? "This week" : "Earlier";
}
