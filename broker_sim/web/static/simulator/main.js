/** The simulator's page: opens with the token, picks a world, shows one section of it. */

import { call, dropToken, hasToken, keepToken, of, takeToken } from "./api.js";
import { clock, tick } from "./clock.js";
import { faults } from "./faults.js";
import { hostile } from "./hostile.js";
import { journal } from "./journal.js";
import { magic } from "./magic.js";
import { at, make, say } from "./page.js";
import { world } from "./world.js";

const SECTIONS = { world, clock, faults, hostile, journal, magic };
const CHOSEN = "broker-sim.world";
const GLANCE_MS = 2_000;

/** What is being done that a person wanted: glances wait, since what they look at may go meanwhile. */
let busy = 0;
/** The glance under way. */
let glancing = Promise.resolve();

/** What all sections have in common. */
const board = {
  /** The world that is looked at. */
  name: sessionStorage.getItem(CHOSEN) ?? "default",
  words: JSON.parse(at("words").textContent),

  /** Call the API about the chosen world. */
  ask(method, path, body) {
    return call(method, of(this.name, path), body);
  },

  /** Do something that a person wanted, and tell how it went. */
  async try(does, done = "") {
    busy += 1;
    try {
      await glancing;
      await does();
      if (done) say(done);
      await show();
    } catch (problem) {
      if (problem.status === 401) close("That is not the token of this simulator.");
      else say(problem.message, true);
    } finally {
      busy -= 1;
    }
  },

  /** Look at another world. */
  async choose(name) {
    this.name = name;
    sessionStorage.setItem(CHOSEN, name);
    for (const section of Object.values(SECTIONS)) section.leave?.();
    await this.try(() => pick());
  },
};

function section() {
  const asked = location.hash.slice(1);
  return asked in SECTIONS ? asked : "world";
}

/** Fill the section that is to be seen with what stands now. */
async function show() {
  const now = section();
  for (const one of document.querySelectorAll("[data-section]")) one.hidden = one.id !== now;
  for (const link of at("sections").children) {
    if (link.hash === `#${now}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${at(`h-${now}`).textContent.trim()} · Simulator`;
  await SECTIONS[now].show(board);
}

/** Offer the worlds; one that is gone is left. */
async function pick() {
  const { worlds } = await call("GET", "/worlds");
  if (!worlds.some((one) => one.name === board.name)) board.name = worlds[0].name;
  at("pick").replaceChildren(...worlds.map((one) => make("option", { value: one.name, selected: one.name === board.name }, one.name)));
  board.worlds = worlds;
  tick(worlds.find((one) => one.name === board.name).clock);
}

function glance() {
  if (busy || document.hidden || !hasToken() || at("sections").hidden) return;
  const asked = board.ask("GET", "/clock");
  glancing = asked.then(tick, () => {});
  // somebody else has dropped the world
  asked.catch((problem) => problem.status === 404 && board.try(pick));
}

function close(sentence = "") {
  dropToken();
  for (const id of ["sections", "chosen"]) at(id).hidden = true;
  for (const one of document.querySelectorAll("[data-section]")) one.hidden = true;
  at("door").hidden = false;
  at("door-problem").textContent = sentence;
  at("token").focus();
}

async function open() {
  try {
    await pick();
  } catch (problem) {
    close(problem.status === 401 ? "That is not the token of this simulator." : problem.message);
    return;
  }
  at("door").hidden = true;
  at("token").value = "";
  for (const id of ["sections", "chosen"]) at(id).hidden = false;
  await board.try(async () => {});
}

function begin() {
  for (const one of Object.values(SECTIONS)) one.begin(board);
  at("pick").addEventListener("change", () => board.choose(at("pick").value));
  at("door-form").addEventListener("submit", (event) => {
    event.preventDefault();
    keepToken(at("token").value.trim());
    void open();
  });
  addEventListener("hashchange", async () => {
    if (takeToken()) return void open();
    await board.try(async () => {});
    at(`h-${section()}`).focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  setInterval(glance, GLANCE_MS);
  board.pick = pick;
  if (hasToken()) void open();
  else close();
}

takeToken();
begin();
