// The page's one dialog, filled by HTMX, and the menus. Without this file each dialog is a page of its own.

const dialog = document.getElementById("dialog");

/** Closing the menu first gives the focus to its button, where the dialog will give it back. */
function closeMenus() {
  for (const menu of document.querySelectorAll(".menu:popover-open")) menu.hidePopover();
}

// Not before HTMX listens to what is in it: a key pressed earlier would post its form as a page of its own.
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== dialog || dialog.open) return;
  closeMenus();
  dialog.showModal();
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches(".menu button")) closeMenus();
});

// A verb that was done or refused is answered by a notice, so the dialog has nothing more to say. A form with a wrong
// field (422) stays, and so does one that only looked up something for itself (a GET) or that shows what comes next (200, 201).
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get" || [0, 200, 201, 422].includes(xhr.status)) return;
  if (dialog.contains(elt)) dialog.close();
});

dialog.addEventListener("click", (event) => {
  const outside = event.target === dialog;
  if (!outside && !event.target.closest("[data-close-dialog]")) return;
  event.preventDefault();
  dialog.close();
});
dialog.addEventListener("close", () => dialog.replaceChildren());
