// The serial console: xterm.js on the bytes of the guest.

import "./strict_styles.js";
import { Terminal } from "../vendor/xterm/6.0.0/lib/xterm.mjs";
import { FitAddon } from "../vendor/addon-fit/0.11.0/lib/addon-fit.mjs";
import { open } from "./console.js";

const PIECE = 16 * 1024; // the server takes at most 64 KiB in one message
const screen = document.getElementById("screen");
const encoder = new TextEncoder();

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

function attach(socket) {
  const send = (text) => {
    const bytes = encoder.encode(text);
    for (let start = 0; start < bytes.length; start += PIECE) socket.send(bytes.subarray(start, start + PIECE));
  };
  // Taken as fast as it can be shown: a guest that floods fills the connection, not this page.
  socket.addEventListener("message", ({ data }) => terminal.write(new Uint8Array(data)));
  const typed = terminal.onData((text) => { if (socket.readyState === WebSocket.OPEN) send(text); });
  terminal.focus();
  return {
    ready: Promise.resolve(),
    type: (text) => { terminal.paste(text); terminal.focus(); },
    end: () => typed.dispose(),
  };
}

open({ attach });
