// The annotated article: which reading and which clock its colours and signs show. Without this script
// the words as printed are marked, and every verdict stands on the cards and in the table.
{
const make = (name, text, parent, set = {}) => {
  const node = Object.assign(document.createElement(name), set);
  if (text) node.textContent = text;
  parent.append(node);
  return node;
};
const css = (word) => "v-" + (word || "open").replaceAll(" ", "-");
const repaint = (node, word) => {
  node.className = node.className.replace(/\bv-[a-z-]+/, css(word));
};

for (const box of document.querySelectorAll(".defacto-clocks")) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const signs = Object.fromEntries(data.words);
  const views = [
    ["as printed in this copy", 0], [`as meant, known by ${data.known}`, 2], [`as meant, documented to ${data.since}`, 3],
  ];
  const fields = make("fieldset", "", box);
  make("legend", "Show the verdicts", fields);
  const said = make("p", "", box, { className: "said" });
  said.setAttribute("aria-live", "polite");
  const show = ([label, view]) => {
    const counts = {};
    for (const verdicts of Object.values(data.verdicts)) {
      const word = verdicts[view] || "left open";
      counts[word] = (counts[word] || 0) + 1;
    }
    for (const node of document.querySelectorAll(".annotated [data-c]")) {
      const word = data.verdicts[node.dataset.c][view];
      repaint(node, word);
      if (!node.classList.contains("chip")) continue;
      node.querySelector(".sign").textContent = signs[word] || "?";
      node.title = `Claim ${Number(node.dataset.c.slice(1))}: ${word || "left open"}`;
    }
    said.textContent = `Shown ${label}: ` + Object.entries(counts).sort((a, b) => b[1] - a[1])
      .map(([word, count]) => `${count} ${word}`).join(", ") + ".";
  };
  views.forEach((view, n) => {
    const label = make("label", "", fields);
    const input = make("input", "", label, { type: "radio", name: box.id, checked: n === 0 });
    make("span", view[0], label);
    input.addEventListener("change", () => show(view));
  });
  box.hidden = false;
}

// The table of all claims: words, chapter, type and verdict narrow it; headers sort it.
for (const box of document.querySelectorAll(".defacto-ledgerfilter")) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const table = box.parentElement.querySelector("table");
  const rows = [...table.tBodies[0].rows];
  const cell = (row, n) => row.cells[n].textContent.trim();
  const fields = make("fieldset", "", box);
  make("legend", "Find a claim", fields);
  const field = (text) => {
    const label = make("label", "", fields);
    make("span", text, label);
    return label;
  };
  const words = make("input", "", field("Words"), { type: "search" });
  const picks = Object.entries({ ...data.columns, Verdict: 4 }).map(([name, column]) => {
    const select = make("select", "", field(name));
    make("option", "all", select, { value: "" });
    const found = name === "Verdict" ? data.verdicts.filter((w) => rows.some((r) => has(r, column, w)))
      : [...new Set(rows.map((r) => cell(r, column)))].sort();
    for (const value of found) make("option", value, select, { value });
    return { select, column, name };
  });
  const said = make("p", "", box, { className: "said" });
  said.setAttribute("role", "status");
  function has(row, column, word) {
    return [...row.cells[column].querySelectorAll(".verdict")].some((v) => v.textContent.trim().endsWith(" " + word));
  }
  const narrow = () => {
    const asked = words.value.toLowerCase().trim();
    let left = 0;
    for (const row of rows) {
      const fits = row.textContent.toLowerCase().includes(asked) && picks.every(({ select, column, name }) =>
        !select.value || (name === "Verdict" ? has(row, column, ` ${select.value}`.trim()) : cell(row, column) === select.value));
      row.hidden = !fits;
      left += fits;
    }
    said.textContent = `${left} of ${rows.length} claims.`;
  };
  words.addEventListener("input", narrow);
  for (const { select } of picks) select.addEventListener("change", narrow);
  [...table.tHead.rows[0].cells].forEach((head, n) => {
    if (n === 1 || n === 4) return;
    const name = head.textContent.trim();
    head.replaceChildren();
    const button = make("button", name, head, { type: "button", title: "Sort by this column" });
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sorted = [...rows].sort((a, b) => cell(a, n).localeCompare(cell(b, n), "en", { numeric: true }) * (down ? -1 : 1));
      table.tBodies[0].append(...sorted);
    });
  });
  narrow();
  box.hidden = false;
}
}
