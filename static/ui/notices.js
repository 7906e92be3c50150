// What came of a request, in words: `notice` events of the server, and answers that never came.

const toasts = document.getElementById("toasts");
const onPage = document.getElementById("notices");
const FADES_MS = 6000;

function closeButton(notice) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet small";
  button.setAttribute("aria-label", toasts.dataset.close);
  button.textContent = "×";
  button.addEventListener("click", () => notice.remove());
  return button;
}

function anchor({ label, url }) {
  const link = document.createElement("a");
  link.href = url;
  link.textContent = label;
  return link;
}

function put(place, text, { bad, link }) {
  const notice = document.createElement("div");
  notice.className = `banner ${bad ? "bad" : "good"}`;
  const words = document.createElement("span");
  words.textContent = text;
  notice.append(words, ...(link ? [anchor(link)] : []), closeButton(notice));
  for (const old of place.children) if (old.querySelector("span").textContent === text) old.remove();
  place.append(notice);
  return notice;
}

/** A good notice goes by itself, but not while it is read; a bad one stays until it is closed. */
export function say(text, { bad = false, link, stays = bad } = {}) {
  if (!text) return;
  const notice = put(toasts, text, { bad, link });
  announce(text, { bad });
  if (stays) return;
  const go = () => (notice.matches(":hover, :focus-within") ? setTimeout(go, FADES_MS) : notice.remove());
  setTimeout(go, FADES_MS);
}

/** For screen readers only. Emptied first: the same words twice are two announcements. */
export function announce(text, { bad = false } = {}) {
  const region = document.getElementById(bad ? "said-loud" : "said");
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

// A refusal stands on the page, where a plain form finds it, until it is closed there.
document.body.addEventListener("notice", ({ detail }) => {
  say(detail.text, { ...detail, stays: false });
  if (detail.bad) put(onPage, detail.text, detail);
});
document.body.addEventListener("htmx:responseError", (event) =>
  say(`${toasts.dataset.failed} ${event.detail.xhr.status}.`, { bad: true }),
);
document.body.addEventListener("htmx:sendError", () => say(toasts.dataset.offline, { bad: true }));

// A greyed verb does nothing and says why, also to those who cannot hover.
document.addEventListener("click", (event) => {
  const grey = event.target.closest('[aria-disabled="true"]');
  if (grey && !grey.closest("[data-why]")) say(grey.title, { bad: true });
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches('[aria-disabled="true"]')) event.preventDefault(); // it was not grey a moment ago
});

for (const button of document.querySelectorAll("[data-close-notice]")) {
  button.hidden = false;
  button.addEventListener("click", () => button.parentElement.remove());
}
