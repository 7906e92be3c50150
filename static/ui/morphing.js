// What a live update must leave alone, and what it says aloud.

import { announce } from "./notices.js";

// What somebody unfolded stays unfolded: the server does not know of it.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

// A session that ended: the answer is the sign-in page, which belongs to the whole window.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL || location.href).pathname;
  if (answered !== document.body.dataset.signIn) return;
  event.detail.shouldSwap = false;
  location.reload();
});

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
