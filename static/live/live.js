// Tells the page what changed, as events on <body>. The page then asks for its own parts again.
//
//   live-<topic>        detail.id, detail.ids   e.g. live-instances; once per topic, however many changed at once
//   live-<topic>-<id>                           for who cares for one thing only
//   live-resync                                 with one event for every topic: anything may have changed
//
// <body data-events="/t/lab/events/">. The stream's state is <html data-live="connecting|on|off">, in words
// in #live-state after 5 s without it: data-off, data-signed-out and data-gone hold the words, data-start the page to
// which the last one leads (data-kept: see ../ui/session.js).

import { keep } from "../ui/session.js";
import { Stream } from "./stream.js";

const TOPICS = ["instances", "clouds", "places", "console-log", "key-pairs", "bell", "quota-requests"];
const BURST_MS = 150;
const PATIENCE_MS = 5000;
const url = document.body.dataset.events;
const changed = new Map(); // topic -> set of ids
let flushing = null;
let complaining = null;
let leftAt = 0;
let connection = null;

// --- what comes ---------------------------------------------------------------

function hear(message) {
  if (message.state) showState(message.state);
  if (message.resync) {
    for (const topic of [...TOPICS, "resync"]) note(topic, "");
  }
  for (const { topic, id } of message.changes ?? []) note(topic, id);
}

function note(topic, id) {
  if (!changed.has(topic)) changed.set(topic, new Set());
  changed.get(topic).add(id);
  flushing ??= setTimeout(flush, BURST_MS);
}

/** A page that nobody sees asks for nothing; it catches up when it is looked at. */
function flush() {
  flushing = null;
  if (document.hidden) return;
  const told = [...changed];
  changed.clear();
  for (const [topic, ids] of told) {
    const detail = { id: ids.size === 1 ? [...ids][0] : "", ids: [...ids] };
    document.body.dispatchEvent(new CustomEvent(`live-${topic}`, { detail }));
    for (const id of ids) {
      if (id) document.body.dispatchEvent(new CustomEvent(`live-${topic}-${id}`, { detail: { id } }));
    }
  }
}

// --- its state in words ---------------------------------------------------------

function showState(state) {
  const isRefused = state === "signed-out" || state === "gone";
  document.documentElement.dataset.live = isRefused ? "off" : state;
  if (state === "on") return complain("");
  if (state === "signed-out") {
    complain("signedOut");
    keep(); // in other words, where somebody typed something
    return;
  }
  if (state === "gone") {
    complain("gone");
    document.getElementById("live-state")?.append(" ", startPage());
    return;
  }
  complaining ??= setTimeout(() => complain("off"), PATIENCE_MS);
}

function complain(what) {
  if (what !== "off") {
    clearTimeout(complaining);
    complaining = null;
  }
  const element = document.getElementById("live-state");
  if (!element) return;
  element.textContent = what ? element.dataset[what] : "";
  element.hidden = !what;
}

function startPage() {
  const link = document.createElement("a");
  const { start, startPage: words } = document.getElementById("live-state").dataset;
  return Object.assign(link, { href: start, textContent: words });
}

// --- where it comes from -----------------------------------------------------------

/** Through one worker for all pages of this browser; where there are none, a stream of the page's own. */
function connect() {
  if (!("SharedWorker" in window)) return ownStream();
  try {
    const worker = new SharedWorker(new URL("worker.js", import.meta.url), { type: "module", name: "skydeck-live" });
    worker.addEventListener("error", () => { connection = ownStream(); connection.join(pageMade()); }, { once: true });
    worker.port.addEventListener("message", ({ data }) => hear(data));
    worker.port.start();
    return {
      join: (since) => worker.port.postMessage({ url, since }),
      leave: () => worker.port.postMessage({}),
    };
  } catch {
    return ownStream();
  }
}

function ownStream() {
  const stream = new Stream(url);
  return { join: (since) => stream.join(hear, since), leave: () => { stream.leave(hear); stream.stop(); } };
}

/** When the server began to make this page: what happened before is on it. */
function pageMade() {
  const [navigation] = performance.getEntriesByType("navigation");
  return performance.timeOrigin + (navigation?.requestStart ?? 0);
}

if (url) {
  showState("connecting");
  connection = connect();
  connection.join(pageMade());
  document.addEventListener("visibilitychange", () => { if (!document.hidden && changed.size) flush(); });
  document.body.addEventListener("signed-in-again", () => connection.join(pageMade()));
  window.addEventListener("pagehide", () => { leftAt = Date.now(); connection.leave(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) connection.join(leftAt); });
}
