// Draws a bar for each day, from what the server put into the page as JSON; anew when a fresh page was morphed in.

const uPlot = window.uPlot;
const language = document.documentElement.lang;
const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const DAY_S = 86400;
const together = uPlot.sync("usage");
const plots = new Map(); // element -> uPlot

const colour = (of, property = "color") => getComputedStyle(of)[property];

function shade(name) {
  const probe = document.createElement("i");
  probe.className = name;
  document.body.append(probe);
  const found = colour(probe);
  probe.remove();
  return found;
}

function options(element) {
  const text = () => colour(element);
  const line = () => colour(element, "borderTopColor");
  const own = () => shade("key-1 line");
  const font = `11px ${colour(document.body, "fontFamily")}`;
  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
  return {
    width: element.clientWidth - 14,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { sync: { key: together.key }, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: (plot, low, high) => [low - DAY_S / 2, high + DAY_S / 2] },
      y: { range: (plot, low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 48, incrs: [1, 2, 5, 7, 14, 30, 60, 120].map((days) => days * DAY_S), values: (plot, splits) => splits.map((at) => date.format(new Date(at * 1000))), splits: days },
      { ...axis, size: 48, space: 28, values: (plot, splits) => splits.map((value) => short.format(value)) },
    ],
    series: [{}, { stroke: own, fill: () => `color-mix(in oklab, ${own()} 55%, transparent)`, width: 1, paths: uPlot.paths.bars({ size: [0.75, 40] }), points: { show: false } }],
    hooks: { setCursor: [(plot) => say(element, plot)] },
  };
}

/** Where the axis has its dates: midnights of UTC, as many as fit. */
function days(plot, _axis, low, high, step) {
  const every = plot.data[0];
  const skip = Math.max(1, Math.round(step / DAY_S));
  return every.filter((at, index) => (every.length - 1 - index) % skip === 0 && at >= low && at <= high);
}

/** What is under the pointer, in words. */
function say(element, plot) {
  let at = element.querySelector(".at");
  const { idx: slot, left } = plot.cursor;
  if (slot == null || left < 0) return at?.remove();
  if (!at) element.append((at = Object.assign(document.createElement("span"), { className: "at" })));
  at.textContent = `${date.format(new Date(plot.data[0][slot] * 1000))} · ${number.format(plot.data[1][slot])}`;
}

function draw() {
  const source = document.getElementById("bars");
  for (const [element, plot] of plots) {
    if (element.isConnected && source) continue;
    plot.destroy();
    plots.delete(element);
  }
  if (!source) return;
  const drawn = JSON.parse(source.textContent);
  for (const element of document.querySelectorAll("[data-bars]")) {
    const data = [drawn.days, drawn.bars[element.dataset.bars]];
    if (plots.has(element)) plots.get(element).setData(data);
    else {
      plots.set(element, new uPlot(options(element), data, element));
      sizes.observe(element);
    }
  }
}

const sizes = new ResizeObserver((changed) => {
  for (const { target } of changed) {
    plots.get(target)?.setSize({ width: target.clientWidth - 14, height: target.clientHeight });
  }
});

document.body.addEventListener("htmx:afterSettle", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const plot of plots.values()) plot.redraw();
});
draw();
