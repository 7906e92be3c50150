// Buttons that copy, and a private key that is shown once: it does not go by a slip of the hand, and it does not come back.

import { announce } from "../ui/notices.js";

const dialog = document.getElementById("dialog");
const shown = () => document.querySelector("[data-once]");
let isSaved = false;

function offer(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-once] a[download], [data-once] [data-close-dialog]")) isSaved = true;
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  if (button.closest("[data-once]")) isSaved = true;
  button.querySelector("span").textContent = button.dataset.copied;
  announce(button.dataset.copied);
});

// Escape, and a click beside the dialog, close it only once the key was copied, downloaded or declared to be saved.
dialog.addEventListener("cancel", (event) => { if (dialog.contains(shown()) && !isSaved) event.preventDefault(); });
dialog.addEventListener("click", (event) => {
  if (event.target === dialog && dialog.contains(shown()) && !isSaved) event.stopImmediatePropagation();
}, true);

// The launch form that asked for it has it chosen.
document.body.addEventListener("htmx:afterSwap", () => {
  const once = shown();
  if (!once) return offer(document);
  isSaved = false;
  offer(once);
  const select = document.getElementById("id_key_pair");
  if (!select || [...select.options].some((option) => option.value === once.dataset.id)) return;
  select.add(new Option(once.dataset.name, once.dataset.id), 1);
  select.value = once.dataset.id;
  select.dispatchEvent(new Event("input", { bubbles: true }));
});

// A browser may keep the page in memory for its Back button: without the key.
window.addEventListener("pagehide", () => {
  const once = shown();
  if (once) once.textContent = once.dataset.gone;
});

offer(document);
