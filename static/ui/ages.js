// Ages go on while a page is open. The words are the server's, in data-units of the page's body.

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

function refresh() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-age]")) {
    const text = words(Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000)));
    if (time.textContent !== text) time.textContent = text;
  }
}

setInterval(refresh, 5000);
document.addEventListener("visibilitychange", refresh);
