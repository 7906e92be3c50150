// Ages, and times that are left, go on while a page is open. The words are the server's, in data-units of the page's body.

const units = document.body.dataset.units.split(" ");
const STEPS = [
  [60, 1],
  [3600, 60],
  [86400, 3600],
  [7 * 86400, 86400],
  [60 * 86400, 7 * 86400],
  [730 * 86400, 30 * 86400],
  [Infinity, 365 * 86400],
];

/** As `words` in dashboard/ui/templatetags/ui.py. */
function words(seconds) {
  const step = STEPS.findIndex(([below]) => seconds < below);
  return `${Math.floor(seconds / STEPS[step][1])} ${units[step]}`;
}

/** As `left` there: to the second in the last five minutes, before that rounded up. */
function left(seconds) {
  if (seconds < 5 * 60) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds <= 2 * 3600) return `${Math.ceil(seconds / 60)} ${units[1]}`;
  if (seconds <= 2 * 86400) return `${Math.ceil(seconds / 3600)} ${units[2]}`;
  return `${Math.ceil(seconds / 86400)} ${units[3]}`;
}

function show(selector, text) {
  if (document.hidden) return;
  for (const time of document.querySelectorAll(selector)) {
    const said = text((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== said) time.textContent = said;
  }
}

const count = () => show("time[data-until]", (ago) => left(Math.max(0, Math.ceil(-ago))));
const grow = () => show("time[data-age]", (ago) => words(Math.max(0, Math.floor(ago))));

setInterval(count, 1000);
setInterval(grow, 5000);
document.addEventListener("visibilitychange", () => { count(); grow(); });
