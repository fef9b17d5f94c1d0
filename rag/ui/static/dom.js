// Builds the page out of text: whatever comes from a document or a model is put in as text, never as HTML.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const $ = (id) => document.getElementById(`fn-${id}`);

const PATHS = {
  check: "M4 10.5l4 4 8-9",
  up: "M6 9l4-6c1.5 0 2 1 1.700 2.500L11 8h4.500c1 0 1.600.9 1.300 1.800l-1.700 5.700c-.2.600-.800 1-1.400 1H6zM6 9H3v7.500h3",
  down: "M14 11l-4 6c-1.500 0-2-1-1.700-2.500L9 12H4.500c-1 0-1.600-.9-1.300-1.800l1.700-5.700c.2-.600.800-1 1.400-1H14zM14 11h3V3.500h-3",
  copy: "M7 7h9v10H7zM4 13V3h9",
  edit: "M4 16l.700-3.300L13 4.400l2.600 2.600-8.300 8.300z",
  again: "M15.500 6.500A6.500 6.500 0 1 0 16.500 11M16 3v4h-4",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  next: "M8 4l6 6-6 6",
  larger: "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.700 12.700L17 17M9 7v4M7 9h4",
  bin: "M4 6h12M8 6V4h4v2M6 6l.700 10h6.600L14 6",
  alert: "M10 3l7.500 13.500h-15zM10 8v4M10 14.200v.3",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function button(label, action, properties = {}) {
  return el("button", { type: "button", class: "fn-button", onclick: action, ...properties }, label);
}

export function iconButton(name, label, action, properties = {}) {
  return el("button", { type: "button", class: "fn-icon", "aria-label": label, title: label, onclick: action, ...properties }, icon(name));
}

// Asks once more, in the place of what it is about; `no` puts back what was there, and Escape is a no.
export function confirmIn(place, question, verb, yes, no) {
  let over = false;
  const once = (action) => () => {
    if (over) return;
    over = true;
    action();
  };
  const act = button(verb, once(yes), { class: "fn-button fn-danger" });
  const asked = el("div", { class: "fn-asked", role: "group", "aria-label": question }, el("span", { class: "fn-asked-what", dir: "auto" }, question), act, button("Keep", once(no)));
  asked.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // it would close the dialog around it
    event.stopPropagation();
    once(no)();
  });
  place.replaceChildren(asked);
  act.focus();
}

export const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

export function size(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

let toastTimer = 0;
export function toast(message) {
  const place = $("toast");
  place.textContent = message;
  place.classList.add("fn-shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.classList.remove("fn-shown"), 4000);
}

// Enter and Space on a summary are the browser's own; leaving the menu closes it.
export function closeMenus(except) {
  for (const menu of document.querySelectorAll(".fn-menu[open]")) if (!except || !menu.contains(except)) menu.open = false;
}
