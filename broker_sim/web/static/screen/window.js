// A window: its title bar, its edges, and the program in it.

import { Sheet } from "./sheet.js";
import { cut, holds, rect } from "./rects.js";
import { EDGE, INK, LINE, MUTED, PAPER, Painter } from "./painter.js";

/** Height of a title bar, in pixels. */
export const TITLE = 34;
const GRIP = 7;
const BUTTON = 40;
const LEAST = { w: 260, h: 170 };

/**
 * A program in a window.
 * @typedef {object} Program
 * @property {string} title
 * @property {string} icon
 * @property {(painter: Painter, width: number, height: number) => void} paint fills all of the window's inside
 * @property {((key: string, held: {control: boolean, shift: boolean}) => boolean)=} key whether the key meant something
 * @property {((rows: number) => void)=} wheel rows of text, down if above 0
 */

export class Window extends Sheet {
  /**
   * @param {import("./desktop.js").Desktop} desktop
   * @param {Program} program
   * @param {import("./rects.js").Rect} place
   * @param {boolean} fixed whether it keeps its size
   */
  constructor(desktop, program, place, fixed) {
    super(desktop.surface, place, (ctx, w, h) => this.#paint(ctx, w, h), { radius: 8, shadow: 16 });
    Object.assign(this, { desktop, program, fixed, painter: null, front: false, minimised: false, before: null, at: -1 });
  }

  /** The inside, in positions of the window. */
  get inside() {
    return rect(1, TITLE, this.place.w - 2, this.place.h - TITLE - 1);
  }

  #paint(ctx, w, h) {
    const painter = new Painter(ctx, w, h);
    this.painter = painter;
    painter.fill(0, 0, w, h, PAPER);
    painter.icon(this.program.icon, 11, 8, 18);
    painter.text(this.program.title, 38, TITLE / 2, { bold: true, colour: this.front ? INK : "#7d8a97", room: w - 60 - 3 * BUTTON });
    this.#buttons(painter, w);
    painter.fill(0, TITLE - 1, w, 1, LINE);
    const { inside } = this;
    painter.within(inside.x, inside.y, inside.w, inside.h, () => {
      painter.fill(0, 0, inside.w, inside.h, PAPER);
      this.program.paint(painter, inside.w, inside.h);
    });
    ctx.strokeStyle = this.front ? "#8fa1b3" : EDGE;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.roundRect(0.5, 0.5, w - 1, h - 1, this.radius - 0.5);
    ctx.stroke();
    if (this.at >= 0) painter.ring(painter.spots[this.at % painter.spots.length]);
  }

  #buttons(painter, w) {
    const { ctx } = painter;
    const marks = [["Close", () => this.desktop.close(this)]];
    if (!this.fixed) {
      marks.push([this.before ? "Restore" : "Maximise", () => this.toggle()]);
      marks.push(["Minimise", () => this.desktop.minimise(this)]);
    }
    ctx.strokeStyle = this.front ? INK : MUTED;
    ctx.lineWidth = 1.3;
    marks.forEach(([label, press], nth) => {
      const x = w - BUTTON * (nth + 1) + BUTTON / 2;
      const y = TITLE / 2;
      ctx.beginPath();
      if (label === "Close") {
        ctx.moveTo(x - 5, y - 5);
        ctx.lineTo(x + 5, y + 5);
        ctx.moveTo(x + 5, y - 5);
        ctx.lineTo(x - 5, y + 5);
      } else if (label === "Minimise") {
        ctx.moveTo(x - 5, y + 0.5);
        ctx.lineTo(x + 5, y + 0.5);
      } else ctx.rect(x - 4.5, y - 4.5, 9, 9);
      ctx.stroke();
      painter.spot(x - BUTTON / 2, 1, BUTTON, TITLE - 2, { label, press });
    });
  }

  /** Fill the desktop, or go back to the place before. */
  toggle() {
    const { room } = this.desktop;
    if (this.before) this.desktop.place(this, this.before);
    else {
      const before = { ...this.place };
      this.desktop.place(this, room);
      this.before = before;
      return;
    }
    this.before = null;
  }

  /** Which edge is at a position of the screen: any of "l", "r", "b", "rb", "lb", or "". @param {number} x @param {number} y */
  edge(x, y) {
    if (this.fixed || this.before || y < this.place.y + TITLE) return "";
    const right = this.place.x + this.place.w;
    const side = x < this.place.x + GRIP ? "l" : x >= right - GRIP ? "r" : "";
    return side + (y >= this.place.y + this.place.h - GRIP ? "b" : "");
  }

  /** The place it has when an edge is pulled. @param {string} edge @param {number} dx @param {number} dy */
  pulled(edge, dx, dy) {
    const { x, y, w, h } = this.place;
    const wide = edge.includes("r") ? w + dx : edge.includes("l") ? w - dx : w;
    const width = Math.max(LEAST.w, wide);
    const height = Math.max(LEAST.h, edge.includes("b") ? h + dy : h);
    const { room } = this.desktop;
    const place = rect(edge.includes("l") ? x + w - width : x, y, width, height);
    return cut(place, room) ?? place;
  }

  /** @param {number} x @param {number} y positions of the screen */
  holds(x, y) {
    return holds(this.place, x, y);
  }

  /** Whether a position is where one takes the window to move it. @param {number} x @param {number} y */
  isTitle(x, y) {
    return y < this.place.y + TITLE && x < this.place.x + this.place.w - BUTTON * (this.fixed ? 1 : 3);
  }

  /** The part that can be pressed at a position of the screen. @param {number} x @param {number} y */
  spot(x, y) {
    return this.painter?.at(x - this.place.x, y - this.place.y);
  }

  /** Say which part moves when the program scrolls. @param {import("./rects.js").Rect} part of the inside @param {number} rows */
  scrolled(part, rows) {
    const { inside } = this;
    const whole = cut(rect(part.x + inside.x, part.y + inside.y, part.w, part.h), inside);
    if (whole) this.shift(whole, Math.round(rows));
  }

  /** Go to the next part that can be pressed. @param {number} step 1 or -1 */
  walk(step) {
    const count = this.painter?.spots.length ?? 0;
    if (!count) return "";
    this.at = this.at < 0 ? (step > 0 ? 0 : count - 1) : (this.at + step + count) % count;
    this.dirty = true;
    return this.painter.spots[this.at].label;
  }
}
