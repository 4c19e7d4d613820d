// Terms of the glossary: pointing at one, or reaching it by keyboard, shows its definition. Escape
// closes it, and it stays while the pointer is on it. Without this script the links remain.
{
const terms = window.defactoTerms ?? {};
const tip = Object.assign(document.createElement("div"), { id: "term-tip", className: "term-tip", hidden: true });
tip.setAttribute("role", "tooltip");
let open = null;
let timer = 0;
const close = () => {
  clearTimeout(timer);
  open?.removeAttribute("aria-describedby");
  open = null;
  tip.hidden = true;
};
const later = () => { timer = setTimeout(close, 150); };
const show = (link) => {
  const found = terms[link.hash.replace("#term-", "")];
  if (!found || open === link) return clearTimeout(timer);
  close();
  const name = Object.assign(document.createElement("strong"), { textContent: found[0] });
  tip.replaceChildren(name, document.createElement("br"), found[1]);
  tip.hidden = false;
  const at = link.getClientRects()[0];
  const wide = document.documentElement.clientWidth;
  tip.style.maxWidth = `${Math.min(352, wide - 16)}px`;
  const left = Math.max(8, Math.min(at.left, wide - tip.offsetWidth - 8));
  const below = at.bottom + tip.offsetHeight + 8 < innerHeight;
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${(below ? at.bottom + 4 : at.top - tip.offsetHeight - 4) + scrollY}px`;
  link.setAttribute("aria-describedby", tip.id);
  open = link;
};
const links = document.querySelectorAll("a.term");
if (links.length) {
  document.body.append(tip);
  for (const link of links) {
    link.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && show(link));
    link.addEventListener("pointerleave", later);
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", close);
  }
  tip.addEventListener("pointerenter", () => clearTimeout(timer));
  tip.addEventListener("pointerleave", later);
  addEventListener("keydown", (event) => event.key === "Escape" && close());
}
}
