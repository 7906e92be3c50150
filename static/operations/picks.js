// What is ticked stays ticked while the list changes by itself; the bar says how many that are, and one box ticks the
// whole page. Without this file ticks last until the list changes.

const picks = new Set();
const all = document.getElementById("pick-all");
const said = document.getElementById("picked");
const boxes = () => [...document.querySelectorAll("#live tbody .pick input")];

function pick(box) {
  if (box.checked) picks.add(box.value);
  else picks.delete(box.value);
}

function show() {
  const whole = document.getElementById("pick-page");
  const ticked = boxes().filter((box) => box.checked).length;
  if (whole) {
    whole.hidden = false;
    whole.checked = ticked > 0 && ticked === boxes().length;
    whole.indeterminate = ticked > 0 && !whole.checked;
  }
  if (said) said.textContent = all?.checked ? "" : said.dataset[ticked === 1 ? "one" : "many"].replace("{}", ticked);
}

document.body.addEventListener("change", ({ target }) => {
  if (target.id === "pick-page") {
    for (const box of boxes()) {
      box.checked = target.checked;
      pick(box);
    }
  } else if (target.matches("#live tbody .pick input")) pick(target);
  else if (target !== all) return;
  show();
});

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "live") {
    const here = new Set(boxes().map((box) => box.value));
    for (const value of picks) if (!here.has(value)) picks.delete(value); // what is over needs nobody any more
  }
  for (const box of boxes()) box.checked = picks.has(box.value);
  show();
});

show();
