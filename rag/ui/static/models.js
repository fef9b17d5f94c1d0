// What is being fetched, how far it is, and what the page can do meanwhile.

import { call } from "./api.js";
import { $, el, icon, size } from "./dom.js";

export class Models {
  constructor(changed) {
    this.changed = changed;
    this.state = { state: "opening" };
  }

  get quotesOnly() {
    return this.state.finder && (this.state.state === "opening" || this.state.state === "failed");
  }

  show(state) {
    this.state = state;
    const place = $("models");
    place.hidden = state.state === "ready" || state.state === "quotes";
    if (state.state === "opening") place.replaceChildren(...this.opening(state));
    if (state.state === "failed") {
      const meanwhile = state.finder ? " Until then answers are made of quotes only." : "";
      place.replaceChildren(icon("alert"), el("span", {}, `${state.why}${meanwhile}`));
    }
    this.changed();
    if (state.state === "opening") setTimeout(() => this.poll(), 1000);
  }

  async poll() {
    try {
      this.show(await call("models"));
    } catch {
      setTimeout(() => this.poll(), 5000);
    }
  }

  opening({ step, finder }) {
    const meanwhile = finder ? "You can ask already: answers are made of quotes until then." : "Questions wait for it.";
    if (!step) return [el("span", { class: "fn-dots", "aria-hidden": "true" }), el("span", {}, `Opening the ${finder ? "model that writes" : "model that searches"}. ${meanwhile}`)];
    const parts = [step.stage];
    if (step.unit === "bytes") {
      parts.push(step.total ? `${size(step.done)} of ${size(step.total)}` : size(step.done));
      if (step.speed > 0) parts.push(`${size(step.speed)} a second`);
      if (step.left !== null) parts.push(step.left > 90 ? `${Math.round(step.left / 60)} minutes left` : `${Math.ceil(step.left)} seconds left`);
    }
    const bar = step.total && step.done < step.total ? el("progress", { max: step.total, value: step.done, "aria-label": step.stage }) : el("span", { class: "fn-dots", "aria-hidden": "true" });
    return [bar, el("span", {}, `${parts.join(" · ")}. ${meanwhile}`)];
  }
}
