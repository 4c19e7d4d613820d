// Long tables: words and chosen values narrow the rows, headers sort them. Without this script the
// whole table stands as it is. What is asked for comes with the page, as JSON beside the table:
// `filter` and `fixed` are columns (from zero) with a list of values and without sorting.
{
const make = (name, text, parent, set = {}) => {
  const node = Object.assign(document.createElement(name), set);
  if (text) node.textContent = text;
  parent.append(node);
  return node;
};
const cell = (row, n) => row.cells[n].textContent.trim();
// A cell may hold several verdicts, each with its sign; any other cell is one value.
const values = (row, n) => {
  const verdicts = [...row.cells[n].querySelectorAll(".verdict")];
  return verdicts.length ? verdicts.map((v) => v.textContent.trim().replace(/^\S+ /, "")) : [cell(row, n)];
};
const numeric = (text) => {
  const plain = text.replace(/[,\s]|%$/g, "").replace("−", "-");
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
};
// A day that is known about stands where it stands: "about 2025-11-25".
const text = (words) => words.replace(/^about (?=\d{4})/, "");
// Numbers by size, all else as text; what is missing comes last either way.
const compare = (a, b, down) => {
  const gone = (a === "–") - (b === "–");
  if (gone) return gone;
  const [x, y] = [numeric(a), numeric(b)];
  const order = Number.isNaN(x) || Number.isNaN(y) ? text(a).localeCompare(text(b), "en", { numeric: true }) : x - y;
  return down ? -order : order;
};

for (const box of document.querySelectorAll("div.defacto-rows")) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const table = box.parentElement.querySelector("table");
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const fields = make("fieldset", "", box);
  make("legend", `Find ${data.noun}`, fields);
  const field = (text) => {
    const label = make("label", "", fields);
    make("span", text, label);
    return label;
  };
  const words = make("input", "", field("Words"), { type: "search" });
  const rank = (value) => (data.order ? data.order.indexOf(value) : 0);
  const picks = data.filter.map((column) => {
    const select = make("select", "", field(heads[column].textContent.trim()));
    make("option", "all", select, { value: "" });
    const found = [...new Set(rows.flatMap((row) => values(row, column)))];
    for (const value of found.sort((a, b) => rank(a) - rank(b) || compare(a, b))) make("option", value, select, { value });
    return { select, column };
  });
  const said = make("p", "", box, { className: "said" });
  said.setAttribute("role", "status");
  const narrow = () => {
    const asked = words.value.toLowerCase().trim();
    let left = 0;
    for (const row of rows) {
      const fits = row.textContent.toLowerCase().includes(asked)
        && picks.every(({ select, column }) => !select.value || values(row, column).includes(select.value));
      row.hidden = !fits;
      left += fits;
    }
    said.textContent = `${left} of ${rows.length} ${data.noun}.`;
  };
  words.addEventListener("input", narrow);
  for (const { select } of picks) select.addEventListener("change", narrow);
  heads.forEach((head, n) => {
    if (data.fixed?.includes(n)) return;
    const name = head.textContent.trim();
    head.replaceChildren();
    const button = make("button", name, head, { type: "button", title: "Sort by this column" });
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      table.tBodies[0].append(...[...rows].sort((a, b) => compare(cell(a, n), cell(b, n), down)));
    });
  });
  // A link to a row shows it, whatever is narrowed away.
  const reveal = () => {
    const aim = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const row = aim && aim.closest("tr");
    if (row && row.hidden && table.contains(row)) {
      words.value = "";
      for (const { select } of picks) select.value = "";
      narrow();
      aim.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  narrow();
  box.hidden = false;
}
}
