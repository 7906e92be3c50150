// User data in the launch form: a file is read into the text, or said to be none, and a line number leads to its line.

const unfit = new WeakMap(); // of a file field: the size and the beginning of what is chosen there and is no user data
const MOST_BYTES = 256 * 1024; // what is larger is not read, and the server says how large it may be

document.addEventListener("change", async ({ target }) => {
  if (target.id !== "id_user_data_file") return;
  const [file] = target.files;
  unfit.delete(target);
  const field = document.getElementById("id_user_data");
  if (!file) return readFrom(field);
  const text = file.size > MOST_BYTES ? "" : await file.text();
  const odd = text.indexOf("\ufffd");
  if (file.size > MOST_BYTES || odd >= 0) return tellUnfit(target, { size: file.size, begin: text.slice(0, odd + 1) });
  field.value = text;
  target.value = "";
  readFrom(field);
});

function readFrom(field) {
  field.dispatchEvent(new CustomEvent("file-read", { bubbles: true }));
}

/** Its beginning, up to what is no text, is enough to say what is wrong. */
function tellUnfit(input, found) {
  unfit.set(input, found);
  input.dispatchEvent(new CustomEvent("file-unfit", { bubbles: true }));
}

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  const found = unfit.get(document.getElementById("id_user_data_file"));
  const isAsked = detail.parameters.explain || detail.triggeringEvent?.type === "file-unfit";
  if (!found || !isAsked) return;
  detail.parameters.user_data = found.begin;
  detail.parameters.user_data_size = found.size;
});

document.addEventListener("click", ({ target }) => {
  const number = Number(target.closest?.("#user-data-report [data-line]")?.dataset.line);
  if (!number) return;
  const field = document.getElementById("id_user_data");
  const lines = field.value.split("\n");
  const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
  const lineHeight = parseFloat(getComputedStyle(field).lineHeight) || 16;
  field.scrollTop = Math.max(0, (number - 3) * lineHeight);
});
