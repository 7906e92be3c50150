// The administrator's password of an instance: decrypted here, with a private key that never leaves this page.
//
// The key's fields have no names and their form no address, so that nothing could send them. They are emptied once the
// password is there, and when the page is left; nothing is written to the browser's storage.

import { announce } from "../ui/notices.js";

const MOST_BYTES = 64 * 1024;
const DOTS = "•".repeat(12);
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\ufffd]/u;
const panel = document.getElementById("unlock");
const words = panel?.dataset;
const form = document.getElementById("unlock-form");
const pasted = document.getElementById("private-key");
const file = document.getElementById("private-key-file");
const wrong = document.getElementById("private-key-error");
const shown = document.getElementById("password-text");
const hide = document.getElementById("password-hide");
let password = "";

const state = () => document.getElementById("password-state");
const encrypted = () => state().dataset.data;

// --- while there is none -----------------------------------------------------------

function tail() {
  if (!document.hidden && "waits" in state().dataset) htmx.trigger(state(), "tail");
}

/** Another password than the one that was decrypted: a rebuilt instance has one. */
function follow(before) {
  panel.hidden = !encrypted();
  if (before !== encrypted()) forget();
}

function watch() {
  let before = encrypted();
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id !== "password-state") return;
    follow(before);
    before = encrypted();
  });
  setInterval(tail, 1000 * state().dataset.period);
  document.addEventListener("visibilitychange", tail);
  follow(before);
}

// --- the key -------------------------------------------------------------------------

/** What is wrong with a text that should be a private key, as the name of its sentence; empty: nothing that one sees. */
function fault(text) {
  if (!text.trim()) return "empty";
  if (text.includes("-----BEGIN OPENSSH PRIVATE KEY-----")) return "openssh";
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:.*ENCRYPTED/m.test(text)) return "encrypted";
  if (/^PuTTY-User-Key-File/m.test(text)) return "putty";
  if (/-----BEGIN [A-Z ]*PUBLIC KEY-----|^\s*ssh-[a-z0-9]+ /.test(text)) return "public";
  if (/-----BEGIN (EC|DSA) PRIVATE KEY-----/.test(text)) return "kind";
  return /-----BEGIN (RSA )?PRIVATE KEY-----[^-]+-----END/.test(text) ? "" : "none";
}

/** The password, or the name of what is wrong. */
function decrypt(text) {
  const lock = new JSEncrypt();
  lock.setPrivateKey(text);
  const { n, d, p, q } = lock.key;
  if (!n || !d || !p || !q || p.multiply(q).compareTo(n)) return { is: "kind" };
  if (atob(encrypted()).length !== (n.bitLength() + 7) >> 3) return { is: "wrong" };
  const found = lock.decrypt(encrypted());
  // one wrong key in some ten thousand makes something that looks like padding
  return found && !UNPRINTABLE.test(found) ? { found } : { is: "wrong" };
}

async function text() {
  const [chosen] = file.files;
  if (pasted.value.trim() || !chosen) return pasted.value;
  return chosen.size > MOST_BYTES ? "-" : chosen.text();
}

async function unlock(event) {
  event.preventDefault();
  tell("");
  const key = await text();
  const is = fault(key);
  if (is) return tell(is);
  if (!window.JSEncrypt) return tell("broken");
  const answer = decrypt(key);
  if (answer.is) return tell(answer.is);
  clear();
  reveal(answer.found);
}

function tell(is) {
  wrong.hidden = !is;
  wrong.querySelector("span").textContent = is ? words[is] : "";
  const field = file.files.length && !pasted.value.trim() ? file : pasted;
  for (const one of [pasted, file]) one.removeAttribute("aria-invalid");
  if (!is) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function clear() {
  pasted.value = file.value = "";
}

// --- the password --------------------------------------------------------------------

function reveal(found) {
  password = found;
  form.hidden = true;
  document.getElementById("unlocked").hidden = false;
  document.getElementById("password-copy").hidden = !navigator.clipboard;
  show(true);
  shown.focus();
  announce(words.said);
}

function show(isShown) {
  shown.textContent = isShown ? password : DOTS;
  hide.textContent = isShown ? hide.dataset.hide : hide.dataset.show;
}

function forget() {
  password = shown.textContent = "";
  document.getElementById("unlocked").hidden = true;
  form.hidden = false;
}

async function copy({ currentTarget: button }) {
  await navigator.clipboard.writeText(password);
  button.querySelector("span").textContent = button.dataset.copied;
  announce(button.dataset.copied);
}

if (panel) {
  form.addEventListener("submit", unlock);
  hide.addEventListener("click", () => show(shown.textContent !== password));
  document.getElementById("password-copy").addEventListener("click", copy);
  // a browser may keep the page in memory for its Back button: without key and password
  window.addEventListener("pagehide", () => { clear(); forget(); });
  watch();
}
