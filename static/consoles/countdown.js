// What time is left in a console: quiet, and plain to see in the last minute. The server decides; this only shows.

const NEAR_S = 60;
const SAID_AT_S = [60, 30, 10];
const shown = document.getElementById("time-left");
const said = document.getElementById("time-left-said");

export class Countdown {
  constructor(words) {
    this.words = words;
    this.timer = null;
  }

  /** Seconds until it closes for silence, and until its longest time is over. */
  start(idle, longest) {
    const now = performance.now() / 1000;
    this.idleEnd = now + idle;
    this.longestEnd = now + longest;
    this.before = Infinity;
    this.timer ??= setInterval(() => this.show(), 500);
    this.show();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    shown.textContent = said.textContent = "";
    shown.classList.remove("is-near");
  }

  show() {
    const left = Math.max(0, Math.round(Math.min(this.idleEnd, this.longestEnd) - performance.now() / 1000));
    const isNear = left <= NEAR_S;
    const why = this.longestEnd < this.idleEnd ? this.words.longest : this.words.idle;
    const text = (isNear ? why : this.words.quiet).replace("{time}", this.time(left));
    shown.classList.toggle("is-near", isNear);
    if (shown.textContent !== text) shown.textContent = text;
    if (SAID_AT_S.some((at) => left <= at && this.before > at)) said.textContent = text;
    if (!isNear) said.textContent = "";
    this.before = left;
  }

  time(seconds) {
    if (seconds > 2 * 3600) return this.words.hours.replace("{n}", Math.ceil(seconds / 3600));
    if (seconds >= 5 * 60) return this.words.minutes.replace("{n}", Math.ceil(seconds / 60));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
