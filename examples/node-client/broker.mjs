// Calls of the Sessions service, SOAP 1.1 over node's own http, and downloads.
import { createHash } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { XMLParser } from "fast-xml-parser";

const NAMESPACE = "urn:broker-sim:v1";
const TIMEOUT = 30_000; // milliseconds without a byte
const LISTS = ["Update", "SessionFile"]; // one of them is a list, too

/** A fault of the contract: its code and its fields. */
export class Refused extends Error {
  constructor(fields) {
    super(`${fields.code}: ${fields.message}`);
    this.code = fields.code;
    this.fields = fields;
  }
}

/** No answer that could be used; `after` is how many seconds to wait, `sent` whether it may have been carried out. */
export class Later extends Error {
  constructor(why, { after = 0, sent = true } = {}) {
    super(why);
    this.after = after;
    this.sent = sent;
  }
}

const parser = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false, // ids and digests are texts to us
  trimValues: false,
  isArray: (name) => LISTS.includes(name),
});

export class Broker {
  constructor(wsdl, ca, stopping) {
    this.url = wsdl.split("?")[0];
    this.ca = ca;
    this.stopping = stopping;
  }

  /** Calls an operation; `fields` in the order of the WSDL. Gives what stands in the answer's body, and its text. */
  async call(operation, fields) {
    const inside = Object.entries(fields).map(([name, value]) => `<${name}>${escape(value)}</${name}>`);
    const body =
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><${operation} xmlns="${NAMESPACE}">` +
      `${inside.join("")}</${operation}></e:Body></e:Envelope>`;
    const headers = {
      "Content-Type": "text/xml; charset=utf-8",
      SOAPAction: `"${NAMESPACE}/Sessions/${operation}"`,
    };
    const answer = await this.send("POST", this.url, headers, body);
    if (!(answer.headers["content-type"] ?? "").includes("xml")) throw notSoap(answer);
    return read(answer.data.toString("utf8"));
  }

  /** Gives the bytes of a file, if they are those that the broker told of. */
  async download(file) {
    const { status, data } = await this.send("GET", file.url, {});
    const sha256 = createHash("sha256").update(data).digest("hex");
    if (status !== 200 || data.length !== Number(file.size) || sha256 !== file.sha256) {
      throw new Later(`${file.name} did not come whole (HTTP ${status}, ${data.length} bytes)`);
    }
    return data;
  }

  send(method, url, headers, body) {
    const { request } = url.startsWith("https:") ? https : http;
    const options = { method, headers, ca: this.ca, timeout: TIMEOUT, signal: this.stopping };
    return new Promise((resolve, reject) => {
      const sent = request(url, options, (answer) => {
        const pieces = [];
        answer.on("data", (piece) => pieces.push(piece));
        answer.on("error", (error) => reject(new Later(error.message)));
        answer.on("close", () => {
          if (!answer.complete) reject(new Later("the answer was cut"));
          resolve({ status: answer.statusCode, headers: answer.headers, data: Buffer.concat(pieces) });
        });
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
      sent.on("error", (error) => reject(new Later(error.message, { sent: error.code !== "ECONNREFUSED" })));
      sent.end(body);
    });
  }
}

function notSoap({ status, headers }) {
  const after = Number(headers["retry-after"] ?? 0);
  return new Later(`HTTP ${status}`, { after, sent: ![429, 503].includes(status) });
}

function read(text) {
  let body;
  try {
    body = parser.parse(text, true)?.Envelope?.Body;
  } catch (error) {
    throw new Later(`no XML: ${error.message}`);
  }
  if (body === undefined) throw new Later("no SOAP");
  if (body.Fault === undefined) return { gives: Object.values(body)[0], text };
  const [fields] = Object.values(body.Fault.detail ?? {}).filter((each) => each?.code);
  if (fields === undefined || fields.code === "ServerError") throw new Later(body.Fault.faultstring);
  throw new Refused(fields);
}

function escape(value) {
  return String(value).replace(/[&<>]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[mark]);
}
