// Whether somebody typed or chose something in a form that is still here and would send it.

const typedIn = new Set(); // the addresses of forms: one that was refused comes back as another element

const formOf = (element) => element.closest?.("main, dialog") && element.form;

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    const form = formOf(target);
    if (form?.matches("[method=post]")) typedIn.add(form.getAttribute("action"));
  });
}

export function isTyped() {
  return [...document.querySelectorAll("form[method=post]")].some((form) => typedIn.has(form.getAttribute("action")));
}
