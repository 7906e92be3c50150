// The search of every page: Ctrl+K, Cmd+K or / opens it, and the keyboard alone does the rest. Without this file the
// button leads to a page.
//
// The focus stays in the field (a combobox): arrows move aria-activedescendant over the options of all groups.

const dialog = document.getElementById("search-dialog");
const field = document.getElementById("search-q");
const results = () => document.getElementById("search-results");
const options = () => [...results().querySelectorAll('[role="option"]')];
let wantsFirst = false; // Enter came before the answer to what was typed

/** Whether a key belongs to where it was pressed: a guest, a field, another dialog. */
function isTaken(event) {
  const { target } = event;
  if (document.querySelector("dialog:modal") || target.closest("#screen")) return true;
  if (event.key !== "/") return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=textbox], [role=menu]") !== null;
}

function isOpener({ key, ctrlKey, metaKey, shiftKey, altKey, repeat }) {
  if (altKey || repeat) return false;
  if (key === "/") return !ctrlKey && !metaKey; // many keyboards have it with Shift
  return key.toLowerCase() === "k" && ctrlKey !== metaKey && !shiftKey;
}

function open() {
  for (const menu of document.querySelectorAll(":popover-open")) menu.hidePopover();
  dialog.showModal();
  field.select();
}

function choose(option, { scrolls = true } = {}) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  if (option && scrolls) option.scrollIntoView({ block: "nearest" });
}

const chosen = () => options().find((one) => one.getAttribute("aria-selected") === "true");

function move(to) {
  const all = options();
  if (all.length) choose(all[(to + all.length) % all.length]);
}

const isCurrent = () => results().dataset.q === field.value.trim().slice(0, 200);

function enter() {
  if (!isCurrent()) { wantsFirst = true; return; }
  chosen()?.click();
}

function press(event) {
  const at = options().indexOf(chosen());
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 6, options().length - 1), PageUp: Math.max(at - 6, 0) };
  if (event.key in moves) move(moves[event.key]);
  else if (event.key === "Enter" && !event.isComposing) enter();
  else return;
  event.preventDefault();
}

function shown() {
  const all = options();
  field.setAttribute("aria-expanded", String(all.length > 0));
  choose(all[0]);
  if (wantsFirst && isCurrent()) { wantsFirst = false; chosen()?.click(); }
}

if (dialog) {
  document.getElementById("search-open").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into a new tab
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (!isOpener(event) || isTaken(event) || event.defaultPrevented) return;
    event.preventDefault();
    open();
  });
  field.addEventListener("keydown", press);
  field.addEventListener("input", () => { wantsFirst = false; });
  field.form.addEventListener("submit", (event) => event.preventDefault());
  dialog.addEventListener("pointermove", ({ target }) => {
    const option = target.closest('[role="option"]');
    if (option && option !== chosen()) choose(option, { scrolls: false });
  });
  dialog.addEventListener("focusin", ({ target }) => {
    if (target.matches('[role="option"]')) choose(target, { scrolls: false });
  });
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target.id === "search-results") shown(); });
  document.getElementById("search-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
}
