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
}
