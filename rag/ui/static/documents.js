// Documents: bring them, see what became of each file, list, filter, remove, choose which ones a question may use.

import { call, send, stream } from "./api.js";
import { $, button, confirmIn, counted, el, icon, iconButton, size, toast } from "./dom.js";

const OUTCOME = { added: "Added", updated: "Updated", moved: "Moved", unchanged: "Unchanged", removed: "Removed", skipped: "Not read", failed: "Couldn’t be read" };
const AT_ONCE = 3;

export class Documents {
  // `page` tells the collection and the choice of documents, and hears when either changes.
  constructor(page) {
    this.page = page;
    this.dialog = $("documents");
    this.listed = [];
    this.rows = new Map();
    this.build();
  }

  build() {
    this.files = el("input", { type: "file", multiple: true, hidden: true, onchange: () => this.bring(named(this.files.files), this.files) });
    this.folder = el("input", { type: "file", webkitdirectory: true, hidden: true, onchange: () => this.bring(named(this.folder.files), this.folder) });
    this.into = el("input", { class: "fn-input", id: "fn-into", autocomplete: "off", maxlength: 200, "aria-describedby": "fn-into-hint" });
    this.drop = el("div", { class: "fn-drop" }, el("p", {}, "Drop files, a folder or a zip here"), el("div", { class: "fn-row" }, button("Choose files", () => this.files.click()), button("Choose a folder", () => this.folder.click())),
      el("details", { class: "fn-kinds fn-quiet" }, el("summary", { id: "fn-kinds-most" }), el("p", { id: "fn-kinds" })), this.files, this.folder);
    this.status = el("p", { role: "status", class: "fn-quiet" });
    this.askButton = button("Ask about them", () => this.done(), { class: "fn-button fn-primary", hidden: true });
    this.bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": "Progress of the upload" });
    this.outcomes = el("ul", { class: "fn-outcomes", "aria-label": "What became of each file" });
    this.filter = el("input", { type: "search", class: "fn-input", placeholder: "Filter by title or file", "aria-label": "Filter the documents", oninput: () => this.draw() });
    this.all = el("input", { type: "checkbox", onchange: () => this.chooseAll(this.all.checked) });
    this.table = el("ul", { class: "fn-listed" });
    this.summary = el("p", { class: "fn-quiet" });
    this.removeButton = button("Remove the ticked ones", () => this.remove(this.listed.filter((one) => this.page.chosen?.has(one.id)), this.removeRow), { class: "fn-button fn-danger-quiet" });
    this.removeRow = el("div", { class: "fn-row" }, this.removeButton);
    this.dialog.append(
      el("header", { class: "fn-dialog-head" }, el("h2", { id: "fn-documents-title" }, "Documents"), iconButton("close", "Close", () => this.dialog.close())),
      el("div", { class: "fn-dialog-body" },
        el("section", {}, el("label", { class: "fn-field", for: "fn-into" }, "Add to collection"), this.into, el("p", { class: "fn-quiet", id: "fn-into-hint" }, "A new name makes a new collection."), this.drop, this.bar, el("div", { class: "fn-row fn-ended" }, this.status, this.askButton), this.outcomes),
        el("section", {}, el("h3", {}, "In this collection"), el("div", { class: "fn-row" }, this.filter, el("label", { class: "fn-check" }, this.all, "Ask all of them")), this.summary, this.table, this.removeRow)));
    for (const kind of ["dragenter", "dragover"]) this.dialog.addEventListener(kind, (event) => this.over(event, true));
    for (const kind of ["dragleave", "drop"]) this.dialog.addEventListener(kind, (event) => this.over(event, false));
    this.dialog.addEventListener("drop", async (event) => this.bring(await dropped(event.dataTransfer)));
  }

  over(event, on) {
    event.preventDefault();
    this.drop.classList.toggle("fn-over", on);
  }

  // Does nothing while it is open: what is dragged over it asks for it again and again, and must not undo what was typed.
  async open() {
    if (this.dialog.open) return;
    $("kinds-most").textContent = `What can be read? Up to ${size(this.page.most.bytes)} a file.`;
    $("kinds").textContent = this.page.readable.join(" ");
    this.into.value = this.page.collection;
    this.dialog.showModal();
    await this.refresh();
  }

  async refresh() {
    try {
      const { documents, collections } = await call("documents", this.page.collection);
      this.listed = documents;
      this.page.setCollections(collections);
      this.draw();
    } catch (error) {
      toast(error.message);
    }
  }

  draw() {
    const words = this.filter.value.toLowerCase();
    const chosen = this.page.chosen;
    const shown = this.listed.filter((one) => `${one.title} ${one.file}`.toLowerCase().includes(words));
    this.table.replaceChildren(...shown.map((one) => {
      const box = el("input", { type: "checkbox", "aria-label": `Ask “${one.title}”`, onchange: () => this.choose(one.id, box.checked) });
      box.checked = !chosen || chosen.has(one.id);
      const facts = [one.file !== one.title && one.file, one.date, counted(one.passages, "passage")].filter(Boolean).join(" · ");
      return el("li", {}, box, el("button", { type: "button", class: "fn-title", dir: "auto", onclick: () => this.page.openDocument(one.id, this.dialog) }, one.title), el("span", { class: "fn-quiet", dir: "auto" }, facts),
        iconButton("bin", `Remove “${one.title}”`, (event) => this.remove([one], event.currentTarget.closest("li"))));
    }));
    this.all.checked = !chosen;
    this.removeRow.replaceChildren(this.removeButton);
    this.removeButton.hidden = !chosen;
    this.summary.textContent = this.listed.length ? `${counted(this.listed.length, "document")}${words ? `, ${shown.length} shown` : ""}. Questions use the ticked ones.` : "There are none yet.";
  }

  choose(id, on) {
    const chosen = new Set(this.page.chosen || this.listed.map((one) => one.id));
    if (on) chosen.add(id);
    else chosen.delete(id);
    this.page.choose(chosen.size === this.listed.length ? null : chosen);
    this.draw();
  }

  chooseAll(on) {
    this.page.choose(on ? null : new Set());
    this.draw();
  }

  // Asks once more in the row of what is to go; what then has the focus is the next row, or the button that was pressed.
  remove(gone, row) {
    if (!gone.length) return;
    const place = [...this.table.children].indexOf(row);
    const focus = (selector) => ((place < 0 ? this.removeRow : this.table.children[Math.min(place, this.table.children.length - 1)])?.querySelector(selector) || this.filter).focus();
    const no = () => {
      this.draw();
      focus(place < 0 ? "button" : ".fn-icon");
    };
    const yes = async () => {
      try {
        await call("remove", gone.map((one) => one.id));
        this.page.choose(null);
      } catch (error) {
        no();
        return toast(error.message);
      }
      await this.refresh();
      focus(".fn-title");
    };
    const what = gone.length === 1 ? `“${gone[0].title}”` : counted(gone.length, "document");
    confirmIn(row, `Remove ${what} from the collection? The original files stay; uploaded copies go. Chats keep their quotes.`, "Remove", yes, no);
  }

  // Sends the files, has them read, and shows what became of each.
  async bring(files, input) {
    if (!files.length) return;
    if (this.busy) return toast("Wait until the files before are in.");
    if (files.length > this.page.most.files) return this.fail(`${files.length} files at once are too many; up to ${this.page.most.files} are accepted.`);
    this.busy = true;
    this.askButton.hidden = true;
    this.outcomes.replaceChildren();
    this.rows.clear();
    for (const { name } of files) this.begun(name);
    this.status.textContent = `Sending ${counted(files.length, "file")}`;
    const collection = this.into.value.trim() || this.page.collection;
    this.elsewhere = collection !== this.page.collection;
    try {
      const { batch } = await call("batch");
      await this.sendAll(batch, files);
      await this.read(stream("add", batch, collection));
      this.page.choose(null);
      await this.page.setCollection(collection);
      await this.refresh();
    } catch (error) {
      this.fail(error.message);
    } finally {
      // What has no outcome of its own only held other files, and those are listed.
      for (const row of this.rows.values()) row.remove();
      this.busy = false;
      this.bar.hidden = true;
      if (input) input.value = "";
    }
  }

  async sendAll(batch, files) {
    const share = files.map(() => 0);
    const waiting = files.map((file, index) => [file, index]);
    this.bar.hidden = false;
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [{ file, name }, index] = next;
        const tell = (part) => {
          share[index] = part;
          this.tell(name, part < 1 ? `Sending, ${Math.round(part * 100)} %` : "Sent", part);
          this.bar.value = share.reduce((sum, one) => sum + one, 0) / files.length;
          this.status.textContent = `Sending ${name} (${Math.round(part * 100)} %), ${share.filter((one) => one === 1).length} of ${files.length} sent`;
        };
        try {
          await send(batch, file, name, tell);
        } catch (error) {
          this.outcome({ file: name, outcome: "failed", reason: error.message });
        }
        tell(1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  // Shows the events of a reading; returns the name of the collection.
  async read(events) {
    this.bar.hidden = false;
    let into = null;
    for await (const event of events) {
      if (event.type === "refused") throw new Error(event.message);
      if (event.type === "reading") {
        this.bar.value = event.total ? event.done / event.total : 1;
        this.status.textContent = `Reading ${event.file}, ${event.done} of ${event.total} read`;
        for (const name of event.files) this.tell(name, "Reading", null);
      }
      if (event.type === "file") this.outcome(event);
      if (event.type === "end") {
        into = event.collection;
        const counts = Object.keys(OUTCOME).filter((name) => event.counts[name]).map((name) => `${event.counts[name]} ${OUTCOME[name].toLowerCase()}`);
        this.askButton.hidden = !(event.counts.added || event.counts.updated);
        this.status.textContent = counts.length ? `Done: ${counts.join(", ")}.` : "Done: there was nothing to read.";
      }
    }
    return into;
  }

  // A row for a file on its way, with a bar of its own until it is known what became of it.
  begun(name) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": `Progress of ${name}` });
    const what = el("span", { class: "fn-quiet" }, "Waiting");
    const row = el("li", { class: "fn-outcome fn-under-way" }, el("span", { class: "fn-outcome-name", dir: "auto" }, name), bar, what);
    Object.assign(row, { bar, what });
    this.rows.set(name, row);
    this.outcomes.append(row);
  }

  // `share` of it is through; null where that can't be known.
  tell(name, text, share) {
    const row = this.rows.get(name);
    if (!row) return;
    row.what.textContent = text;
    if (share === null) row.bar.removeAttribute("value");
    else row.bar.value = share;
  }

  outcome(event) {
    this.rows.get(event.file)?.remove();
    this.rows.delete(event.file);
    const bad = event.outcome === "failed" || event.outcome === "skipped";
    const text = reason(event) || (event.passages && counted(event.passages, "passage")) || "";
    const item = el("li", { class: `fn-outcome fn-${event.outcome}` }, el("span", { class: "fn-outcome-name", dir: "auto" }, event.file), el("span", { class: "fn-outcome-what" }, icon(bad ? "alert" : "check"), OUTCOME[event.outcome]), el("span", { class: "fn-quiet", dir: "auto" }, text));
    // What went wrong stands first and stays until it is dismissed.
    if (bad) item.append(el("span", { class: "fn-outcome-do" }, iconButton("copy", `Copy what went wrong with ${event.file}`, () => navigator.clipboard.writeText(`${event.file}: ${text}`).then(() => toast("Copied."))), iconButton("close", `Dismiss ${event.file}`, () => item.remove())));
    if (bad) this.outcomes.prepend(item);
    else this.outcomes.append(item);
  }

  fail(message) {
    this.status.textContent = "";
    this.outcomes.prepend(el("li", { class: "fn-note fn-problem", role: "alert" }, icon("alert"), message));
  }

  // After files were brought: back to the question, in a new chat where they went into another collection.
  done() {
    this.dialog.close();
    if (this.elsewhere) this.page.fresh();
    else $("question").focus();
  }
}

// Why, without the file's name, which stands in front of it anyway.
function reason({ file, reason: said }) {
  const name = [file, file.split("/").at(-1)].find((one) => said?.startsWith(`${one}: `));
  return name ? `${said[name.length + 2].toUpperCase()}${said.slice(name.length + 3)}` : said;
}

function named(files) {
  return [...files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
}

// The files of what was dropped, those in folders with their path.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return named(transfer.files);
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) return void found.push({ file: await new Promise((yes, no) => entry.file(yes, no)), name: entry.fullPath.replace(/^\//, "") });
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!some.length) return;
      for (const one of some) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return found.filter(({ name }) => !name.split("/").some((part) => part.startsWith(".")));
}
