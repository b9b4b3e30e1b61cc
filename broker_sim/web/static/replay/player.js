// Replays the recordings of a session in the page: fetches the sealed files, opens them with a key that never leaves the
// page, and shows both screens and the chat in step.

import { advanced } from "./clock.js";
import { Bar } from "./bar.js";
import { Film } from "./film.js";
import { lastUpTo, NoRecording } from "./frames.js";
import { open, octets, Plain, Tampered, WrongKey } from "./unseal.js";
import { unlock } from "./lock.js";
import { Talk } from "./talk.js";

const STEP_MS = 5000;
// Instants since 1970 are larger than this, positions within a recording smaller.
const INSTANT = 1e11;

/**
 * A recording of a session, as the review page tells of it.
 * @typedef {{name: string, title?: string, url: string, size?: number, encrypted: boolean, keyId?: string, wrappedKey?: string, kdf?: string, kdfSalt?: string}} Recording
 */

/**
 * Put a player into a page.
 * @param {object} given
 * @param {HTMLElement} given.container
 * @param {Recording[]} given.recordings
 * @param {{ms: number, who: string, text: string, party?: string}[]} [given.chat] `ms` from the session's start
 * @param {(recording: Recording) => Uint8Array | null | Promise<Uint8Array | null>} [given.getKey] the key of this recording alone, if the broker gives it; null to ask for the security key
 * @param {number} [given.started] the session's start, in milliseconds since 1970; unless given, recordings begin with their first frames
 * @returns {Promise<Player>} when it is in the page; `ready` resolves when it can play
 */
export async function createPlayer({ container, recordings, chat = [], getKey = () => null, started }) {
  await styled();
  return new Player(container, recordings, chat, getKey, started);
}

class Player {
  constructor(container, recordings, chat, getKey, started) {
    Object.assign(this, { recordings, getKey, started, position: 0, speed: 1, skip: false, playing: false, films: [], last: 0 });
    this.root = element("section", "replay", container);
    this.root.setAttribute("aria-label", "Player");
    this.root.tabIndex = -1;
    this.main = element("div", "replay-main", this.root);
    this.screens = element("div", "replay-screens", this.main);
    const side = element("aside", "replay-chat", this.root);
    side.setAttribute("aria-label", "Chat");
    element("h2", "", side).textContent = "Chat";
    this.talk = new Talk(side, chat, (ms) => this.seek(ms));
    this.status = element("p", "replay-status", this.main);
    this.status.setAttribute("role", "status");
    this.lastLine = chat.at(-1)?.ms ?? 0;
    /** Resolves when what can be played can be played. */
    this.ready = this.#open();
    this.ready.catch(() => {});
  }

  // Opening

  async #open() {
    this.tiles = this.recordings.map((recording) => this.#tile(recording));
    const locked = [];
    for (const tile of this.tiles) {
      const contentKey = tile.recording.encrypted ? await this.getKey(tile.recording) : null;
      // Links are good for a while only, a key may take its time: what is locked is fetched first.
      if (!tile.recording.encrypted || contentKey) await this.#load(tile, { contentKey });
      else if (await this.#fetched(tile).catch((error) => this.#problem(tile, error))) locked.push(tile);
    }
    for (const salt of new Set(locked.map((tile) => tile.recording.kdfSalt))) await this.#unlock(locked.filter((tile) => tile.recording.kdfSalt === salt));
    this.films = this.tiles.filter((tile) => tile.film);
    if (this.films.length) this.#start();
    this.#say("");
  }

  #tile(recording) {
    const figure = element("figure", "replay-screen", this.screens);
    const title = element("figcaption", "", figure);
    title.textContent = recording.title ?? recording.name;
    const stage = element("div", "replay-stage", figure);
    return { recording, figure, stage, film: null };
  }

  // One key opens all that were made under one salt; the form goes once it fits.
  async #unlock(locked) {
    for (const tile of locked) tile.figure.hidden = true;
    this.#say("");
    try {
      await unlock(this.main, locked[0].recording, async (kek) => {
        // A recording that was changed says nothing against the key; loading it says what is wrong.
        for (const { file, recording } of locked)
          await opened(file, recording, { kek }).catch((error) => {
            if (error instanceof WrongKey) throw error;
          });
        for (const tile of locked) {
          tile.figure.hidden = false;
          await this.#load(tile, { kek });
        }
      });
    } catch (error) {
      for (const tile of locked) {
        tile.figure.hidden = false;
        this.#problem(tile, error);
      }
    }
  }

  async #load(tile, key) {
    const { recording } = tile;
    try {
      const file = await this.#fetched(tile);
      const source = recording.encrypted ? await opened(file, recording, key) : new Plain(file);
      const film = new Film(source);
      await film.prepare((share) => this.#say(`Verifying ${recording.title ?? recording.name}: ${Math.round(100 * share)} %`));
      tile.film = film;
      film.painting.element.setAttribute("role", "img");
      film.painting.element.setAttribute("aria-label", `Recorded: ${recording.title ?? recording.name}`);
      tile.stage.append(film.painting.element);
      film.painting.display.onresize = () => this.#fit(tile);
      new ResizeObserver(() => this.#fit(tile)).observe(tile.stage);
    } catch (error) {
      this.#problem(tile, error);
    }
  }

  #problem(tile, error) {
    const problem = element("p", "replay-problem", tile.stage);
    problem.setAttribute("role", "alert");
    problem.textContent = sentence(error);
  }

  async #fetched(tile) {
    if (tile.file) return tile.file;
    this.#say(`Loading ${tile.recording.title ?? tile.recording.name} …`);
    const answer = await fetch(tile.recording.url).catch(() => null);
    if (!answer?.ok) throw new Error(answer?.status === 410 ? "This recording has been deleted." : "The recording could not be loaded. Load the page anew to try again.");
    tile.file = await answer.blob();
    return tile.file;
  }

  #start() {
    const first = Math.min(...this.films.map((tile) => tile.film.times[0]));
    this.zero = first > INSTANT && this.started ? Math.min(first, this.started) : first;
    this.end = Math.max(1, this.lastLine, ...this.films.map((tile) => tile.film.times.at(-1) - this.zero));
    const views = this.films.map((tile, nth) => ({ value: String(nth), label: tile.recording.title ?? tile.recording.name }));
    this.bar = new Bar(this.main, this.end, [{ value: "all", label: "Both screens" }, ...views].slice(views.length > 1 ? 0 : 1), {
      toggle: () => (this.playing ? this.pause() : this.play()),
      seek: (ms) => this.seek(ms),
      speed: (times) => (this.speed = times),
      skip: (on) => (this.skip = on),
      view: (name) => this.#view(name),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    });
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.seek(0);
  }

  // Playing

  /** Go on from here, or from the beginning if it is over. */
  play() {
    if (this.playing || !this.bar) return;
    if (this.position >= this.end) this.position = 0;
    this.playing = true;
    this.last = performance.now();
    this.#tick();
  }

  /** Stand still. */
  pause() {
    this.playing = false;
    this.bar?.show(this.position, false);
  }

  /**
   * Go somewhere.
   * @param {number} ms from the beginning
   * @returns {Promise<unknown>} when the screens show it
   */
  async seek(ms) {
    this.position = Math.max(0, Math.min(this.end, ms));
    this.bar.fresh = true;
    const slow = setTimeout(() => this.#say("Going there …"), 400);
    try {
      return await this.#show();
    } finally {
      clearTimeout(slow);
      this.#say("");
    }
  }

  /** End, and leave the page. */
  stop() {
    this.pause();
    this.root.remove();
  }

  async #tick() {
    while (this.playing && this.root.isConnected) {
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      const how = { speed: this.speed, end: this.end, skip: this.skip, next: this.#next() };
      // A page that was out of sight does not leap.
      this.position = advanced(this.position, Math.min(250, now - this.last), how);
      this.last = now;
      if (this.position >= this.end) this.playing = false;
      await this.#show();
    }
  }

  #next() {
    const found = this.films.map(({ film }) => film.times[lastUpTo(film.times, this.zero + this.position) + 1] ?? Infinity);
    return Math.min(...found) - this.zero;
  }

  #show() {
    this.bar.show(this.position, this.playing);
    this.talk.show(this.position);
    return Promise.all(this.films.map(({ film }) => film.show(this.zero + this.position)));
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const { key } = event;
    if (key === " " && !event.target.closest("button")) this.playing ? this.pause() : this.play();
    else if (key === "ArrowLeft") this.seek(this.position - STEP_MS);
    else if (key === "ArrowRight") this.seek(this.position + STEP_MS);
    else return;
    event.preventDefault();
  }

  // Looks

  #view(name) {
    this.films.forEach((tile, nth) => (tile.figure.hidden = name !== "all" && name !== String(nth)));
    this.root.classList.toggle("single", name !== "all");
  }

  #fit({ film, stage }) {
    film.painting.fit(stage.clientWidth, document.fullscreenElement === this.root ? window.innerHeight - 160 : Infinity);
  }

  #say(words) {
    if (this.status.textContent !== words) this.status.textContent = words;
  }
}

// `key` is the recording's own, or one that opens its wrapped key.
const opened = (file, { keyId, wrappedKey, size }, key) => open(file, { keyId, wrappedKey: octets(wrappedKey), size, ...key });

function sentence(error) {
  if (error instanceof Tampered) return `This recording cannot be trusted and is not shown: ${error.message}.`;
  if (error instanceof WrongKey) return `The recording stays closed: ${error.message}.`;
  if (error instanceof NoRecording) return `There is nothing to show: ${error.message}.`;
  return error.message;
}

function element(name, kind, parent) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  parent.append(made);
  return made;
}

// The player brings its style sheet; the page need not know of it.
function styled() {
  const href = new URL("./replay.css", import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href?.split("?")[0] === href)) return undefined;
  const link = element("link", "", document.head);
  link.rel = "stylesheet";
  return new Promise((done) => {
    link.onload = link.onerror = done;
    link.href = href;
  });
}
