// What both consoles share: tickets, the WebSocket, its state in words, the buttons.
//
// A console page calls open({attach, note}). `attach(socket)` is called with each new, connected WebSocket and returns
//   {ready: Promise, type(text), end()}     ready: when the guest is shown
// Binary messages are the guest's. Text messages are notes for the page: who else is there and what time is left are
// shown here; `note(name, value)` hears of the others.
//
// Whatever the server or the guest says goes into the page as text, never as HTML.

import { Countdown } from "./countdown.js";

const root = document.getElementById("console");
const words = root.dataset;
const state = document.getElementById("console-state");
const screen = document.getElementById("screen");
const company = document.getElementById("company");
const reconnect = document.getElementById("reconnect");
const choice = document.getElementById("choice");
const tooMany = document.getElementById("too-many");
const countdown = new Countdown(words);

// Reasons that say everything by themselves; before the others stands that the connection is lost.
const CLEAR = { 4404: "shutoff", 4408: "taken", 4409: "taken", 4410: "taken" };
const HELD = 4423;
const TOO_MANY = 4429;

class Refused extends Error {
  constructor({ reason, held = false, full = false }) {
    super(reason);
    Object.assign(this, { held, full });
  }
}

function show(text, look, { isOver = false } = {}) {
  state.textContent = text;
  state.className = `st st-${look}`;
  screen.classList.toggle("is-over", isOver);
  reconnect.classList.toggle("primary", isOver);
}

function showLost(code, reason) {
  if (code === HELD) return ask(reason, { isLine: true });
  if (code === TOO_MANY) return showMine(reason);
  if (code in CLEAR && reason) return show(reason, CLEAR[code], { isOver: true });
  show(reason ? `${words.lost}. ${reason}` : words.lost, "error", { isOver: true });
}

/** Somebody else has it: what to do is this person's choice. */
function ask(reason, { isLine = false } = {}) {
  show(words.held, "waiting", { isOver: true });
  reconnect.classList.remove("primary");
  document.getElementById("choice-who").textContent = reason;
  choice.classList.toggle("of-line", isLine);
  choice.hidden = false;
  document.getElementById(isLine ? "take-over" : "share").focus();
}

/** Too many are open: here they are, each with a button that closes it. */
function showMine(reason) {
  show(`${words.refused}. ${reason}`, "error", { isOver: true });
  tooMany.hidden = false;
  htmx.ajax("GET", words.mine, { target: tooMany, swap: "innerHTML" });
}

function showCompany(names) {
  company.textContent = names.length ? words.with.replace("{names}", [...new Set(names)].join(", ")) : "";
  company.title = company.textContent;
}

/** A ticket is good for one connection. Raises Refused with the reason in words. */
async function ticket(how) {
  const csrf = root.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "X-CSRFToken": csrf };
  const options = { method: "POST", headers, body: new URLSearchParams({ how }), redirect: "manual", cache: "no-store" };
  const answer = await fetch(words.ticket, options).catch(() => { throw new Refused({ reason: words.unreachable }); });
  if (answer.ok) return answer.json();
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new Refused({ reason: words.signedOut });
  if (answer.status === 409 || answer.status === 429) throw new Refused(await answer.json());
  throw new Refused({ reason: answer.status < 500 ? words.forbidden : words.unreachable });
}

export function open({ attach, note = () => {} }) {
  let socket = null;
  let guest = null;

  function leave() {
    guest?.end();
    guest = null;
    socket?.close();
    socket = null;
    countdown.stop();
    showCompany([]);
  }

  async function connect(how = "", { again = false } = {}) {
    leave();
    choice.hidden = tooMany.hidden = true;
    show(words.connecting, "build");
    let given;
    try {
      given = await ticket(how);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.held) return ask(error.message);
      // a page that was just left may not be counted out yet
      if (error.full && !again) return setTimeout(() => connect(how, { again: true }), 1000);
      if (error.full) return showMine(error.message);
      return show(`${words.refused}. ${error.message}`, "error", { isOver: true });
    }
    dial(given);
  }

  function dial({ ticket: token, path }) {
    leave(); // of two clicks the later one counts
    const address = new URL(path, location.href);
    address.protocol = location.protocol.replace("http", "ws");
    const mine = new WebSocket(address, [`skydeck.ticket.${token}`, "binary"]);
    mine.binaryType = "arraybuffer";
    // the first listener: whoever shows the guest does not hear of notes
    mine.addEventListener("message", (event) => {
      if (typeof event.data !== "string") return;
      event.stopImmediatePropagation();
      if (mine === socket) hear(JSON.parse(event.data));
    });
    mine.addEventListener("open", async () => {
      if (mine !== socket) return;
      guest = attach(mine);
      try {
        await guest.ready;
        if (mine === socket && mine.readyState === WebSocket.OPEN) show(words.connected, "active");
      } catch (error) {
        if (mine === socket) giveUp(error.message);
      }
    });
    mine.addEventListener("close", ({ code, reason }) => {
      if (mine !== socket) return;
      leave();
      showLost(code, reason);
    });
    socket = mine;
  }

  function hear(said) {
    if ("company" in said) showCompany(said.company);
    if ("idle_s" in said) countdown.start(said.idle_s, said.longest_s);
    for (const [name, value] of Object.entries(said)) note(name, value);
  }

  function giveUp(reason) {
    leave();
    showLost(0, reason);
  }

  reconnect.addEventListener("click", () => connect());
  document.getElementById("share").addEventListener("click", () => connect("share"));
  document.getElementById("take-over").addEventListener("click", () => connect("take"));
  addPaste((text) => guest?.type(text));
  addFullScreen();
  addWayOut();
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  connect();
  return { guest: () => guest };
}

function addPaste(type) {
  const dialog = document.getElementById("paste-dialog");
  const text = document.getElementById("paste-text");
  document.getElementById("paste").addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "paste") type(text.value);
    dialog.returnValue = "";
    text.value = "";
  });
}

/** Every key is the guest's but Ctrl+F6, which gives the keyboard back. Ctrl is let go for the guest first. */
function addWayOut() {
  let isLeaving = false;
  screen.addEventListener("keydown", (event) => {
    if (event.key !== "F6" || !event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    isLeaving = true;
  }, { capture: true });
  screen.addEventListener("keyup", (event) => {
    if (!isLeaving) return;
    if (event.key === "F6") event.stopPropagation();
    if (event.key !== "Control") return;
    isLeaving = false;
    setTimeout(() => document.getElementById("paste").focus());
  }, { capture: true });
}

function addFullScreen() {
  document.getElementById("full-screen").addEventListener("click", async () => {
    await screen.requestFullscreen();
    await navigator.keyboard?.lock(["Escape"]).catch(() => {}); // Escape is the guest's; held, it leaves
    screen.querySelector("textarea, canvas")?.focus();
  });
}
