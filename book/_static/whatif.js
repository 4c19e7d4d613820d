// A reading aid: the reader weighs the issue groups, and sees which text lies nearest to each side.
// Computed here, from the published codes in the page; nothing is sent or fetched.
// Codes are letters, one an issue: a to g for the steps from minus to plus three, a dot for none.
function whatIf(data, weights) {
  const rows = {};
  for (const [side, end] of Object.entries(data.ends)) {
    const own = data.texts.find((text) => text.id === end).codes;
    rows[side] = data.texts.filter((text) => text.id !== end).map((text) => {
      let sum = 0, weight = 0, issues = 0;
      [...text.codes].forEach((code, i) => {
        const w = weights[data.issues[i]];
        if (code === "." || own[i] === "." || w === 0) return;
        sum += w * Math.abs(code.charCodeAt(0) - own.charCodeAt(i));
        weight += w;
        issues += 1;
      });
      return { label: text.label, distance: sum / weight, issues };
    }).filter((row) => row.issues >= data.least)
      .sort((a, b) => a.distance - b.distance).slice(0, data.shown);
  }
  return rows;
}

for (const box of document.querySelectorAll(".defacto-whatif")) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const make = (name, text, parent, set = {}) => {
    const node = Object.assign(document.createElement(name), set);
    if (text) node.textContent = text;
    parent.append(node);
    return node;
  };
  const fields = make("fieldset", "", box);
  make("legend", "Reading aid, not a forecast: how much should each group of issues count?", fields);
  const grid = make("div", "", fields);
  const inputs = data.groups.map((group) => {
    const label = make("label", "", grid);
    make("span", group, label);
    const input = make("input", "", label, { type: "range", min: "0", max: "4", step: "1", value: "1" });
    const shown = make("output", "1", label);
    input.addEventListener("input", () => { shown.textContent = input.value; show(); });
    return input;
  });
  const reset = make("button", "All equal again", box, { type: "button" });
  reset.addEventListener("click", () => {
    for (const input of inputs) { input.value = "1"; input.nextSibling.textContent = "1"; }
    show();
  });
  const result = make("div", "", box);
  result.setAttribute("aria-live", "polite");

  function show() {
    const rows = whatIf(data, inputs.map((input) => Number(input.value)));
    result.replaceChildren();
    for (const [side, list] of Object.entries(rows)) {
      const end = data.texts.find((text) => text.id === data.ends[side]).label;
      const table = make("table", "", result);
      make("caption", `Nearest to ${side} (${end})`, table);
      const head = make("tr", "", make("thead", "", table));
      for (const [text, number] of [["Text", false], ["Mean gap, steps", true], ["Issues compared", true]]) {
        make("th", text, head, { scope: "col", className: number ? "num" : "" });
      }
      const body = make("tbody", "", table);
      if (!list.length) make("td", "No text codes enough of these issues.", make("tr", "", body), { colSpan: 3 });
      for (const row of list) {
        const line = make("tr", "", body);
        make("th", row.label, line, { scope: "row" });
        make("td", row.distance.toFixed(2), line, { className: "num" });
        make("td", String(row.issues), line, { className: "num" });
      }
    }
  }
  show();
  box.hidden = false;
}
