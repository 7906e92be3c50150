// The tenant's button in the top bar opens a field and the tenants that fit. Without this file it leads to a page.
//
// A combobox: the focus stays in the field, arrows choose, Enter goes there, Escape closes and gives the focus back.

import { Options } from "../ui/options.js";

const opener = document.getElementById("tenant-open");
const menu = document.getElementById("tenant-menu");
const field = document.getElementById("tenant-q");
const list = document.getElementById("tenant-options");
const options = list && new Options(field, list);
let isAsked = false; // what is typed was not answered yet
let wantsFirst = false; // Enter came before that answer

function enter() {
  if (isAsked) wantsFirst = true;
  else options.chosen()?.click();
}

function press(event) {
  if (event.key === "Enter" && !event.isComposing) enter();
  else if (!options.arrow(event.key)) return;
  event.preventDefault();
}

function shown() {
  isAsked = false;
  const all = options.all();
  field.setAttribute("aria-expanded", String(all.length > 0));
  options.choose(all.find((one) => !one.hasAttribute("aria-current")) ?? all[0]);
  if (wantsFirst) { wantsFirst = false; options.chosen()?.click(); }
}

function open(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into a new tab
  event.preventDefault();
  if (menu.matches(":popover-open")) menu.hidePopover();
  else menu.showPopover({ source: opener });
}

if (opener) {
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-haspopup", "dialog");
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", menu.id);
  opener.addEventListener("click", open);
  opener.addEventListener("keydown", (event) => { if (event.key === " " || event.key === "ArrowDown") open(event); });
  menu.addEventListener("toggle", ({ newState }) => {
    const isOpen = newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    field.setAttribute("aria-expanded", "false");
    if (!isOpen) return;
    field.value = "";
    wantsFirst = false;
    isAsked = true;
    field.focus();
    field.dispatchEvent(new Event("look"));
  });
  field.addEventListener("input", () => { isAsked = true; wantsFirst = false; });
  field.addEventListener("keydown", press);
  field.form.addEventListener("submit", (event) => event.preventDefault());
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target === list) shown(); });
}
