/** The journal as it grows: filtered, opened, held against an expectation, taken away. */

import { download } from "./api.js";
import { entry } from "./exchange.js";
import { at, filled, make, pairs, say } from "./page.js";

const FOLLOW_MS = 1_000;
const KEPT = 300;
let after = null; // the number behind which the next look begins; null before the first
let asks = {};
let lists = 0; // how often a list was begun: what was asked for an earlier one is passed over

/** The section "Journal". */
export const journal = { begin, show, leave };

function begin(board) {
  const names = [...new Set(board.words.operations.map((one) => one.split(".")[1]))].sort();
  at("operations-short").append(...[...names, "page", "download"].map((value) => make("option", { value })));
  at("fault-codes").append(...["*", "none", ...board.words.faults].map((value) => make("option", { value })));
  at("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    asks = filled(event.target);
    leave();
    void board.try(async () => {});
  });
  at("har").addEventListener("click", () => board.try(async () => download(`${board.name}.har`, await board.ask("GET", "/journal.har"))));
  at("clear").addEventListener("click", () => board.try(async () => {
    await board.ask("DELETE", "/journal");
    leave();
  }, "Forgotten."));
  at("verify").addEventListener("submit", (event) => {
    event.preventDefault();
    void board.try(() => judge(board, event.target));
  });
  setInterval(() => follow(board), FOLLOW_MS);
}

/** Begin anew with what is listed. */
function leave() {
  after = null;
  lists += 1;
  at("exchanges").replaceChildren();
  at("verdict").replaceChildren();
}

async function show(board) {
  const place = after === null ? { last: 100 } : { after };
  const query = new URLSearchParams({ ...place, ...asks, limit: 200 });
  const begun = lists;
  const { entries, next } = await board.ask("GET", `/journal?${query}`);
  if (begun !== lists) return;
  after = next;
  const list = at("exchanges");
  const known = new Set([...list.children].map((one) => one.dataset.number)); // two looks may overlap
  list.prepend(...entries.filter((one) => !known.has(String(one.number))).reverse().map(entry));
  while (list.children.length > KEPT) list.lastElementChild.remove();
  at("count").textContent = list.children.length ? `${list.children.length} shown, newest first` : "";
  at("exchanges-none").hidden = list.children.length > 0;
}

async function follow(board) {
  if (at("journal").hidden || document.hidden || !at("follow").checked) return;
  try {
    await show(board);
  } catch (problem) {
    say(problem.message, true);
    at("follow").checked = false;
  }
}

async function judge(board, form) {
  const wish = filled(form);
  wish[at("v-how").value] = Number(at("v-count").value);
  const asked = pairs(at("v-arguments").value, (like) => ({ like }));
  if (Object.keys(asked).length) wish.arguments = asked;
  const told = await board.ask("POST", "/journal/verify", wish);
  at("verdict").replaceChildren(
    make("p", { class: `notice ${told.held ? "good" : "bad"}` }, told.held ? `It was so: ${told.found.length} such.` : "It was not so."),
    told.held ? "" : make("pre", { class: "report mono", tabIndex: 0 }, told.report));
}
