// `watch` and `fetch` of docs/client-suite.md, which tells the arguments.
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Broker, Later, Refused } from "./broker.mjs";
import { Connection, GaveUp } from "./connection.mjs";
import { getJson, put, putJson, remove, zip } from "./disk.mjs";

const PAGE = 1000;
const ROUNDS = 5;
const CHANNELS = "LocalScreen,RemoteScreen,Chat,Diagnostics";
const TEXT = { type: "string" };
const OPTIONS = {
  ...Object.fromEntries(["wsdl", "username", "archive", "state", "from", "to", "ca"].map((name) => [name, TEXT])),
  interval: { type: "string", default: "10" },
  channels: { type: "string", default: CHANNELS },
  decompress: { type: "boolean" },
};

const given = arguments_();
const stopping = new AbortController();
const broker = new Broker(given.wsdl, given.ca && readFileSync(given.ca), stopping.signal);
const connection = new Connection(broker, given.state, given.username, process.env.BROKER_PASSWORD);
const channels = new Set([...given.channels.split(","), "Properties"]);
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => stopping.abort());
process.exitCode = await main();

function arguments_() {
  try {
    const { positionals, values } = parseArgs({ options: OPTIONS, allowPositionals: true });
    if (!["watch", "fetch"].includes(positionals[0])) throw new Error(`there is no ${positionals[0]}`);
    return { verb: positionals[0], ...values };
  } catch (error) {
    console.error(error.message);
    process.exit(127);
  }
}

async function main() {
  try {
    return given.verb === "fetch" ? await fetchRange() : await watch();
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    console.error(error.message);
    return error instanceof GaveUp ? 3 : 1;
  } finally {
    broker.stopping = undefined; // the logoff is to go out
    await connection.leave();
  }
}

// On demand

async function fetchRange() {
  const lacking = await carryAll(await listed({ from: given.from, to: given.to, by: "Ended" }));
  if (lacking.length > 0) console.error(`not stored: ${lacking.join(", ")}`);
  return lacking.length > 0 ? 1 : 0;
}

async function listed(range) {
  const pageMax = Number((await patiently("getPortal")).gives.portal.pageMax);
  const ids = [];
  for (;;) {
    const after = ids.length > 0 ? { after: ids.at(-1) } : {};
    const page = sessionIds((await patiently("getSessionIds", { ...range, ...after })).gives);
    ids.push(...page);
    if (page.length < pageMax) return ids;
  }
}

function sessionIds({ sessionIds }) {
  return typeof sessionIds === "object" ? Object.values(sessionIds).flat() : []; // an empty list is a text
}

async function patiently(operation, fields) {
  for (let failures = 1; ; failures++) {
    try {
      return await connection.call(operation, fields);
    } catch (error) {
      if (!(error instanceof Later) || failures === ROUNDS) throw error;
      await pause(Math.max(error.after, 0.3 * 2 ** failures));
    }
  }
}

async function carryAll(ids) {
  let left = ids;
  for (let round = 1; left.length > 0 && round <= ROUNDS; round++) {
    const failed = [];
    let wait = 0.3 * 2 ** round;
    for (const id of left) {
      const later = await tried(id);
      if (later) failed.push(id);
      wait = Math.max(wait, later?.after ?? 0);
    }
    left = failed;
    if (left.length > 0 && round < ROUNDS) await pause(wait);
  }
  return left;
}

// Real time

async function watch() {
  const interval = Number(given.interval);
  const path = join(given.state, "place.json");
  const place = getJson(path, {});
  let failures = 0;
  for (let due = now(); !stopping.signal.aborted; ) {
    let patience = 0;
    try {
      await poll(place, path);
      failures = 0;
    } catch (error) {
      if (!(error instanceof Later)) throw error;
      failures += 1;
      // half a second more than asked: the broker's seconds begin when it has answered
      patience = Math.max(Math.min(60, interval * 1.7 ** failures), error.after > 0 ? error.after + 0.5 : 0);
      console.error(`a poll failed: ${error.message}`);
    }
    const began = due;
    do due += interval;
    while (due < now() || due < began + patience);
    await pause(due - now());
  }
  return 0;
}

/** Notes what the log has, in one file with the place in it, then brings it home. */
async function poll(place, path) {
  if (place.since === undefined) {
    const seen = (await connection.call("getPortal")).gives.portal.brokerTime;
    place.since = (await connection.call("getLastUpdateId")).gives.lastUpdateId;
    Object.assign(place, { seen, pending: [] });
    putJson(path, place);
  }
  await readLog(place, path);
  let wait;
  for (const id of [...place.pending]) {
    const later = await tried(id);
    if (later) {
      wait = later.after > (wait?.after ?? 0) ? later : wait;
      continue;
    }
    place.pending = place.pending.filter((each) => each !== id);
    putJson(path, place);
  }
  if (wait) throw wait;
}

async function readLog(place, path) {
  for (;;) {
    let page;
    try {
      const { gives } = await connection.call("getUpdates", { since: place.since, max: PAGE });
      page = gives.updates.Update ?? [];
    } catch (error) {
      if (error.code !== "UpdateExpired") throw error;
      const to = (await connection.call("getPortal")).gives.portal.brokerTime;
      note(place, await listed({ from: place.seen, to, by: "Updated" }));
      place.since = String(BigInt(error.fields.oldestUpdateId) - 1n);
      putJson(path, place);
      continue;
    }
    if (page.length > 0) {
      note(place, page.map((update) => update.sessionId));
      Object.assign(place, { since: page.at(-1).updateId, seen: page.at(-1).time });
      putJson(path, place);
    }
    if (page.length < PAGE) return;
  }
}

function note(place, ids) {
  place.pending = [...new Set([...place.pending, ...ids])];
}

// One session

/** Brings a session home; gives what to wait for where it cannot be had now. */
async function tried(id) {
  try {
    await store(id);
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined; // it is gone
    if (error instanceof Later && !stopping.signal.aborted) return error;
    throw error;
  }
}

async function store(id) {
  const { gives, text } = await connection.call("getSession", { sessionId: id });
  const { status, files: told } = gives.session;
  if (!["Finished", "Error"].includes(status)) return;
  const files = { "session.xml": Buffer.from(text) }; // all that the broker tells, wrapped keys too
  for (const file of told.SessionFile ?? []) {
    if (!channels.has(file.channel)) continue;
    files[file.name] = await broker.download(file);
    if (file.kdf === "none") await keepKey(file.keyVersion);
  }
  if (given.decompress) putFolder(join(given.archive, `Session_${id}`), files);
  else put(join(given.archive, `Session_${id}.zip`), zip(files), 0o644);
}

function putFolder(path, files) {
  const part = `${path}.part`;
  remove(part);
  mkdirSync(part);
  for (const [name, data] of Object.entries(files)) put(join(part, name), data, 0o644);
  remove(path);
  renameSync(part, path);
}

async function keepKey(version) {
  const path = join(given.archive, "keys", `default-${version}.key`);
  if (existsSync(path)) return;
  mkdirSync(join(given.archive, "keys"), { recursive: true, mode: 0o700 });
  const { gives } = await connection.call("getDefaultKey", { keyVersion: version });
  put(path, Buffer.from(gives.defaultKey.key));
}

function now() {
  return performance.now() / 1000;
}

function pause(seconds) {
  return sleep(1000 * Math.max(0, seconds), undefined, { signal: stopping.signal });
}
