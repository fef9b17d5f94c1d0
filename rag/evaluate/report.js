"use strict";
// Filters and orders the cases; without it all of them are there, worst first.
(function () {
  const list = document.getElementById("cases");
  if (!list) return;
  const filters = document.getElementById("filters");
  const count = document.getElementById("count");
  const cases = Array.from(list.querySelectorAll("details.case"));
  const words = new Map(cases.map((one) => [one, one.textContent.toLowerCase()]));
  const value = (name) => filters.elements[name].value;

  function show() {
    const wanted = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of cases) {
      const fits = (!value("type") || one.dataset.type === value("type"))
        && (!value("verdict") || one.dataset.verdict === value("verdict"))
        && wanted.every((word) => words.get(one).includes(word));
      one.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown + " of " + cases.length + " cases";
  }

  function order() {
    const by = { worst: (one) => +one.dataset.rank, file: (one) => +one.dataset.place, slow: (one) => -one.dataset.seconds };
    const key = by[value("order")];
    cases.sort((one, other) => key(one) - key(other)).forEach((one) => list.append(one));
  }

  filters.hidden = false;
  filters.addEventListener("input", show);
  filters.addEventListener("change", () => { order(); show(); });
  filters.addEventListener("submit", (event) => event.preventDefault());
  show();
  // Printed, a closed case would show nothing of what is in it.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = cases.filter((one) => !one.open && !one.hidden);
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
})();
