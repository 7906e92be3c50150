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

// A verb that was refused is answered by a notice, so the dialog has nothing more to say either way.
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (dialog.contains(event.detail.elt) && event.detail.xhr.status !== 0) dialog.close();
});

dialog.addEventListener("click", (event) => {
  const outside = event.target === dialog;
  if (!outside && !event.target.closest("[data-close-dialog]")) return;
  event.preventDefault();
  dialog.close();
});
dialog.addEventListener("close", () => dialog.replaceChildren());
