/** Fault rules: listed with a switch each, added by a form; the certificate of the door. */

import { call } from "./api.js";
import { at, badge, button, filled, make, pairs } from "./page.js";

const HOW = { name: "how", words: "The connection is", options: [["", "as usual"], ["rst", "reset"], ["fin", "closed"]] };
const SECONDS = { name: "seconds", words: "Seconds", type: "number", min: 0, max: 600, step: "any", required: true };
/** Each effect: what it is called, and its own fields. */
const EFFECTS = {
  fault: ["is a fault of the contract", [{ name: "code", words: "Fault", options: "faults" }]],
  status: ["is an HTTP status", [{ name: "status", words: "Status", options: "statuses" }, { name: "retryAfter", words: "Retry-After, seconds", type: "number", min: 0, max: 86400 }]],
  delay: ["comes later", [SECONDS]],
  drip: ["comes in drips", [SECONDS, { name: "pieces", words: "Pieces", type: "number", min: 1, max: 1000, placeholder: "10" }]],
  truncate: ["breaks off", [{ name: "keep", words: "Bytes that come", type: "number", min: 0, placeholder: "half" }, HOW]],
  cut: ["is cut before the first byte", [HOW]],
  garbage: ["is noise", [{ name: "size", words: "Bytes", type: "number", min: 1, max: 1048576, placeholder: "512" }]],
  contentType: ["has a wrong Content-Type", [{ name: "contentType", words: "Content-Type", required: true, value: "text/html; charset=utf-8" }]],
  empty: ["is empty, with status 200", []],
};
const APART = new Set(["id", "effect", "operation", "fitted", "struck", "seed"]);
/** What a rule says where nothing was said. */
const USUAL = { skip: 0, probability: 1, when: "before" };
/** @type {Map<string, object[]>} rules that were switched off, by world. */
const off = new Map();
/** The certificate that the choice of one was shown for last: what a person has chosen since stays chosen. */
let offered = "";

/** The section "Faults". */
export const faults = { begin, show };

function begin(board) {
  at("f-effect").append(...Object.entries(EFFECTS).map(([effect, [words]]) => make("option", { value: effect }, `${effect}: the answer ${words}`)));
  at("operations").append(...["*", "download", "Sessions.*", ...board.words.operations].map((value) => make("option", { value })));
  at("f-effect").addEventListener("change", () => ask(board));
  ask(board);
  at("new-rule").addEventListener("submit", (event) => {
    event.preventDefault();
    void board.try(async () => {
      await board.ask("POST", "/faults", wish(event.target));
      event.target.reset();
      ask(board);
    }, "It strikes from now on.");
  });
  at("tls").addEventListener("submit", (event) => {
    event.preventDefault();
    void board.try(() => call("PUT", "/tls", { certificate: at("t-kind").value }), "From the next handshake on.");
  });
}

/** Show the fields that the chosen effect has. */
function ask(board) {
  const [, fields] = EFFECTS[at("f-effect").value];
  at("f-more").replaceChildren(...fields.map((field) => control(board, field)));
}

function control(board, { name, words, options, ...given }) {
  const id = `f-${name}`;
  const known = typeof options === "string" ? board.words[options].map((one) => [one, one]) : options;
  const made = known
    ? make("select", { id, name }, ...known.map(([value, text]) => make("option", { value }, text)))
    : make("input", { id, name, ...given });
  return make("p", { class: "field" }, make("label", { htmlFor: id }, words), made);
}

function wish(form) {
  const { match, ...given } = filled(form);
  if (given.status !== undefined) given.status = Number(given.status);
  return match ? { ...given, match: pairs(match, (like) => ({ like })) } : given;
}

async function show(board) {
  const { faults: standing } = await board.ask("GET", "/faults");
  const resting = (off.get(board.name) ?? []).filter((one) => !standing.some((rule) => rule.id === one.id));
  off.set(board.name, resting);
  at("rules").replaceChildren(...standing.map((rule) => row(board, rule, true)), ...resting.map((rule) => row(board, rule, false)));
  at("rules-none").hidden = standing.length + resting.length > 0;
  const hasOne = board.worlds[0].url.startsWith("https:");
  at("tls-card").hidden = !hasOne;
  if (!hasOne) return;
  const { certificate } = await call("GET", "/tls");
  if (certificate !== offered) at("t-kind").value = offered = certificate;
}

function row(board, rule, isOn) {
  const more = Object.entries(rule).filter(([name, value]) => !APART.has(name) && value !== null && USUAL[name] !== value);
  const says = more.map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ");
  const name = `${rule.id}: ${rule.operation ?? "*"}, ${rule.effect}`;
  return make("li", {},
    make("label", { class: "switch grow" },
      make("input", { type: "checkbox", role: "switch", checked: isOn, onchange: () => (isOn ? rest(board, rule) : wake(board, rule)) }),
      make("span", {}, make("span", { class: "name" }, name), make("span", { class: "does muted small" }, says ? ` ${says}` : ""))),
    isOn ? badge(`struck ${rule.struck} of ${rule.fitted}`, rule.struck ? "warn" : "") : badge("off"),
    button("Remove", () => board.try(() => remove(board, rule, isOn)), { class: "danger slim", "aria-label": `Remove ${rule.id}` }));
}

/** Switch a rule off: the broker forgets it, this page does not. */
function rest(board, rule) {
  return board.try(async () => {
    await remove(board, rule, true);
    off.get(board.name).push(rule);
  });
}

function wake(board, { fitted: _fitted, struck: _struck, ...rule }) {
  return board.try(() => board.ask("POST", "/faults", rule), `${rule.id} strikes again, as the last of the rules.`);
}

async function remove(board, rule, isOn) {
  if (isOn) await board.ask("DELETE", `/faults/${encodeURIComponent(rule.id)}`);
  off.set(board.name, (off.get(board.name) ?? []).filter((one) => one.id !== rule.id));
}
