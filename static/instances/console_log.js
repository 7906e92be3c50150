// The console log: followed while it is looked at, searched in the page. Without this file it is fetched by a button
// and searched by the server.
//
// Matches are highlights over the text (CSS.highlights), so that what comes anew never meets markup of ours.

const log = document.getElementById("console-log");
const words = log?.dataset;
const field = document.getElementById("log-q");
const count = document.getElementById("log-count");
const MOST = 2000;
const NEAR_END_PX = 24;
let found = []; // ranges
let here = -1;
let isSeen = false;
let wasAtEnd = true;

const head = () => document.getElementById("console-log-head");
const text = () => document.getElementById("console-log-text");
const pre = () => text().querySelector("pre.log");

// --- following -------------------------------------------------------------------

function tail() {
  if (document.hidden || !isSeen || !("follows" in head().dataset)) return;
  htmx.trigger(head(), "tail");
}

function isAtEnd() {
  const box = pre();
  return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
}

function toEnd() {
  const box = pre();
  if (box) box.scrollTop = box.scrollHeight;
}

function follow() {
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target === text()) wasAtEnd = isAtEnd();
  });
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id === "console-log-head" && head().dataset.version !== text().dataset.version) {
      htmx.trigger(text(), "newer");
    }
    if (detail.target.id !== "console-log-text") return;
    search({ stays: true });
    if (wasAtEnd && !field.value) toEnd();
  });
  new IntersectionObserver(([entry]) => { isSeen = entry.isIntersecting; }).observe(log);
  setInterval(tail, 1000 * words.period);
  document.addEventListener("visibilitychange", tail);
  toEnd();
}

// --- searching -------------------------------------------------------------------

function ranges(node, wanted) {
  const all = [];
  const within = node.data.toLowerCase();
  for (let at = within.indexOf(wanted); at >= 0 && all.length < MOST; at = within.indexOf(wanted, at + wanted.length)) {
    const range = new Range();
    range.setStart(node, at);
    range.setEnd(node, at + wanted.length);
    all.push(range);
  }
  return all;
}

function search({ stays = false } = {}) {
  const wanted = field.value.toLowerCase();
  const node = pre()?.firstChild;
  found = wanted && node ? ranges(node, wanted) : [];
  here = stays ? Math.min(here, found.length - 1) : found.length - 1; // a log is read from its end
  show({ scrolls: !stays });
}

function show({ scrolls = true } = {}) {
  const one = found[here];
  if (CSS.highlights) {
    CSS.highlights.set("log-found", new Highlight(...found));
    CSS.highlights.set("log-here", new Highlight(...(one ? [one] : [])));
  }
  const said = words.count.replace("{n}", here + 1).replace("{all}", found.length < MOST ? found.length : `${MOST}+`);
  count.textContent = !field.value ? "" : found.length ? said : words.none;
  for (const id of ["log-previous", "log-next"]) document.getElementById(id).disabled = found.length < 2;
  if (one && scrolls) scrollTo(one);
}

function scrollTo(range) {
  const box = pre();
  const [mine, whole] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollTop += mine.top - whole.top - box.clientHeight / 2;
  if (mine.left < whole.left || mine.right > whole.right) box.scrollLeft += mine.left - whole.left - box.clientWidth / 2;
}

function step(by) {
  if (!found.length) return;
  here = (here + by + found.length) % found.length;
  show();
}

function listen() {
  field.form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => search());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape") return;
    field.value = "";
    search();
    pre()?.focus();
  });
  log.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target === field || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    field.select();
  });
  document.getElementById("log-previous").addEventListener("click", () => step(-1));
  document.getElementById("log-next").addEventListener("click", () => step(1));
  document.getElementById("log-end").addEventListener("click", () => { toEnd(); pre()?.focus(); });
  document.getElementById("log-wrap").addEventListener("click", ({ currentTarget }) => {
    const wraps = currentTarget.getAttribute("aria-pressed") !== "true";
    currentTarget.setAttribute("aria-pressed", String(wraps));
    words.wraps = wraps ? "yes" : "no";
  });
}

if (log) {
  for (const button of log.querySelectorAll(".needs-script")) button.hidden = false;
  listen();
  follow();
  if (field.value) search();
}
