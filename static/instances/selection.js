// Ticked rows: also those of other pages, which the tab remembers; ranges with Shift; how many there are, in words.
// Without this file the rows of one page can be ticked, and "all that match".

const form = document.getElementById("selection");
const bar = document.getElementById("bulk");
const all = document.getElementById("pick-all");
const said = document.getElementById("picked");
const place = `picks:${location.pathname}`;
const boxes = () => [...document.querySelectorAll("#live tbody .pick input")];
let lastBox = null;

export const picks = new Set(bar ? JSON.parse(sessionStorage.getItem(place) ?? "[]") : []);

function keep() {
  sessionStorage.setItem(place, JSON.stringify([...picks]));
}

export const isPicking = () => picks.size > 0 || Boolean(all?.checked);

/** Ticks, numbers and hidden fields follow from `picks`. */
export function showPicks() {
  if (!bar) return;
  const here = new Set(boxes().map((box) => box.value));
  for (const box of boxes()) box.checked = all.checked || picks.has(box.value);
  const elsewhere = [...picks].filter((id) => !here.has(id));
  form.querySelectorAll("input[name=id]").forEach((input) => input.remove());
  for (const id of elsewhere) form.append(hidden(id));
  const whole = document.getElementById("pick-page");
  if (whole) {
    const ticked = boxes().filter((box) => box.checked).length;
    whole.hidden = false;
    whole.checked = ticked > 0 && ticked === boxes().length;
    whole.indeterminate = ticked > 0 && !whole.checked;
  }
  bar.toggleAttribute("data-on", isPicking());
  const total = document.getElementById("live").dataset.total;
  all.closest("label").hidden = Number(total) <= boxes().length && !all.checked;
  document.getElementById("pick-total").textContent = total;
  const count = all.checked ? Number(total) : picks.size;
  const text = (count === 1 ? said.dataset.one : said.dataset.many).replace("{}", count);
  const rest = elsewhere.length && !all.checked ? ` ${said.dataset.elsewhere.replace("{}", elsewhere.length)}` : "";
  if (said.textContent !== text + rest) said.textContent = text + rest;
}

function hidden(id) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "id", value: id });
  return input;
}

function pick(some, isOn) {
  for (const box of some) isOn ? picks.add(box.value) : picks.delete(box.value);
  keep();
  showPicks();
}

function clear() {
  all.checked = false;
  picks.clear();
  keep();
  showPicks();
}

/** From the box before to this one, as far as both are on the page. */
function range(box) {
  const there = boxes();
  const [from, to] = [there.indexOf(lastBox), there.indexOf(box)].sort((a, b) => a - b);
  return from < 0 ? [box] : there.slice(from, to + 1);
}

if (bar) {
  document.addEventListener("click", ({ target, shiftKey }) => {
    if (target.id === "pick-none") return clear();
    if (!target.matches("#live tbody .pick input")) return;
    if (all.checked) { // all but this one: those of this page stay ticked
      all.checked = false;
      for (const box of boxes()) if (box !== target) picks.add(box.value);
    }
    pick(shiftKey ? range(target) : [target], target.checked);
    lastBox = target;
  });
  document.addEventListener("change", ({ target }) => {
    if (target.id === "pick-page") pick(boxes(), target.checked);
    if (target === all) { picks.clear(); keep(); showPicks(); }
  });
  document.body.addEventListener("htmx:afterSwap", () => { if (document.querySelector("dialog #batch") && isPicking()) clear(); });
  showPicks();
}
