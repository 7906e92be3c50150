// One event stream of the server, shared by every page that joins it.
//
// Read with fetch, since EventSource hides why it was refused and chooses its own times to come back.
// Tells each page: {state}, {changes: [{topic, id}]}, or {resync: true} when nobody can say what was missed.

const SILENCE_MS = 40_000; // the server sends a beat every 15 s
const KEPT_MS = 60_000; // how long a change is kept for pages that join later
const REPLAYED_MS = 14_000; // the server repeats the last 15 s to who comes for the first time
const LINGER_MS = 5_000; // from one page to the next
const LONGEST_PAUSE_MS = 30_000;
const REFUSALS = { 401: "signed-out", 404: "gone" }; // nobody is signed in; somebody who may not see this any more

export class Stream {
  constructor(url) {
    this.url = url;
    this.pages = new Map(); // tell -> {since, isWelcomed}
    this.state = "off";
    this.recent = []; // {at, topic, id}
    this.lastId = "";
    this.coveredFrom = Infinity; // from this moment on we know of every change
    this.attempts = 0;
    this.run = null; // the AbortController of the stream that is wanted
  }

  /** `tell` hears of everything from the moment `since` on, in ms since the epoch. */
  join(tell, since) {
    clearTimeout(this.lingering);
    this.pages.set(tell, { since, isWelcomed: false });
    if (this.run === null) this.start();
    else if (this.state === "on") this.welcome(tell);
    tell({ state: this.state });
  }

  leave(tell) {
    this.pages.delete(tell);
    if (this.pages.size === 0) this.lingering = setTimeout(() => this.stop(), LINGER_MS);
  }

  start() {
    this.run = new AbortController();
    this.keepOpen(this.run.signal);
  }

  stop() {
    this.run?.abort();
    this.run = null;
    this.coveredFrom = Infinity;
    this.lastId = "";
    this.recent = [];
  }

  async keepOpen(signal) {
    while (!signal.aborted) {
      this.say("connecting");
      const refusal = await this.readOnce(signal).catch(() => "");
      if (signal.aborted) return;
      if (refusal) {
        this.say(refusal);
        this.stop(); // the next page that joins was let in: it starts again
        return;
      }
      this.say("off");
      await this.pause(signal);
    }
  }

  /** Until the stream ends. Where the server will not have us, the state that this is; else empty. */
  async readOnce(signal) {
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    signal.addEventListener("abort", abort);
    let silence = setTimeout(abort, SILENCE_MS);
    try {
      const headers = this.lastId ? { "Last-Event-ID": this.lastId } : {};
      const answer = await fetch(this.url, { headers, cache: "no-store", redirect: "error", signal: attempt.signal });
      if (answer.status in REFUSALS) return REFUSALS[answer.status];
      if (answer.status === 429) this.attempts = 5;
      if (!answer.ok) return "";
      this.opened();
      for await (const block of blocksOf(answer.body)) {
        clearTimeout(silence);
        silence = setTimeout(abort, SILENCE_MS);
        this.hear(block);
      }
      return "";
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", abort);
      abort();
    }
  }

  opened() {
    this.attempts = 0;
    if (!this.lastId) this.coveredFrom = Math.min(this.coveredFrom, Date.now() - REPLAYED_MS);
    this.say("on");
    for (const tell of this.pages.keys()) this.welcome(tell);
  }

  /** What happened between the page's making and now. */
  welcome(tell) {
    const page = this.pages.get(tell);
    if (page.isWelcomed) return;
    page.isWelcomed = true;
    const known = Math.max(this.coveredFrom, Date.now() - KEPT_MS);
    const changes = this.recent.filter((change) => change.at >= page.since);
    if (page.since < known) tell({ resync: true });
    else if (changes.length) tell({ changes });
  }

  hear(block) {
    if (block.id) this.lastId = block.id;
    if (block.event === "resync") return this.tellAll({ resync: true });
    if (!block.data) return;
    const { topic, id } = JSON.parse(block.data);
    const now = Date.now();
    this.recent = this.recent.filter((change) => change.at > now - KEPT_MS);
    this.recent.push({ at: now, topic, id });
    this.tellAll({ changes: [{ topic, id }] });
  }

  /** Longer each time, and never the same for all browsers at once. */
  pause(signal) {
    const longest = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** this.attempts++);
    return new Promise((done) => {
      const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
      signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
    });
  }

  say(state) {
    this.state = state;
    this.tellAll({ state });
  }

  tellAll(message) {
    for (const tell of this.pages.keys()) tell(message);
  }
}

/** The blocks of a text/event-stream body, as objects of their fields. */
async function* blocksOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) yield fieldsOf(block);
  }
}

function fieldsOf(block) {
  const lines = block.split("\n").map((line) => [line.split(":", 1)[0], line.slice(line.indexOf(":") + 1).trim()]);
  return Object.fromEntries(lines);
}
