// Names and roles that the theme leaves out, so that screen readers and keyboards get them.
for (const button of document.querySelectorAll(".search-button-field")) button.removeAttribute("aria-label");
for (const button of document.querySelectorAll(".theme-switch-button")) {
  button.removeAttribute("aria-label");
  button.title = "Colour mode";
}
for (const start of document.querySelectorAll(".sidebar-primary-items__start")) {
  start.setAttribute("role", "navigation");
  start.setAttribute("aria-label", "Book");
}
// A frame that scrolls must be reachable by keyboard.
for (const frame of document.querySelectorAll(".defacto-block figure, .pst-scrollable-table-container")) {
  if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
}
// The print button: a listener, as the page's policy allows no script in an attribute.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
// An address that is cited is the one the page stands at; in a preview or a folder it stays the path inside the book.
if (location.protocol.startsWith("http") && !/^(localhost|127\.|\[::1\])/.test(location.hostname)) {
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href);
  for (const place of document.querySelectorAll(".address, details.page-cite pre")) {
    place.textContent = place.textContent.replace(/(?<![\w/:.-])(?:notebooks|book)\/[\w.-]+\.html(?:#[\w-]+)?/g, (path) => new URL(path, root).href);
  }
}
// A link into something folded unfolds it.
const unfold = () => {
  const aim = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = aim && aim.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (aim && aim.closest("details")) aim.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();
