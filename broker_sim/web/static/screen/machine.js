// The synthetic customer's computer in the customer's page. The customer's own pointer and keys move it, and so do the
// representative's `input` messages; what changes on it goes out as `screen` messages while it is shared.

import { Desktop, HEIGHT, WIDTH } from "./desktop.js";
import { Hands } from "./hands.js";
import { pointer } from "./icons.js";
import { keyName } from "./keys.js";
import { STEPS } from "./boot.js";
import { Surface, makeCanvas } from "./surface.js";
import { Stage } from "./stage.js";
import { instruction, pieces } from "./protocol.js";

const FRAME_MS = 70;
// After a frame of many bytes the next one waits, so that in the long run so many bytes a second are not exceeded.
const BYTES_PER_MS = 60;
const LONGEST_WAIT_MS = 400;
// A whole screen with many windows goes as several messages, of which the first is the key: a relay takes no larger ones.
const MESSAGE_MOST = 160_000;
// Messages that nobody has taken yet; more are not sent.
const UNDERWAY_MOST = 6;
const GAP_MS = 1500;

/**
 * Put a simulated computer into a page.
 * @param {object} given
 * @param {HTMLElement} given.container gets the screen; as wide as the container
 * @param {(message: object) => unknown} [given.emit] takes `screen` messages while the screen is shared; may give a promise, of false for one that was not sent
 * @param {() => Date} [given.now]
 * @param {() => void} [given.onRestart] the user of the computer restarts it; unless given, it just does
 * @param {string} [given.label] what a screen reader calls it
 */
export function createMachine({ container, emit = () => {}, now = () => new Date(), onRestart, label }) {
  return new Machine({ container, emit, now, onRestart, label });
}

class Machine {
  constructor({ container, emit, now, onRestart, label = "Simulated screen of your computer" }) {
    Object.assign(this, { emit, waiting: 0, last: -Infinity, wait: FRAME_MS, begun: 0, moved: true, restarting: null, turn: 0, underway: 0, late: false, used: false });
    this.surface = new Surface(WIDTH, HEIGHT);
    this.arrow = this.surface.layer(12, 17);
    this.#arrow();
    this.stage = new Stage(container, this.surface.canvas, label, {
      pointer: (x, y, buttons) => this.#pointer(x, y, buttons),
      key: (key, pressed) => this.#key(key, pressed),
    });
    this.desktop = new Desktop(this.surface, now, (words) => this.stage.say(words));
    this.desktop.restart = onRestart ?? (() => this.reboot());
    this.hands = new Hands(this.desktop);
    this.#run();
    this.#frame();
  }

  /** The visible canvas, 1024 by 768. */
  get canvas() {
    return this.surface.canvas;
  }

  /** Begin to send. @param {{elapsed?: number}} [from] milliseconds of sharing that went before, as after a reload of the page */
  start({ elapsed = 0 } = {}) {
    this.begun = performance.now() - elapsed;
    this.surface.live = true;
    this.#run();
    this.keyFrame();
  }

  /** Send nothing more; the computer stays as it is. */
  stop() {
    this.surface.take();
    this.surface.live = false;
    clearInterval(this.clock);
    clearTimeout(this.gap);
    this.gap = 0;
    this.stage.clear();
  }

  /** Send the whole screen now. */
  keyFrame() {
    clearTimeout(this.gap);
    this.gap = 0;
    if (!this.surface.live) return;
    this.desktop.describe();
    this.surface.add(instruction("cursor", 0, 0, this.arrow.index, 0, 0, 12, 17));
    this.moved = true;
    this.#send(true);
  }

  /** Take a message of the representative: input, whiteboard, refresh; others are not ours. @param {any} message */
  handle(message) {
    if (message.kind === "refresh") this.keyFrame();
    else if (message.kind === "whiteboard") this.stage.draw(String(message.data));
    else if (message.kind === "input" && this.surface.live) this.#input(message);
  }

  /** Go dark, start anew, come back with nothing open. @returns {Promise<void>} when it is back */
  reboot() {
    this.restarting ??= this.#reboot();
    return this.restarting;
  }

  /** Show a page that the representative sent. @param {string} url */
  openPage(url) {
    const { windows } = this.desktop;
    const web = windows.find((window) => window.program.unique === "web");
    if (web) web.program.go(url);
    this.desktop.start("web", url);
    this.#soon();
  }

  /** Put a file that the representative sent into the downloads. @param {string} name @param {number} bytes */
  receiveFile(name, bytes) {
    const size = bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KB`;
    this.desktop.state.downloads.unshift([name, "document", size]);
    for (const window of this.desktop.windows) window.dirty = true;
    this.#soon();
  }

  /** Take the computer out of the page. */
  remove() {
    this.stop();
    clearTimeout(this.waiting);
    this.stage.remove();
  }

  #run() {
    clearInterval(this.clock);
    this.clock = setInterval(() => this.#tick(), 1000);
  }

  #arrow() {
    const { canvas, ctx } = makeCanvas(12, 17);
    ctx.drawImage(pointer(), 0, 0);
    this.arrow.replace(canvas);
  }

  async #reboot() {
    this.desktop.dismiss();
    for (const { ms, paint } of STEPS) {
      this.desktop.darken(paint);
      this.#soon();
      await new Promise((done) => setTimeout(done, ms));
    }
    this.desktop.clear();
    this.desktop.darken(null);
    this.restarting = null;
    this.#soon();
  }

  #input({ mouse, key }) {
    if (mouse) {
      this.#pointer(Number(mouse.x) || 0, Number(mouse.y) || 0, Number(mouse.buttons) || 0);
      this.stage.other(this.hands.x, this.hands.y);
    }
    const name = key ? keyName(Number(key.keysym)) : null;
    if (name) this.#key(name, Boolean(key.pressed));
  }

  #pointer(x, y, buttons) {
    const { hands } = this;
    const before = [hands.x, hands.y, hands.buttons].join();
    hands.pointer(x, y, buttons);
    if ([hands.x, hands.y, hands.buttons].join() !== before) this.moved = true;
    this.stage.look(hands.cursor);
    this.#touch();
  }

  #key(key, pressed) {
    this.hands.key(key, pressed);
    this.#touch();
  }

  #tick() {
    this.desktop.bar.tick();
    this.#soon();
  }

  #touch() {
    this.used = true;
    this.#soon();
  }

  #soon() {
    if (this.waiting) return;
    const left = this.last + this.wait - performance.now();
    if (left <= 0) this.#frame();
    else this.waiting = setTimeout(() => this.#frame(), left);
  }

  #frame() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    this.last = performance.now();
    const changed = this.desktop.update();
    if (!this.surface.live || !(changed || this.moved || this.late)) return;
    // What does not get away is not given up: it waits and goes with what comes next.
    this.late = this.underway >= UNDERWAY_MOST;
    if (!this.late) this.#send(false);
  }

  // A message that is refused leaves a gap, which only a whole screen fills. `turn` lets a viewer see a gap, too.
  async #emit(message) {
    this.underway += 1;
    this.turn = message.key ? 0 : this.turn + 1;
    const sent = await Promise.resolve(this.emit({ ...message, turn: this.turn })).catch(() => false);
    this.underway -= 1;
    if (sent === false && !this.gap) this.gap = setTimeout(() => this.keyFrame(), GAP_MS);
    if (this.late) this.#soon();
  }

  #send(key) {
    const { surface, hands } = this;
    const ms = Math.round(performance.now() - this.begun);
    if (this.moved) surface.write("mouse", hands.x, hands.y, hands.buttons & 7, ms);
    this.moved = false;
    surface.write("sync", ms);
    const text = surface.take();
    this.wait = Math.min(LONGEST_WAIT_MS, Math.max(FRAME_MS, text.length / BYTES_PER_MS));
    // A clock that goes on is no sign that somebody is there, nor is what happens on all pages of a session.
    const idle = !key && !this.used;
    this.used = false;
    pieces(text, MESSAGE_MOST).forEach((data, nth) => this.#emit({ kind: "screen", ms, data, key: key && nth === 0, idle }));
  }
}
