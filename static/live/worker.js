// Holds the event streams of all pages of this browser: one per tenant, however many tabs.
// A browser opens only six connections to a server, and each stream takes one for as long as it is open.

import { Stream } from "./stream.js";

const streams = new Map();

function streamOf(url) {
  if (!streams.has(url)) streams.set(url, new Stream(url));
  return streams.get(url);
}

self.addEventListener("connect", ({ ports: [port] }) => {
  const tell = (message) => port.postMessage(message);
  let stream = null;
  const leave = () => stream?.leave(tell);
  port.addEventListener("message", ({ data }) => {
    leave();
    stream = data.url ? streamOf(data.url) : null;
    stream?.join(tell, data.since);
  });
  port.addEventListener("close", leave);
  port.start();
});
