/** One exchange of the journal: a line, and all of it when it is opened. */

import { badge, make, shown } from "./page.js";
import { pretty } from "./xml.js";

const SHOWN_BYTES = 4096; // the journal keeps the beginning of a body: docs/journal.md

/**
 * Give an exchange as an item of the list.
 * @param {any} told as the API tells it.
 * @returns {HTMLLIElement}
 */
export function entry(told) {
  const details = make("details", {}, summary(told));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(all(told));
  });
  return make("li", { "data-number": String(told.number) }, details);
}

function summary(told) {
  const bad = told.status === 0 || told.status >= 400;
  const what = told.operation && !["page", "download"].includes(told.operation) ? `${told.operation}(${brief(told.arguments)})` : `${told.method} ${told.path}`;
  const came = told.fault ?? (bad ? told.refusal : null);
  return make("summary", {},
    make("span", { class: "number" }, told.number),
    make("time", { dateTime: told.time }, shown(told.time, true).split(" ")[1]),
    make("span", { class: "status" }, told.status === 0 ? badge("cut", "bad") : badge(told.status, bad ? "bad" : "good")),
    make("span", { class: "what" }, what, came ? make("span", { class: "muted" }, ` ${came}`) : null),
    make("span", { class: "whose muted small" }, told.provoked.length ? badge("provoked", "warn") : null, ` ${told.login ?? ""}`));
}

function brief(given) {
  const text = Object.entries(given ?? {}).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function all(told) {
  const facts = [
    ["Time", `${shown(told.time, true)} UTC, ${(told.seconds * 1000).toFixed(1)} ms`],
    ["Door", `${told.method} ${told.path}${told.query ? `?${told.query}` : ""}`],
    ["Login", told.login],
    ["Connection", told.connection],
    ["Asked for", told.asked],
    ["Fault", told.fault],
    ["Refusal", told.refusal],
    ["Provoked by", told.provoked.join(", ")],
    ["Nobody read", told.ignored.join(", ")],
    ["Caller", told.client],
  ].filter(([, value]) => value);
  return make("div", { class: "exchange" },
    make("dl", { class: "pairs small" }, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    make("div", { class: "bodies" }, body("Request", told.headers, told.request, told.requestBytes), body("Answer", told.answered, told.response, told.responseBytes)));
}

function body(name, headers, text, bytes) {
  const lines = Object.entries(headers).map(([field, value]) => `${field}: ${value}\n`).join("");
  const cut = text && bytes > SHOWN_BYTES ? `\n… ${bytes.toLocaleString("en")} bytes in all` : "";
  return make("div", {}, make("h3", {}, `${name}, ${bytes.toLocaleString("en")} bytes`),
    make("pre", { class: "mono", tabIndex: 0, role: "region", "aria-label": name }, lines, lines && text ? "\n" : "", pretty(text), cut));
}
