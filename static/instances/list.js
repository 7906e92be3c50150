// The open list: it looks again when something changed, and never moves what somebody looks at or works with.
//
// While a row is ticked, a menu or a dialog is open, the focus or the pointer is on a row, or the page is scrolled,
// the rows keep their places: what changed is changed in place, what is gone stays, greyed, and what is new waits
// behind a button. When nothing of that holds any more, the list is shown as it is now.

import { isPicking, picks, showPicks } from "./selection.js";

const PAUSE_MS = 1000;
const CALM_MS = 400;
const MINE_MS = 10_000;
let resting = null;
let isStale = false;
let isHeldBack = false;

// --- looking again: at once, then at most once a second, however much goes on ------------

function lookAgain() {
  isStale = true;
  resting ??= setTimeout(look); // what is told in one go is one reason to look
}

function look() {
  isStale = false;
  htmx.trigger("#live", "look-again");
  resting = setTimeout(() => { resting = null; if (isStale) lookAgain(); }, PAUSE_MS);
}

for (const event of ["live-instances", "live-clouds", "live-resync", "changed"]) {
  document.body.addEventListener(event, lookAgain);
}

// --- keeping places ------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("#live tbody > tr")];

const isInUse = () =>
  isPicking() ||
  window.scrollY > 0 ||
  document.querySelector(".menu:popover-open, dialog[open]") !== null ||
  (!isOfMine() && document.querySelector("#live tbody:is(:hover, :focus-within)") !== null);

// What somebody just did here may show at once: the row that was deleted goes, also from under the pointer.
let didAt = 0;
const isOfMine = () => Date.now() - didAt < MINE_MS;
document.body.addEventListener("changed", () => { didAt = Date.now(); });

/** What an answer shows, with the rows where they are. Returns how many new ones wait. */
function keepPlaces(live) {
  const body = live.querySelector("tbody");
  const shown = rows();
  const fresh = [...body.rows];
  const known = new Set(shown.map((row) => row.id));
  const byId = new Map(fresh.map((row) => [row.id, row]));
  const last = fresh.findLastIndex((row) => known.has(row.id));
  const waiting = fresh.filter((row, place) => place < last && !known.has(row.id)).length;
  const atTheEnd = fresh.slice(last + 1).slice(0, Math.max(0, Number(body.dataset.size) - shown.length));
  body.replaceChildren(...shown.map((row) => byId.get(row.id) ?? greyed(row)), ...atTheEnd);
  isHeldBack = waiting > 0 || shown.some((row) => !byId.has(row.id));
  return waiting;
}

function greyed(row) {
  const copy = row.cloneNode(true);
  copy.classList.add("gone");
  copy.title = document.getElementById("live").dataset.gone;
  return copy;
}

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "live" || !detail.shouldSwap) return;
  const live = new DOMParser().parseFromString(detail.serverResponse, "text/html").getElementById("live");
  if (!live) return;
  const isOfItself = detail.requestConfig.triggeringEvent?.type === "look-again";
  isHeldBack = false;
  if (isOfItself && rows().length && isInUse()) {
    if (!live.querySelector("tbody")) { // nothing is left of it: the page stays as it is until it is let go
      for (const row of rows()) row.classList.add("gone");
      detail.shouldSwap = false;
      isHeldBack = true;
      return;
    }
    tellNews(live, keepPlaces(live));
  }
  for (const box of live.querySelectorAll('tbody .pick input')) box.toggleAttribute("checked", picks.has(box.value));
  detail.serverResponse = live.outerHTML;
});

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "live") showPicks();
});

function tellNews(live, number) {
  const news = live.querySelector("#news");
  news.hidden = number === 0;
  news.textContent = number === 1 ? news.dataset.one : news.dataset.many.replace("{}", number);
}

/** As it is now, because somebody asked for it or nothing holds it any more. */
function letGo() {
  htmx.trigger("#live", "show-all");
}

document.addEventListener("click", ({ target }) => {
  if (target.id !== "news") return;
  window.scrollTo({ top: 0 });
  letGo();
});

let calm = null;
function perhapsLetGo() {
  clearTimeout(calm);
  calm = setTimeout(() => { if (isHeldBack && !isInUse()) letGo(); }, CALM_MS);
}
for (const event of ["pointerout", "focusout", "scroll", "toggle", "close", "change"]) {
  document.addEventListener(event, perhapsLetGo, { capture: true, passive: true });
}
