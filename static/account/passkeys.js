// Forms that are answered by a passkey: [data-passkey="create"] makes one, [data-passkey="get"] uses one.
//
// What the server asks for is in the page ([data-options], the id of a JSON script) or behind a URL ([data-options-url]).

const encoding = { "+": "-", "/": "_", "=": "" };

function decode(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function encode(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/[+/=]/g, (letter) => encoding[letter]);
}

const known = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

async function create({ publicKey }) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      user: { ...publicKey.user, id: decode(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  return answer(made, {
    clientDataJSON: encode(clientDataJSON),
    attestationObject: encode(attestationObject),
    transports: made.response.getTransports?.() || [],
  });
}

async function get({ publicKey }) {
  const used = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: decode(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return answer(used, {
    clientDataJSON: encode(clientDataJSON),
    authenticatorData: encode(authenticatorData),
    signature: encode(signature),
    userHandle: userHandle && encode(userHandle),
  });
}

function answer(credential, response) {
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function wanted(form) {
  if (!form.dataset.optionsUrl) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const reply = await fetch(form.dataset.optionsUrl, { cache: "no-store" });
  if (!reply.ok) throw new Error(String(reply.status));
  return (await reply.json()).options;
}

function tell(form, text) {
  const place = form.querySelector("[data-problem]");
  place.hidden = !text;
  place.querySelector("span").textContent = text;
}

/** By the name of the browser's error; see the texts in account/passkey_problems.html. */
function wordsFor(form, error) {
  const { cancelled, insecure, already, failed } = form.querySelector("[data-problem]").dataset;
  return { NotAllowedError: cancelled, AbortError: cancelled, SecurityError: insecure, InvalidStateError: already }[error.name] || failed;
}

async function go(form) {
  tell(form, "");
  try {
    const ceremony = form.dataset.passkey === "create" ? create : get;
    form.elements.credential.value = JSON.stringify(await ceremony(await wanted(form)));
    form.submit();
  } catch (error) {
    tell(form, wordsFor(form, error));
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  const button = form.querySelector("button");
  button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) return tell(form, form.querySelector("[data-problem]").dataset.insecure);
    go(form);
  });
}
