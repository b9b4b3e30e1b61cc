// A Guacamole display without a connection: it is given instructions and paints them.

import Guacamole from "../vendor/guacamole-common.min.js";
import { instructions } from "./protocol.js";

const PATIENCE_MS = 5000;
const CLEAR = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII=";
const EMPTY = { currentState: 0, currentTimestamp: 0, layers: { 0: { width: 1, height: 1, url: CLEAR } } };

export class Painting {
  constructor() {
    this.tunnel = new Guacamole.Tunnel();
    this.tunnel.sendMessage = () => {};
    this.client = new Guacamole.Client(this.tunnel);
    this.display = this.client.getDisplay();
    this.scale = 1;
    this.element.style.isolation = "isolate"; // layers lie below 0: not behind what the page has there
    this.element.classList.add("painting");
  }

  /** What stands in the page. @returns {HTMLElement} */
  get element() {
    return this.display.getElement();
  }

  /** @returns {number} pixels, 0 before the first picture */
  get width() {
    return this.display.getWidth();
  }

  /** @returns {number} pixels, 0 before the first picture */
  get height() {
    return this.display.getHeight();
  }

  /**
   * Paint instructions. An instruction that the display stumbles over is left out.
   * @param {string} data whole instructions
   */
  paint(data) {
    for (const [opcode, ...elements] of instructions(data)) this.instruct(opcode, elements);
  }

  /** Paint one instruction. @param {string} opcode @param {string[]} elements */
  instruct(opcode, elements) {
    // The display stumbles over a layer that becomes nothing; nobody can see the one pixel that it keeps.
    if (opcode === "size") elements = elements.map((text, nth) => (nth && !(Number(text) > 0) ? "1" : text));
    try {
      this.tunnel.oninstruction(opcode, elements);
    } catch {
      // written by another tool for another player: the rest may still be worth seeing
    }
  }

  /** Wait until all that was painted is on the screen. @returns {Promise<unknown>} */
  settled() {
    return this.#done((done) => this.display.flush(done));
  }

  // A picture that can not be decoded would hold up the display for ever: what waits behind it is given up.
  #done(begin) {
    return new Promise((done) => {
      const patience = setTimeout(() => {
        this.display.cancel();
        done();
      }, PATIENCE_MS);
      begin(() => {
        clearTimeout(patience);
        done();
      });
    });
  }

  /** All that the display holds, to come back to. @returns {Promise<object>} */
  state() {
    return new Promise((done) => this.client.exportState(done));
  }

  /** Come back to a state. @param {object | null} state null for nothing at all @returns {Promise<unknown>} */
  restore(state) {
    return this.#done((done) => this.client.importState(state ?? EMPTY, done));
  }

  /** Fit it into a box. @param {number} width @param {number} height pixels of the page @param {number} most never larger than so many times */
  fit(width, height, most = Infinity) {
    if (!this.width || !width) return;
    const scale = Math.min(width / this.width, height / this.height, most);
    if (Math.abs(scale - this.scale) < 0.0005) return;
    this.scale = scale;
    // Zoomed layers are drawn smoothly; those that the display transforms look torn where they are small.
    if (CSS.supports("zoom", "0.5")) this.element.style.zoom = String(scale);
    else this.display.scale(scale);
  }

  /** The picture without pointer and whiteboard. @returns {HTMLCanvasElement} */
  picture() {
    return this.display.getDefaultLayer().toCanvas();
  }
}
