// What a live update must leave alone, and what it says aloud.

import { announce } from "./notices.js";

// What somebody unfolded stays unfolded: the server does not know of it.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

// What somebody typed or chose while an answer was on its way stays, too: the answer does not know of it.
const asked = new WeakMap(); // request -> what each field held when it was sent
let typed = new Set();

const held = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
const fields = () => document.querySelectorAll("main :is(input, select, textarea):not([type=hidden])");

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  asked.set(detail.xhr, new Map([...fields()].map((field) => [field, held(field)])));
});

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const then = asked.get(detail.xhr) ?? new Map();
  typed = new Set([...fields()].filter((field) => then.has(field) && then.get(field) !== held(field)));
});

Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
  if (old.dataset && "drawn" in old.dataset) return false; // a script drew in it, which the server does not know of
  if (old.dataset && "ownPace" in old.dataset && old.id === fresh.id) return false; // it asks for its parts itself
  if (!typed.has(old) || old.tagName !== fresh.tagName) return true;
  if (typeof held(old) === "boolean") fresh.toggleAttribute("checked", old.checked);
  else if (old.tagName === "SELECT") for (const o of fresh.options) o.toggleAttribute("selected", o.value === old.value);
  else if (old.tagName === "INPUT") fresh.setAttribute("value", old.value);
  else fresh.value = old.value;
  return true;
};

const SOME = 3; // more at once would be a flood of words

function statuses() {
  const found = new Map();
  for (const chip of document.querySelectorAll("[data-says]")) {
    const row = chip.closest("[id]").id;
    found.set(row, { name: chip.dataset.says, word: chip.textContent });
  }
  return found;
}

let before = statuses();
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "live") return;
  const after = statuses();
  const changed = [...after].filter(([id, now]) => before.has(id) && before.get(id).word !== now.word);
  before = after;
  if (!changed.length) return;
  const many = document.getElementById("said").dataset.many;
  announce(
    changed.length > SOME
      ? `${changed.length} ${many}`
      : changed.map(([, { name, word }]) => `${name}: ${word}`).join(". "),
  );
});
