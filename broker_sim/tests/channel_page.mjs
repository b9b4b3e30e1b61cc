// A page without a browser: takes part in a channel by channel.js, as standard input says, and writes down what it sees.
// Arguments: the page's own URL, where channel.js is, where the descriptor is.

import { createInterface } from "node:readline";

const [, , page, module, descriptorUrl] = process.argv;
globalThis.location = { href: page };
const { openChannel } = await import(module);
const told = (...what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const channel = await openChannel({
  descriptorUrl,
  onMessage: (message, from, time) => told("message", message, from, time.toISOString()),
  onState: (state, why) => told("state", state, why ?? null),
  onLines: (lines) => told("lines", lines),
});
for await (const line of createInterface({ input: process.stdin })) {
  told("sent", await channel.send(JSON.parse(line)));
}
channel.close();
