// Text as the keys of a US keyboard: {keysym, code, shift}. What has no key there goes by its keysym alone.

import keysyms from "../vendor/novnc/1.7.0/core/input/keysymdef.js";

const CODES = [
  "Backquote", ...[..."1234567890"].map((digit) => `Digit${digit}`), "Minus", "Equal",
  "BracketLeft", "BracketRight", "Backslash", "Semicolon", "Quote", "Comma", "Period", "Slash", "Space",
];
const PLAIN = "`1234567890-=[]\\;',./ ";
const SHIFTED = '~!@#$%^&*()_+{}|:"<>?';
const NAMED = { "\n": [0xff0d, "Enter"], "\t": [0xff09, "Tab"], "\b": [0xff08, "Backspace"], "\x1b": [0xff1b, "Escape"] };

function stroke(character) {
  if (character in NAMED) {
    const [keysym, code] = NAMED[character];
    return { keysym, code, shift: false };
  }
  const keysym = keysyms.lookup(character.codePointAt(0));
  if (/^[a-z]$/i.test(character)) {
    return { keysym, code: `Key${character.toUpperCase()}`, shift: character !== character.toLowerCase() };
  }
  const shift = SHIFTED.includes(character);
  const place = (shift ? SHIFTED : PLAIN).indexOf(character);
  return { keysym, code: place < 0 ? undefined : CODES[place], shift };
}

/** A key for each character; an end of line, however it is written, is Enter. */
export function strokes(text) {
  return [...text.replace(/\r\n?/g, "\n")].map(stroke);
}
