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
