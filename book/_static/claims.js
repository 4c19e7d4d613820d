// The annotated article: which reading and which clock its colours and signs show, and a note on each
// claim in place. Without this script the words as printed are marked, each number leads to its claim,
// and every verdict stands on the cards and in the table.
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
  const text = box.parentElement.querySelector(".annotated");
  const key = [...box.parentElement.querySelectorAll(".ledger-key li")];
  const chips = [...text.querySelectorAll("a.chip")];
  const chip = (claim) => chips.find((c) => c.dataset.c === claim);
  const verdict = (claim, view) => data.claims[claim][1 + view];
  const state = { reading: "printed", clock: "since" };
  const view = () => (state.reading === "printed" ? 0 : state.clock === "known" ? 2 : 3);

  // Two switches: the reading, and for the meant one the clock.
  const group = (name, legend, choices) => {
    const fields = make("fieldset", "", box);
    make("legend", legend, fields);
    for (const [value, words] of choices) {
      const label = make("label", "", fields);
      const input = make("input", "", label, { type: "radio", name: `${box.id}-${name}`, value, checked: state[name] === value });
      make("span", words, label);
      input.addEventListener("change", () => { state[name] = value; show(); });
    }
    return fields;
  };
  group("reading", "Reading", [["printed", "as printed in this copy"], ["meant", "as meant"]]);
  const clock = group("clock", "Clock", [["known", `then: known by ${data.known}`], ["since", `since: documented to ${data.since}`]]);
  const said = make("p", "", box, { className: "said" });
  said.setAttribute("role", "status");

  const show = () => {
    const printed = state.reading === "printed", counts = {};
    clock.disabled = printed;
    for (const claim of Object.keys(data.claims)) {
      const word = verdict(claim, view()) || "left open";
      counts[word] = (counts[word] || 0) + 1;
    }
    for (const node of text.querySelectorAll("[data-c]")) {
      const word = verdict(node.dataset.c, view());
      repaint(node, word);
      if (!node.classList.contains("chip")) continue;
      node.querySelector(".sign").textContent = signs[word] || "?";
      node.title = `Claim ${Number(node.dataset.c.slice(1))}: ${word || "left open"}`;
    }
    for (const item of key) {
      const count = counts[item.dataset.w] || 0;
      item.hidden = !count;
      (item.querySelector(".count") || make("span", "", item, { className: "count" })).textContent = ` ${count}`;
    }
    text.classList.toggle("meant", !printed);
    for (const words of text.querySelectorAll(".restored")) words.hidden = printed;
    said.textContent = printed
      ? "The words as they stand in this copy. They have one verdict each."
      : "Struck through: words that this copy altered. In brackets: the original, or in italics what the context restores."
        + (counts["left open"] ? ` Left open: ${counts["left open"]}.` : "");
  };

  // The note on a claim, under its paragraph: arrows lead to its neighbours, Escape closes it.
  const note = make("section", "", text, { className: "claim-note", hidden: true, id: `${box.id}-note`, tabIndex: -1 });
  let open = null;
  const close = (back) => {
    if (!open) return;
    mark(open, false);
    const from = chip(open);
    open = null;
    note.hidden = true;
    if (back) from.focus();
  };
  const mark = (claim, on) => {
    chip(claim).setAttribute("aria-expanded", on);
    for (const span of text.querySelectorAll(`.cl[data-c="${claim}"]`)) span.classList.toggle("on", on);
  };
  const tell = (claim) => {
    if (open) mark(open, false);
    open = claim;
    mark(claim, true);
    const [statement, printed, , known, since, type, reason, confidence, evidence] = data.claims[claim];
    const number = Number(claim.slice(1));
    note.replaceChildren();
    note.className = `claim-note ${css(since)}`;
    note.setAttribute("aria-label", `Claim ${number}`);
    make("p", `Claim ${number} · ${type}`, note, { className: "note-head" });
    make("p", statement, note, { className: "note-says" });
    const list = make("ul", "", note, { className: "verdicts" });
    for (const [label, word] of [["As printed", printed], [`As meant, known by ${data.known}`, known], ["As meant, documented since", since]]) {
      const item = make("li", `${label}: `, list);
      const shown = make("span", "", item, { className: "verdict" });
      if (word) make("span", signs[word], shown, { className: `sign ${css(word)}` });
      shown.append(` ${word || "left open"}`);
    }
    make("p", reason, note);
    const [pro, contra, around] = evidence;
    make("p", `Confidence: ${confidence || "none, as no evidence could settle it"}. Evidence: ${pro} for, ${contra} against, ${around} around it.`, note, { className: "note-facts" });
    const row = make("p", "", note, { className: "note-row" });
    make("a", "Sources and full entry", row, { href: chip(claim).href });
    const step = (by, words) => {
      const next = chips[chips.indexOf(chip(claim)) + by];
      const button = make("button", words, row, { type: "button", disabled: !next });
      button.addEventListener("click", () => { tell(next.dataset.c); });
    };
    step(-1, "← Previous");
    step(1, "Next →");
    make("button", "Close", row, { type: "button" }).addEventListener("click", () => close(true));
    chip(claim).closest(".para").after(note);
    note.hidden = false;
    note.focus({ preventScroll: true });
    note.scrollIntoView({ block: "nearest" });
  };
  for (const link of chips) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.setAttribute("aria-controls", note.id);
    link.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); link.click(); } });
  }
  text.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || String(getSelection())) return;
    const on = event.target.closest("a.chip, .cl");
    if (!on) return;
    event.preventDefault();
    if (on.dataset.c === open) close(true);
    else tell(on.dataset.c);
  });
  text.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
  text.classList.add("live");
  box.hidden = false;
  show();
}
}
