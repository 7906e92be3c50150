// The page's one dialog, filled by HTMX, and the menus. Without this file each dialog is a page of its own.

const dialog = document.getElementById("dialog");

/** Closing the menu first gives the focus to its button, where the dialog will give it back. */
function closeMenus() {
  for (const menu of document.querySelectorAll(".menu:popover-open")) menu.hidePopover();
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog || dialog.open) return;
  closeMenus();
  dialog.showModal();
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches(".menu button")) closeMenus();
});

// A verb that was done or refused is answered by a notice, so the dialog has nothing more to say. A form with a wrong
// field (422) stays, and so does one that only looked up something for itself (a GET).
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get" || xhr.status === 422 || xhr.status === 0) return;
  if (dialog.contains(elt)) dialog.close();
});

dialog.addEventListener("click", (event) => {
  const outside = event.target === dialog;
  if (!outside && !event.target.closest("[data-close-dialog]")) return;
  event.preventDefault();
  dialog.close();
});
dialog.addEventListener("close", () => dialog.replaceChildren());
