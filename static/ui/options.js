// The options below a combobox: the focus stays in the field, and at most one of them is chosen.

export class Options {
  constructor(field, list) {
    this.field = field;
    this.list = list;
    list.addEventListener("pointermove", ({ target }) => {
      const option = target.closest('[role="option"]');
      if (option && option !== this.chosen()) this.choose(option, { scrolls: false });
    });
  }

  all() {
    return [...this.list.querySelectorAll('[role="option"]')];
  }

  chosen() {
    return this.list.querySelector('[aria-selected="true"]');
  }

  choose(option, { scrolls = true } = {}) {
    for (const one of this.all()) one.setAttribute("aria-selected", String(one === option));
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    if (option && scrolls) option.scrollIntoView({ block: "nearest" });
  }

  /** Down or up, and around at the ends. True where the key was one of these. */
  arrow(key) {
    if (key !== "ArrowDown" && key !== "ArrowUp") return false;
    const all = this.all();
    const at = all.indexOf(this.chosen());
    const to = key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1;
    if (all.length) this.choose(all[(to + all.length) % all.length]);
    return true;
  }
}
