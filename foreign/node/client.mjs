// The round by npm's `soap`, driven by the WSDL alone: see ../README.md for arguments and calls.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import axios from "axios";
import soap from "soap";

const given = Object.fromEntries(
  process.argv.slice(2).map((argument) => {
    const at = argument.indexOf("=");
    return [argument.slice(0, at), argument.slice(at + 1)];
  }),
);
const secure = given.ca && { httpsAgent: new Agent({ ca: readFileSync(given.ca) }) };
const web = axios.create({ ...secure, proxy: false });

async function main() {
  const { username, password, representative } = given;
  const sessions = await client(given.sessions);
  const here = { connectionId: await call(sessions, "logon", { username, password }) };
  await call(sessions, "getPortal", here);
  const session = await call(sessions, "getSession", { ...here, sessionId: given.session });
  for (let guess = 0; guess < 4; guess++) {
    await call(sessions, "logon", { username: given.locked, password: "wrong" });
  }
  await follow(sessions, here);
  const monitors = await client(given.monitors);
  await call(monitors, "getRepresentatives", here);
  await call(monitors, "getQueues", here);
  await makeCode(await client(given.phonemode), { ...here, representative });
  await download(session.files.SessionFile[0]);
  await call(sessions, "logoff", here);
  await call(sessions, "getPortal", here);
}

// SOAP 1.2 has to be asked for: the package does not learn it from the WSDL. Without the other
// option it takes the white space off both ends of every text.
function client(url) {
  const forceSoap12Headers = given.version === "1.2";
  return soap.createClientAsync(url, {
    forceSoap12Headers,
    preserveWhitespace: true,
    request: web,
  });
}

async function follow(sessions, here) {
  await call(sessions, "getLastUpdateId", here);
  const max = Number(given.max);
  for (let since = 0, page; page === undefined || page.length === max; ) {
    page = (await call(sessions, "getUpdates", { ...here, since, max }))?.Update ?? [];
    since = page.at(-1)?.updateId;
  }
}

async function makeCode(phonemode, whose) {
  const { portal, customer: customerName, reference: referenceId } = given;
  const { connectionId } = whose;
  const wanted = { ...whose, portal, customerName, referenceId };
  const { code } = await call(phonemode, "createCode", wanted);
  await call(phonemode, "getCodes", whose);
  await call(phonemode, "cancelCode", { connectionId, code });
  await call(phonemode, "getCodes", whose);
}

async function download(file) {
  const { data } = await web.get(file.url, { responseType: "arraybuffer" });
  const sha256 = createHash("sha256").update(data).digest("hex");
  say("download", { gives: { size: data.length, sha256, told: file.sha256 } });
}

// Calls an operation; prints what it gives, or the detail of its fault.
async function call(service, operation, wanted) {
  try {
    const [answer] = await service[`${operation}Async`](wanted);
    const gives = Object.values(answer ?? {})[0] ?? null;
    say(operation, { gives: plain(gives) });
    return gives;
  } catch (error) {
    if (!error.root?.Envelope) throw error;
    const { Fault } = error.root.Envelope.Body;
    const detail = Fault.detail ?? Fault.Detail; // SOAP 1.2 spells it with a capital
    const [type] = Object.keys(detail);
    say(operation, { fault: type, fields: plain(detail[type]) });
  }
}

// A value of the package's as JSON has it; a wrapped list as the list in it.
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date || value === null || typeof value !== "object") return value;
  const fields = Object.entries(value).filter(([name]) => name !== "attributes");
  if (fields.length === 1 && Array.isArray(fields[0][1])) return plain(fields[0][1]);
  return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner)]));
}

function say(operation, told) {
  console.log(JSON.stringify({ call: operation, ...told }));
}

await main();
