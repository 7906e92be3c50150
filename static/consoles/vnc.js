// The graphical console: noVNC on the guest's screen. What the guest puts on its clipboard, and what it calls
// its desktop, is not listened to.

import RFB from "../vendor/novnc/1.7.0/core/rfb.js";
import { open } from "./console.js";
import { strokes } from "./us_keyboard.js";

const KEY_PAUSE_MS = 12; // guests lose keys that come faster
const screen = document.getElementById("screen");
const words = document.getElementById("console").dataset;

function attach(socket) {
  const rfb = new RFB(screen, socket, { shared: true });
  rfb.scaleViewport = true;
  rfb.showDotCursor = true;
  rfb.background = "transparent";
  const ready = new Promise((connected, failed) => {
    rfb.addEventListener("connect", () => { rfb.focus(); connected(); });
    rfb.addEventListener("credentialsrequired", () => failed(new Error(words.password)));
    rfb.addEventListener("securityfailure", () => failed(new Error(words.password)));
  });
  return {
    ready,
    type: (text) => typeKeys(rfb, text),
    ctrlAltDel: () => { rfb.sendCtrlAltDel(); rfb.focus(); },
    end: () => rfb.disconnect(),
  };
}

async function typeKeys(rfb, text) {
  rfb.focus();
  for (const stroke of strokes(text)) {
    if (stroke.shift) rfb.sendKey(0xffe1, "ShiftLeft", true);
    rfb.sendKey(stroke.keysym, stroke.code);
    if (stroke.shift) rfb.sendKey(0xffe1, "ShiftLeft", false);
    await new Promise((done) => setTimeout(done, KEY_PAUSE_MS));
  }
}

const page = open({ attach });
document.getElementById("ctrl-alt-del").addEventListener("click", () => page.guest()?.ctrlAltDel());
