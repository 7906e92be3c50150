// Draws what the server put into the page as JSON, and draws it anew when a fresh page was morphed in.

const uPlot = window.uPlot;
const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const DAY_S = 86400;
const UNITS = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];
const together = uPlot.sync("charts");
const charts = new Map(); // element -> { plot, shape }

// --- numbers, as dashboard/metrics/words.py

const digits = (number) => (number < 9.95 ? String(Math.round(number * 10) / 10) : String(Math.round(number)));

function withUnit(name, number) {
  if (number == null) return "–";
  if (name === "cpu") return `${digits(number)} %`;
  if (name === "memory") return number >= 1023.5 ? `${digits(number / 1024)} GiB` : `${Math.round(number)} MiB`;
  let power = 0;
  while (number >= 999.5 && power < UNITS.length - 1) { number /= 1000; power += 1; }
  return `${digits(number)} ${UNITS[power]}`;
}

function moment(seconds, step) {
  const when = new Date(seconds * 1000);
  return step < 300 ? clock.format(when) : `${date.format(when)}, ${clock.format(when)}`;
}

// --- colours: resolved by the browser from the style sheet, light or dark

function colour(of, property = "color") {
  return getComputedStyle(of)[property];
}

function shade(name) {
  const probe = document.createElement("i");
  probe.className = name;
  document.body.append(probe);
  const found = colour(probe);
  probe.remove();
  return found;
}

const faint = (found, share) => `color-mix(in oklab, ${found} ${share}%, transparent)`;

// --- one chart

/** Columns as uPlot wants them: times, then of each line the average and, where there is one, the highest. */
function columns(drawn, chart) {
  const count = chart.lines[0].average.length;
  const times = Array.from({ length: count }, (_, slot) => drawn.begins + slot * drawn.step);
  return [times, ...chart.lines.flatMap((line) => (line.highest ? [line.highest, line.average] : [line.average]))];
}

function serie(number, isHighest) {
  const own = () => shade(`key-${number} line`);
  return {
    stroke: () => (isHighest ? faint(own(), 45) : own()),
    fill: isHighest || number > 1 ? undefined : () => faint(own(), 12),
    width: isHighest ? 1 : 2,
    dash: number > 1 && !isHighest ? [6, 3] : undefined,
    points: { size: 4 },
  };
}

function top(name, most, highest) {
  const enough = { cpu: 100, memory: 1 }[name] ?? 10000; // a quiet disk does not look busy
  return most ? Math.max(most, highest) : Math.max(enough, highest * 1.1);
}

function options(element, name, drawn, chart) {
  const text = () => colour(element);
  const line = () => colour(element, "borderTopColor");
  const font = `11px ${colour(document.body, "fontFamily")}`;
  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
  const ends = drawn.begins + chart.lines[0].average.length * drawn.step;
  return {
    width: element.clientWidth - 14,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { sync: { key: together.key }, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { range: () => [drawn.begins, ends] },
      y: { range: (plot, low, high) => [0, top(name, chart.most, high ?? 0)] },
    },
    axes: [
      { ...axis, size: 30, space: 64, values: (plot, splits, _axis, _space, step) => splits.map((at) => tick(at, step)) },
      {
        ...axis,
        size: 66,
        space: 32,
        ...(name === "memory" && { splits: (plot, _axis, low, high) => [0, 1, 2, 3, 4].map((part) => (part * high) / 4) }),
        values: (plot, splits) => splits.map((value) => withUnit(name, value)),
      },
    ],
    series: [
      {},
      ...chart.lines.flatMap((one, index) => [...(one.highest ? [serie(index + 1, true)] : []), serie(index + 1, false)]),
    ],
    hooks: { setCursor: [(plot) => say(element, name, plot)] },
  };
}

function tick(at, step) {
  const when = new Date(at * 1000);
  const isMidnight = when.getHours() === 0 && when.getMinutes() === 0;
  return step >= DAY_S || isMidnight ? date.format(when) : clock.format(when);
}

/** What is under the pointer, in words. */
function say(element, name, plot) {
  const { drawn, chart } = charts.get(element)?.shape ?? {};
  let at = element.querySelector(".at");
  const slot = plot.cursor.idx;
  if (!drawn || slot == null || plot.cursor.left < 0) return at?.remove();
  if (!at) element.append((at = Object.assign(document.createElement("span"), { className: "at" })));
  const words = chart.lines.map(({ average, highest }) => {
    const peak = highest && highest[slot] != null ? ` (${element.dataset.peak} ${withUnit(name, highest[slot])})` : "";
    return withUnit(name, average[slot]) + peak;
  });
  at.textContent = [moment(drawn.begins + slot * drawn.step, drawn.step), ...words].join(" · ");
}

// --- all of them

function draw() {
  const source = document.getElementById("drawn");
  for (const [element, { plot }] of charts) {
    if (element.isConnected && source) continue;
    plot.destroy();
    charts.delete(element);
  }
  if (!source) return;
  const drawn = JSON.parse(source.textContent);
  for (const element of document.querySelectorAll("[data-chart]")) {
    const name = element.dataset.chart;
    const chart = drawn.charts[name];
    if (chart) show(element, name, drawn, chart);
  }
}

function show(element, name, drawn, chart) {
  const old = charts.get(element);
  const alike = old && old.shape.chart.lines.length === chart.lines.length && old.shape.drawn.step === drawn.step;
  if (alike) {
    Object.assign(old.shape.drawn, { begins: drawn.begins });
    Object.assign(old.shape.chart, chart);
    old.plot.setData(columns(drawn, chart));
    return;
  }
  old?.plot.destroy();
  const shape = { drawn: { ...drawn }, chart: { ...chart } };
  charts.set(element, { plot: new uPlot(options(element, name, shape.drawn, shape.chart), columns(drawn, chart), element), shape });
  sizes.observe(element);
}

const sizes = new ResizeObserver((changed) => {
  for (const { target } of changed) {
    charts.get(target)?.plot.setSize({ width: target.clientWidth - 14, height: target.clientHeight });
  }
});

document.body.addEventListener("htmx:afterSettle", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { plot } of charts.values()) plot.redraw();
});
draw();
