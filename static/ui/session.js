// A session that ended: the answer to any request is then the sign-in page, which belongs to the whole window.
//
// Where somebody typed something, the page stays: #live-state says so, and it goes on once they signed in, in another tab.

import { announce } from "./notices.js";
import { isTyped } from "./typed.js";

const { signIn } = document.body.dataset;
const state = document.getElementById("live-state");
let isKept = false;

const isSignIn = (address) => new URL(address || location.href).pathname === signIn;

/** True where the page has to stay. */
export function keep() {
  if (!state || !isTyped()) return false;
  isKept = true;
  const words = document.createElement("span");
  words.textContent = state.dataset.kept;
  const link = document.createElement("a");
  Object.assign(link, { href: signIn, target: "_blank", textContent: state.dataset.signInApart });
  if (state.textContent !== words.textContent + link.textContent) state.replaceChildren(words, link);
  state.hidden = false;
  return true;
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (!isSignIn(event.detail.xhr.responseURL)) return;
  event.detail.shouldSwap = false;
  if (!keep()) location.reload();
});

/** Signing in has made the tokens of this page's forms void; any page has one that holds. */
async function goOn() {
  if (!isKept) return;
  const answer = await fetch(signIn, { cache: "no-store" });
  if (!answer.ok || isSignIn(answer.url)) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[name=csrfmiddlewaretoken]");
  if (!fresh || !isKept) return;
  for (const token of document.querySelectorAll("[name=csrfmiddlewaretoken]")) token.value = fresh.value;
  isKept = false;
  state.hidden = true;
  state.replaceChildren();
  announce(state.dataset.signedIn);
  document.body.dispatchEvent(new CustomEvent("signed-in-again"));
}

window.addEventListener("focus", goOn);
document.addEventListener("visibilitychange", () => { if (!document.hidden) goOn(); });
