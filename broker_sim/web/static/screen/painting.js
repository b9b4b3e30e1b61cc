// A Guacamole display without a connection: it is given instructions and paints them.

import Guacamole from "../vendor/guacamole-common.min.js";
import { instructions } from "./protocol.js";

export class Painting {
  constructor() {
    this.tunnel = new Guacamole.Tunnel();
    this.tunnel.sendMessage = () => {};
    this.client = new Guacamole.Client(this.tunnel);
    this.display = this.client.getDisplay();
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
    try {
      this.tunnel.oninstruction(opcode, elements);
    } catch {
      // written by another tool for another player: the rest may still be worth seeing
    }
  }

  /** Wait until all that was painted is on the screen. @returns {Promise<void>} */
  settled() {
    return new Promise((done) => this.display.flush(done));
  }

  /** Fit it into a box. @param {number} width @param {number} height pixels of the page @param {number} most never larger than so many times */
  fit(width, height, most = Infinity) {
    if (!this.width || !width) return;
    const scale = Math.min(width / this.width, height / this.height, most);
    if (Math.abs(scale - this.display.getScale()) > 0.0005) this.display.scale(scale);
  }

  /** The picture without pointer and whiteboard. @returns {HTMLCanvasElement} */
  picture() {
    return this.display.getDefaultLayer().toCanvas();
  }
}
