// Below a field for a tenant's name: those that fit, as the server finds them. Without this file the name is typed.
//
// A combobox: arrows choose, Enter takes what is chosen, Escape closes. What is typed counts until something is taken.

import { Options } from "../ui/options.js";

const PAUSE_MS = 150;

for (const field of document.querySelectorAll("input[data-find-tenants]")) {
  const list = document.createElement("div");
  Object.assign(list, { id: `${field.id}-options`, className: "tenant-picks", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0]?.textContent.trim() ?? field.getAttribute("aria-label"));
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  const options = new Options(field, list);
  let asking = null; // the newest request
  let pausing = null;

  function show(isShown) {
    list.hidden = !isShown;
    field.setAttribute("aria-expanded", String(isShown));
    options.choose(null);
  }

  function close() {
    clearTimeout(pausing);
    asking?.abort();
    show(false);
  }

  async function find() {
    asking?.abort();
    asking = new AbortController();
    const url = `${field.dataset.findTenants}?${new URLSearchParams({ pick: "1", q: field.value })}`;
    try {
      const answer = await fetch(url, { signal: asking.signal, redirect: "error" });
      if (!answer.ok) return;
      list.innerHTML = await answer.text();
      show(options.all().length > 0 && document.activeElement === field);
    } catch {
      show(false); // typing does without
    }
  }

  function take(option) {
    field.value = option.dataset.value;
    close();
    field.dispatchEvent(new Event("change", { bubbles: true })); // the page may depend on it
  }

  field.addEventListener("input", () => {
    clearTimeout(pausing);
    pausing = setTimeout(find, PAUSE_MS);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !list.hidden && options.chosen() && !event.isComposing) take(options.chosen());
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "ArrowDown" && list.hidden) find();
    else if (list.hidden || !options.arrow(event.key)) return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays where it is
  list.addEventListener("click", ({ target }) => {
    const option = target.closest('[role="option"]');
    if (option) take(option);
  });
}
