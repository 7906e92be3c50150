// What both consoles share: tickets, the WebSocket, its state in words, the buttons.
//
// A console page calls open({attach}). `attach(socket)` is called with each new, connected WebSocket and returns
//   {ready: Promise, type(text), end()}     ready: when the guest is shown
//
// Whatever the server or the guest says goes into the page as text, never as HTML.

const root = document.getElementById("console");
const words = root.dataset;
const state = document.getElementById("console-state");
const screen = document.getElementById("screen");
const reconnect = document.getElementById("reconnect");

// Reasons that say everything by themselves; before the others stands that the connection is lost.
const CLEAR = { 4404: "shutoff", 4409: "taken" };

class Refused extends Error {}

function show(text, look, { isOver = false } = {}) {
  state.textContent = text;
  state.className = `st st-${look}`;
  screen.classList.toggle("is-over", isOver);
  reconnect.classList.toggle("primary", isOver);
}

function showLost(code, reason) {
  if (code in CLEAR && reason) return show(reason, CLEAR[code], { isOver: true });
  show(reason ? `${words.lost}. ${reason}` : words.lost, "error", { isOver: true });
}

/** A ticket is good for one connection. Raises Refused with the reason in words. */
async function ticket() {
  const csrf = root.querySelector("[name=csrfmiddlewaretoken]").value;
  const options = { method: "POST", headers: { "X-CSRFToken": csrf }, redirect: "manual", cache: "no-store" };
  const answer = await fetch(words.ticket, options).catch(() => { throw new Refused(words.unreachable); });
  if (answer.ok) return answer.json();
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new Refused(words.signedOut);
  if (answer.status === 409 || answer.status === 429) throw new Refused((await answer.json()).reason);
  throw new Refused(answer.status < 500 ? words.forbidden : words.unreachable);
}

export function open({ attach }) {
  let socket = null;
  let guest = null;

  function leave() {
    guest?.end();
    guest = null;
    socket?.close();
    socket = null;
  }

  async function connect() {
    leave();
    show(words.connecting, "build");
    let given;
    try {
      given = await ticket();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
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

  function giveUp(reason) {
    leave();
    showLost(0, reason);
  }

  reconnect.addEventListener("click", connect);
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
