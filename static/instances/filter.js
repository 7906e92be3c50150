// The filter completes what is typed: names of fields from the page, what can follow one of them from the server.
//
// A combobox: the focus stays in the field, arrows choose, Enter or Tab takes, Escape closes. Nothing is chosen by itself,
// so Enter means what it always did. Without this file the field is a plain one.

const field = document.getElementById("q");
const list = document.getElementById("filter-list");
const names = [...list.children];
const CALM_MS = 120;
let asking = null;
let calm = null;
let place = null; // where what is taken goes: { from, to }

/** What is being typed before the cursor, cut as filtering.py does: `name` is null where it is no field's value. */
function typed() {
  const to = field.selectionStart;
  if (to !== field.selectionEnd || /\S/.test(field.value.charAt(to))) return null; // inside of a word
  const text = field.value.slice(0, to);
  for (let at = 0; ; ) {
    at += text.slice(at).search(/\S|$/);
    const prefix = text.slice(at).match(/^-?(?:([A-Za-z_]+):)?/);
    const name = prefix[1]?.toLowerCase() ?? null;
    let from = (at += prefix[0].length);
    for (; (at = endOfValue(text, at)) < to && text[at] === ","; at += 1) if (name !== null) from = at + 1;
    if (at >= to) return { from, to, name, value: plain(text.slice(from)) };
  }
}

function endOfValue(text, at) {
  const [value] = text.slice(at).match(/^(?:"(?:\\.|[^"\\])*(?:"|\\?$))?[^\s,]*/s);
  return at + value.length;
}

const plain = (value) => value.replace(/^"/, "").replace(/\\(.)/gs, "$1");

// --- what is offered --------------------------------------------------------------------

function offer(options, at) {
  place = at;
  list.replaceChildren(...options);
  list.hidden = options.length === 0;
  field.setAttribute("aria-expanded", String(!list.hidden));
  choose(null);
}

const close = () => { clearTimeout(calm); asking?.abort(); offer([], null); };

function complete({ all = false } = {}) {
  clearTimeout(calm);
  asking?.abort();
  const at = typed();
  if (!at) return close();
  if (at.name === null) {
    const fitting = names.filter(({ dataset }) => dataset.typed.startsWith(at.value.toLowerCase()));
    return offer(at.value || all ? fitting : [], at);
  }
  if (!names.some(({ dataset }) => "values" in dataset && dataset.typed === `${at.name}:`)) return close();
  calm = setTimeout(() => ask(at), CALM_MS);
}

async function ask(at) {
  asking = new AbortController();
  const query = new URLSearchParams({ field: at.name, typed: at.value });
  try {
    const answer = await fetch(`${list.dataset.url}?${query}`, { signal: asking.signal, redirect: "error" });
    if (!answer.ok) return close();
    const options = document.createElement("template");
    options.innerHTML = await answer.text();
    const found = [...options.content.querySelectorAll('[role="option"]')];
    const isTyped = found.length === 1 && found[0].textContent.toLowerCase() === at.value.toLowerCase();
    if (document.activeElement === field) offer(isTyped ? [] : found, at);
  } catch (error) {
    if (error.name !== "AbortError") close(); // without an answer there is nothing to offer
  }
}

// --- choosing ---------------------------------------------------------------------------

const chosen = () => list.querySelector('[aria-selected="true"]');

function choose(option, { scrolls = true } = {}) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  if (option && scrolls) option.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = [...list.children];
  const at = all.indexOf(chosen());
  choose(all[at < 0 && by < 0 ? all.length - 1 : (at + by + all.length) % all.length]);
}

function take(option) {
  const { from, to } = place;
  field.setRangeText(option.dataset.typed, from, to, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true })); // the list is filtered; a field is asked for its values
}

function press(event) {
  const isOpen = !list.hidden;
  if (event.isComposing) return;
  if (event.key === "ArrowDown" && !isOpen) complete({ all: true });
  else if (isOpen && event.key === "ArrowDown") move(1);
  else if (isOpen && event.key === "ArrowUp") move(-1);
  else if (isOpen && event.key === "Escape") close();
  else if (isOpen && chosen() && (event.key === "Enter" || event.key === "Tab")) take(chosen());
  else {
    if (event.key === "Enter") close();
    return;
  }
  event.preventDefault();
}

list.replaceChildren();
for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
  field.setAttribute(name, value);
}
field.addEventListener("input", () => complete());
field.addEventListener("keydown", press);
field.addEventListener("blur", close);
list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
list.addEventListener("click", ({ target }) => { const option = target.closest('[role="option"]'); if (option) take(option); });
list.addEventListener("pointermove", ({ target }) => {
  const option = target.closest('[role="option"]');
  if (option && option !== chosen()) choose(option, { scrolls: false });
});
