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
  await helpCustomers(await client(given.agents));
  await readSessions(await client(given.sessions));
  await watch(await client(given.monitors));
  await makeCodes(await client(given.phonemode));
}

async function logon(service, username, password) {
  return { connectionId: await call(service, "logon", { username, password }) };
}

// The representative: takes a request, refuses one, does all that a session takes.
async function helpCustomers(agents) {
  const { portal, subPortal, words, url, customer: customerName, reference: referenceId } = given;
  const here = await logon(agents, given.representative, given.repPassword);
  const live = { ...here, sessionId: given.live };
  await call(agents, "setAvailability", { ...here, available: true });
  await call(agents, "getEvents", { ...here, since: 0, max: 100 });
  await call(agents, "acceptRequest", { ...here, sessionId: given.wanted });
  await call(agents, "declineRequest", { ...here, sessionId: given.unwanted });
  await call(agents, "startByCode", { ...here, portal, customerName, referenceId });
  await call(agents, "sendChat", { ...live, text: words });
  await call(agents, "pushUrl", { ...live, url });
  const content = Buffer.from(Array.from({ length: 256 }, (_, at) => at)).toString("base64");
  await call(agents, "sendFile", { ...live, name: "every byte.bin", content });
  await call(agents, "requestDiagnostics", live);
  await call(agents, "setScreenSharing", { ...live, on: true });
  await call(agents, "rebootReconnect", { ...live, reconnected: false });
  const end = { comment: words, sessionEndLabel: "Ticket", sessionEndData: words };
  await call(agents, "endSession", { ...live, resolution: "Unresolved", ...end });
  const ratings = { LabelledValue: [{ label: words, value: words }] };
  await call(agents, "submitRating", { ...live, ratings });
  await call(agents, "transferSession", { ...here, sessionId: given.other, subPortal });
  await call(agents, "logoff", here);
}

async function readSessions(sessions) {
  const here = await logon(sessions, given.username, given.password);
  await call(sessions, "getPortal", here);
  const session = await call(sessions, "getSession", { ...here, sessionId: given.session });
  for (let guess = 0; guess < 4; guess++) await logon(sessions, given.locked, "wrong");
  const { from, to, subPortal } = given;
  const some = { from, to, by: "Posted", subPortals: { Name: [subPortal] } };
  await call(sessions, "getSessionIds", { ...here, ...some });
  await follow(sessions, here);
  await download(session.files.SessionFile[0]);
  await call(sessions, "getDefaultKey", { ...here, keyVersion: 1 });
  await call(sessions, "logoff", here);
  await call(sessions, "getPortal", here);
}

async function watch(monitors) {
  const here = await logon(monitors, given.username, given.password);
  await call(monitors, "getRepresentatives", here);
  await call(monitors, "getQueues", here);
  await call(monitors, "logoff", here);
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

async function makeCodes(phonemode) {
  const here = await logon(phonemode, given.username, given.password);
  const { portal, representative, customer: customerName, reference: referenceId } = given;
  const whose = { ...here, representative };
  const wanted = { ...whose, portal, customerName, referenceId };
  const { code } = await call(phonemode, "createCode", wanted);
  await call(phonemode, "getCodes", whose);
  await call(phonemode, "cancelCode", { ...here, code });
  await call(phonemode, "getCodes", whose);
  await call(phonemode, "createCode", wanted);
  await call(phonemode, "cancelCodes", whose);
  await call(phonemode, "getCodes", whose);
  await call(phonemode, "logoff", here);
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
