// The short name follows the name while it is typed, until somebody types one of their own. The server has the last
// word; without this file the field is left empty and the server makes one.

const field = document.querySelector("[data-short-name]");
const name = document.getElementById(field.dataset.shortName);
let isOwn = field.value !== "";

function proposed(text) {
  const plain = text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 58).replace(/-+$/, "");
}

field.addEventListener("input", () => { isOwn = field.value !== ""; });
name.addEventListener("input", () => { if (!isOwn) field.value = proposed(name.value); });
