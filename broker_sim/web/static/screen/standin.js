// A customer's computer for sessions at whose other end nobody has a browser open, as those of generated traffic: the
// representative's own page runs it, and says so. It is seen here only; nothing of it is sent or recorded.

import { createMachine } from "./machine.js";
import { keysym } from "./keys.js";

const PATIENCE_MS = 5000;
const STEP_MS = 60;
const HANDS_OFF_MS = 15_000; // after the representative did something
const LETTER_MS = 110;

// What the one who is not there does, over and over: [milliseconds before, what, ...given].
const DOINGS = [
  [1500, "go", 66, 150], [300, "open"], [1500, "go", 420, 330], [200, "press"], [700, "type", "The printer says: paused. "], [2600, "go", 66, 340],
  [300, "open"], [1800, "go", 330, 190], [2400, "go", 480, 250], [2500, "go", 640, 410], [4000, "go", 66, 60], [400, "open"], [2200, "go", 560, 300],
  [6000, "close"], [1500, "close"], [1500, "close"], [9000, "go", 700, 500],
];

/**
 * Wait for the customer's screen, and stand in for it if none comes.
 * @param {object} given
 * @param {(message: object) => void} given.show takes `screen` messages, as a viewer does
 * @param {(on: boolean) => void} [given.onChange] told when the stand-in begins, and when it ends
 */
export function createStandIn({ show, onChange = () => {} }) {
  return new StandIn(show, onChange);
}

class StandIn {
  constructor(show, onChange) {
    Object.assign(this, { show, onChange, machine: null, over: false, touched: -Infinity, x: 512, y: 384 });
    this.waiting = setTimeout(() => this.#begin(), PATIENCE_MS);
  }

  /** Whether it is what is seen. */
  get isOn() {
    return this.machine !== null;
  }

  /**
   * Take a message of the representative.
   * @param {any} message
   * @returns {boolean} whether it was taken; else it is for the channel
   */
  handle(message) {
    if (!this.machine) return false;
    if (message.kind === "input") {
      this.touched = performance.now();
      if (message.mouse) Object.assign(this, { x: message.mouse.x, y: message.mouse.y });
    }
    this.machine.handle(message);
    return true;
  }

  /** Let it restart, open a page or get a file, as the customer's own would. @param {{event: string, detail?: string}} happening */
  happened({ event, detail = "" }) {
    if (!this.machine) return;
    if (event === "Rebooted") this.machine.reboot();
    else if (event === "UrlPushed") this.machine.openPage(detail);
  }

  /** There is a customer's screen, or nobody looks any more. */
  stop() {
    this.over = true;
    clearTimeout(this.waiting);
    if (!this.machine) return;
    this.machine.remove();
    this.machine = null;
    this.onChange(false);
  }

  #begin() {
    this.machine = createMachine({ container: document.createElement("div"), emit: (message) => this.show(message) });
    this.machine.start();
    this.onChange(true);
    this.#live();
  }

  async #live() {
    while (!this.over)
      for (const [before, what, ...given] of DOINGS) {
        await this.#pause(before);
        while (!this.over && performance.now() - this.touched < HANDS_OFF_MS) await this.#pause(1000);
        if (this.over) return;
        await this[what](...given);
      }
  }

  #pause(ms) {
    return new Promise((done) => setTimeout(done, ms));
  }

  #do(step) {
    this.machine?.handle({ kind: "input", ms: 0, ...step });
  }

  #mouse(buttons = 0) {
    this.#do({ mouse: { x: Math.round(this.x), y: Math.round(this.y), buttons } });
  }

  // Doings, by their names above

  async go(x, y) {
    const [fromX, fromY] = [this.x, this.y];
    const steps = Math.max(4, Math.round(Math.hypot(x - fromX, y - fromY) / 30));
    for (let nth = 1; nth <= steps && !this.over; nth += 1) {
      const share = (1 - Math.cos((Math.PI * nth) / steps)) / 2; // slow, fast, slow
      Object.assign(this, { x: fromX + (x - fromX) * share, y: fromY + (y - fromY) * share });
      this.#mouse();
      await this.#pause(STEP_MS);
    }
  }

  async press() {
    for (const buttons of [1, 0]) this.#mouse(buttons);
  }

  async open() {
    await this.press();
    await this.press();
  }

  async type(text) {
    for (const letter of text) {
      if (this.over || performance.now() - this.touched < HANDS_OFF_MS) return;
      for (const pressed of [true, false]) this.#do({ key: { keysym: keysym(letter), pressed } });
      await this.#pause(LETTER_MS);
    }
  }

  async close() {
    this.#do({ key: { keysym: keysym("F4"), pressed: true } });
  }
}
