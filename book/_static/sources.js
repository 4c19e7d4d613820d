// The list of sources: words, kind, grade and chapter narrow it. Without this script the whole list
// stands as it is. The terms carry what they are as classes (k-, g-, c-).
for (const box of document.querySelectorAll("div.defacto-sources")) {
  const { lists } = JSON.parse(box.querySelector("script").textContent);
  const make = (name, text, parent, set = {}) => {
    const node = Object.assign(document.createElement(name), set);
    if (text) node.textContent = text;
    parent.append(node);
    return node;
  };
  const entries = [...document.querySelectorAll("dl.sources > dt")].map((term) => {
    const parts = [term];
    for (let next = term.nextElementSibling; next && next.tagName === "DD"; next = next.nextElementSibling) parts.push(next);
    return { term, parts, section: term.closest("section"), text: parts.map((p) => p.textContent).join(" ").toLowerCase() };
  });
  const fields = make("fieldset", "", box);
  make("legend", "Find sources", fields);
  const field = (text) => {
    const label = make("label", "", fields);
    make("span", text, label);
    return label;
  };
  const words = make("input", "", field("Words"), { type: "search" });
  const picks = lists.map(([name, values]) => {
    const select = make("select", "", field(name));
    make("option", "all", select, { value: "" });
    for (const [value, text] of values) make("option", text, select, { value });
    return select;
  });
  const said = make("p", "", box, { className: "said" });
  said.setAttribute("role", "status");
  const narrow = () => {
    const asked = words.value.toLowerCase().trim();
    const left = new Map();
    let shown = 0;
    for (const { term, parts, section, text } of entries) {
      const fits = text.includes(asked) && picks.every(({ value }) => !value || term.classList.contains(value));
      for (const part of parts) part.hidden = !fits;
      left.set(section, (left.get(section) ?? 0) + fits);
      shown += fits;
    }
    for (const [section, number] of left) section.hidden = number === 0;
    said.textContent = `${shown} of ${entries.length} sources.`;
  };
  words.addEventListener("input", narrow);
  for (const select of picks) select.addEventListener("change", narrow);
  // A link to a source shows it, whatever is narrowed away.
  const reveal = () => {
    const aim = location.hash.startsWith("#source-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (aim && aim.hidden) {
      words.value = "";
      for (const select of picks) select.value = "";
      narrow();
      aim.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  narrow();
  box.hidden = false;
}
