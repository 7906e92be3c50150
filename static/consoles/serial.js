// The serial console: xterm.js on the bytes of the guest.

import "./strict_styles.js";
import { Terminal } from "../vendor/xterm/6.0.0/lib/xterm.mjs";
import { FitAddon } from "../vendor/addon-fit/0.11.0/lib/addon-fit.mjs";
import { open } from "./console.js";
import { quieten } from "./replies.js";

const PIECE = 16 * 1024; // the server takes at most 64 KiB in one message
const screen = document.getElementById("screen");
const encoder = new TextEncoder();
const words = document.getElementById("console").dataset;
let leads = true;
let replaying = 0; // how many pieces of what was there before us are not shown yet
let replayNext = false;

const terminal = new Terminal({
  cursorBlink: true,
  fontFamily: 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSize: 14,
  scrollback: 5000,
  theme: { background: "#0d1017", foreground: "#d8dee9" },
  linkHandler: { activate() {} }, // a guest's links lead nowhere
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(screen);
fit.fit();
new ResizeObserver(() => fit.fit()).observe(screen);
quieten(terminal, () => leads && replaying === 0);

function attach(socket) {
  const send = (text) => {
    const bytes = encoder.encode(text);
    for (let start = 0; start < bytes.length; start += PIECE) socket.send(bytes.subarray(start, start + PIECE));
  };
  // Taken as fast as it can be shown: a guest that floods fills the connection, not this page.
  socket.addEventListener("message", ({ data }) => {
    if (!replayNext) return terminal.write(new Uint8Array(data));
    replayNext = false;
    replaying += 1;
    terminal.write(new Uint8Array(data), () => { replaying -= 1; });
  });
  const typed = terminal.onData((text) => { if (socket.readyState === WebSocket.OPEN) send(text); });
  terminal.focus();
  return {
    ready: Promise.resolve(),
    type: (text) => { terminal.paste(text); terminal.focus(); },
    end: () => typed.dispose(),
  };
}

/** What the server says between the guest's bytes. */
function note(name, value) {
  if (name === "leads") leads = value;
  if (name === "skipped") terminal.write(`\r\n\x1b[0;7m ${words.skipped.replace("{n}", value)} \x1b[0m\r\n`);
  if (name !== "replay") return;
  replayNext = value > 0;
  if (value > 0) terminal.reset(); // the same again would stand there twice
}

open({ attach, note });
