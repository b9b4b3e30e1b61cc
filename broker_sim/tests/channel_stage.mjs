// Pages without a browser and without a network: whoever drives them answers what they ask, when it likes.
// Each line of standard input is a command. It is answered with one line once nothing moves any more: what the pages
// ask now, and what they were told. Whatever sleeps wakes with the next command. Argument: where channel.js is.

import { createInterface } from "node:readline";

const { Channel } = await import(process.argv[2]);
const pages = new Map(), asked = new Map(), sleeping = new Set();
let asks = [], told = [], serial = 0, working = 0;

globalThis.location = { href: "http://broker.example/" };
globalThis.setTimeout = (done) => { sleeping.add(done); return done; };
globalThis.clearTimeout = (done) => { sleeping.delete(done); };
globalThis.fetch = (url, { method = "GET", headers = {}, body, signal }) =>
  new Promise((done, fail) => {
    const id = (serial += 1);
    signal.addEventListener("abort", () => fail(new Error("aborted")));
    asked.set(id, { done, fail });
    const bytes = Buffer.from(body ?? []).toString("base64");
    asks.push({ id, url, method, headers, body: bytes });
  });
for (const name of ["importKey", "encrypt", "decrypt"]) {
  const was = crypto.subtle[name].bind(crypto.subtle);
  crypto.subtle[name] = async (...given) => {
    working += 1;
    try { return await was(...given); } finally { working -= 1; }
  };
}

const commands = {
  open({ page, descriptorUrl }) {
    const tell = (...what) => told.push([page, ...what]);
    const channel = new Channel({
      descriptorUrl,
      onMessage: (message, from) => tell("message", message, from),
      onState: (state) => tell("state", state),
      onLines: (lines) => tell("lines", lines),
    });
    pages.set(page, channel);
    channel.begin();
  },
  async send({ page, message }) {
    const sent = await pages.get(page).send(message);
    told.push([page, "sent", message, sent]);
  },
  close({ page }) { pages.get(page).close(); },
  answer({ id, status, headers, body }) {
    const bytes = Buffer.from(body, "base64");
    asked.get(id).done({
      ok: status >= 200 && status < 300, status,
      headers: { get: (name) => headers[name] ?? null },
      json: async () => JSON.parse(bytes.toString()),
      arrayBuffer: async () => new Uint8Array(bytes).buffer,
    });
  },
  fail({ id }) { asked.get(id).fail(new TypeError("network")); },
  wake() {},
};

async function settled() {
  for (let still = 0; still < 4; still = working ? 0 : still + 1) await new Promise((done) => setImmediate(done));
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  for (const done of [...sleeping]) { sleeping.delete(done); done(); }
  commands[command.do](command);
  await settled();
  process.stdout.write(`${JSON.stringify({ asks, told })}\n`);
  asks = []; told = [];
}
