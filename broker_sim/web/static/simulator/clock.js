/** The world's time: told, set, moved on; and what fell due on the way. */

import { at, button, make, say, shown, utc } from "./page.js";

const STEPS = [
  ["+1 min", 60],
  ["+5 min", 300],
  ["+1 h", 3_600],
  ["+1 day", 86_400],
  ["+90 days", 7_776_000],
];
const MODES = { frozen: ["stands still", "brand"], shifted: ["goes on, shifted", "good"], real: ["the machine's time", "good"] };
let told = null;
let heard = 0;
/** World and mode that the choice of a mode was shown for last. */
let offered = "";
/** @type {Map<string, Node[]>} what fell due, by world, newest first. */
const fell = new Map();

/** The section "Clock". */
export const clock = { begin, show };

function begin(board) {
  at("steps").append(...STEPS.map(([words, seconds]) => button(words, () => step(board, { seconds }), { class: "quiet" })));
  at("step-to").addEventListener("submit", (event) => {
    event.preventDefault();
    void step(board, { to: utc(at("c-to").value) });
  });
  at("set-clock").addEventListener("submit", (event) => {
    event.preventDefault();
    const mode = new FormData(event.target).get("mode");
    const now = mode === "real" ? null : utc(at("c-now").value);
    void board.try(async () => tick(await board.ask("PUT", "/clock", { mode, now })), "The clock is set.");
  });
  setInterval(write, 1_000);
}

/**
 * Note what the API says of the time.
 * @param {{mode: string, now: string}} clock
 */
export function tick(clock) {
  told = clock;
  heard = performance.now();
  write();
}

function write() {
  if (told === null) return;
  const gone = told.mode === "frozen" ? 0 : performance.now() - heard;
  const now = shown(new Date(Date.parse(told.now) + gone).toISOString());
  at("top-now").textContent = `${now} UTC`;
  at("top-now").dateTime = `${now.replace(" ", "T")}Z`;
  at("now").textContent = now;
  const [words, kind] = MODES[told.mode];
  at("mode").textContent = words;
  at("mode").className = `badge dot ${kind}`;
}

async function step(board, wish) {
  await board.try(async () => {
    const before = await board.ask("GET", "/world");
    tick(await board.ask("POST", "/clock/advance", wish));
    const after = await board.ask("GET", "/world");
    const line = happened(before, after);
    fell.set(board.name, [line, ...(fell.get(board.name) ?? [])].slice(0, 30));
    say(line.lastChild.textContent.trim());
  });
}

function happened(before, after) {
  const changes = [];
  for (const portal of after.portals) {
    const old = before.portals.find((one) => one.name === portal.name);
    const more = portal.lastUpdateId - (old?.lastUpdateId ?? 0);
    if (more > 0) changes.push(`${many(more, "update")} at ${portal.displayName}`);
  }
  const more = after.sessions - before.sessions;
  if (more > 0) changes.push(`${many(more, "more session")}`);
  if (more < 0) changes.push(`${many(-more, "session")} purged`);
  const what = changes.length ? changes.join(", ") : "no session changed";
  return make("li", {}, make("span", { class: "mono small" }, shown(after.clock.now)), make("span", { class: "grow" }, ` ${what}`));
}

const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

async function show(board) {
  const all = fell.get(board.name) ?? [];
  at("fell").replaceChildren(...all);
  at("fell-none").hidden = all.length > 0;
  const clock = await board.ask("GET", "/clock");
  tick(clock);
  offer(board.name, clock.mode);
  for (const one of at("steps").children) one.disabled = clock.mode === "real";
  for (const one of at("step-to").elements) one.disabled = clock.mode === "real";
  if (clock.mode === "real") at("mode").after(at("mode-hint") ?? make("span", { id: "mode-hint", class: "muted small" }, " The machine's time cannot be moved: choose another mode first."));
  else at("mode-hint")?.remove();
}

/** Show which mode it is; what a person has chosen since stays chosen, until it is another mode. */
function offer(name, mode) {
  if (offered === `${name} ${mode}`) return;
  offered = `${name} ${mode}`;
  for (const choice of document.querySelectorAll("#set-clock input[name=mode]")) choice.checked = choice.value === mode;
}
