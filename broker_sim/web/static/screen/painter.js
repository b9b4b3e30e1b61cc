// What the programs of the simulated computer draw with. While it paints, a program also says which parts can be
// pressed and what happens then; the parts are forgotten with the next painting.

import { holds, rect } from "./rects.js";
import { icon } from "./icons.js";

export const INK = "#1b2733";
export const MUTED = "#5d6b79";
export const PAPER = "#ffffff";
export const FACE = "#f1f4f7";
export const LINE = "#d3dae2";
export const EDGE = "#9aa7b4";
export const ACCENT = "#1f66b5";
export const SOFT = "#dcebfa";

const FONTS = "'Noto Sans', 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif";
const MONO = "'DejaVu Sans Mono', 'Cascadia Mono', Menlo, Consolas, monospace";

/**
 * A part that can be pressed.
 * @typedef {object} Spot
 * @property {import("./rects.js").Rect} place
 * @property {string} label for the keyboard and screen readers
 * @property {(x: number, y: number) => void} press
 * @property {((x: number, y: number) => void) | undefined} drag
 * @property {(() => void) | undefined} open by two presses, or Enter
 * @property {string} cursor
 */

export class Painter {
  /** @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height */
  constructor(ctx, width, height) {
    Object.assign(this, { ctx, width, height });
    /** @type {Spot[]} */
    this.spots = [];
    this.left = 0;
    this.top = 0;
    ctx.textBaseline = "alphabetic";
  }

  /** Paint within a part, in positions of its own. @param {number} x @param {number} y @param {number} w @param {number} h @param {() => void} paint */
  within(x, y, w, h, paint) {
    const { ctx, width, height } = this;
    ctx.save();
    ctx.translate(x, y);
    ctx.beginPath();
    ctx.rect(0, 0, w, h);
    ctx.clip();
    Object.assign(this, { left: this.left + x, top: this.top + y, width: w, height: h });
    paint();
    Object.assign(this, { left: this.left - x, top: this.top - y, width, height });
    ctx.restore();
  }

  fill(x, y, w, h, colour) {
    this.ctx.fillStyle = colour;
    this.ctx.fillRect(x, y, w, h);
  }

  /** A rectangle with a face, an edge of one pixel and round corners. */
  box(x, y, w, h, { face = PAPER, edge = LINE, round = 4 } = {}) {
    const { ctx } = this;
    ctx.beginPath();
    ctx.roundRect(x + 0.5, y + 0.5, w - 1, h - 1, round);
    ctx.fillStyle = face;
    ctx.fill();
    if (edge) {
      ctx.strokeStyle = edge;
      ctx.lineWidth = 1;
      ctx.stroke();
    }
  }

  font({ size = 13, bold = false, mono = false } = {}) {
    this.ctx.font = `${bold ? "600 " : ""}${size}px ${mono ? MONO : FONTS}`;
  }

  measure(text, look = {}) {
    this.font(look);
    return this.ctx.measureText(text).width;
  }

  /** Write one line whose middle is at `y`; too long a text ends with dots. */
  text(text, x, y, { room = Infinity, colour = INK, align = "left", ...look } = {}) {
    this.font(look);
    const { ctx } = this;
    ctx.fillStyle = colour;
    ctx.textAlign = align;
    ctx.fillText(this.#fitted(String(text), room), x, y + Math.round((look.size ?? 13) * 0.36));
    ctx.textAlign = "left";
  }

  #fitted(text, room) {
    if (room === Infinity || this.ctx.measureText(text).width <= room) return text;
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.ctx.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
      else high = middle - 1;
    }
    return `${text.slice(0, low).trimEnd()}…`;
  }

  /** Write a paragraph; gives the y below it. */
  paragraph(text, x, y, room, look = {}) {
    this.font(look);
    let line = "";
    let at = y;
    const step = Math.round((look.size ?? 13) * 1.5);
    for (const word of text.split(" ")) {
      if (line && this.measure(`${line} ${word}`, look) > room) {
        this.text(line, x, at, look);
        at += step;
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    this.text(line, x, at, { room, ...look });
    return at + step;
  }

  icon(name, x, y, size) {
    icon(this.ctx, name, x, y, size);
  }

  /** Say that a part can be pressed. @param {number} x @param {number} y @param {number} w @param {number} h @param {Partial<Spot>} spot */
  spot(x, y, w, h, spot) {
    const place = rect(this.left + x, this.top + y, w, h);
    this.spots.push({ label: "", press() {}, cursor: "default", ...spot, place });
  }

  button(label, x, y, w, press, { main = false, off = false, height = 30 } = {}) {
    const face = off ? FACE : main ? ACCENT : PAPER;
    this.box(x, y, w, height, { face, edge: main && !off ? ACCENT : EDGE, round: 5 });
    const colour = off ? EDGE : main ? "#ffffff" : INK;
    this.text(label, x + w / 2, y + height / 2, { align: "center", colour, room: w - 12, bold: main });
    if (!off) this.spot(x, y, w, height, { label, press });
  }

  /** A box to tick; gives nothing back, `press` changes the program's own value. */
  tick(label, x, y, on, press) {
    this.box(x, y - 8, 16, 16, { face: on ? ACCENT : PAPER, edge: on ? ACCENT : EDGE, round: 3 });
    if (on) {
      const { ctx } = this;
      ctx.strokeStyle = "#ffffff";
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.moveTo(x + 4, y);
      ctx.lineTo(x + 7, y + 3);
      ctx.lineTo(x + 12, y - 4);
      ctx.stroke();
    }
    this.text(label, x + 26, y);
    this.spot(x - 4, y - 12, 34 + this.measure(label), 24, { label, press });
  }

  /** A bar at the right edge of what scrolls. */
  scrollbar(x, y, h, from, shown, all) {
    if (all <= shown) return;
    const size = Math.max(24, Math.round((h * shown) / all));
    const at = Math.round(((h - size) * from) / (all - shown));
    this.fill(x, y, 10, h, FACE);
    this.box(x + 2, y + at, 6, size, { face: EDGE, edge: "", round: 3 });
  }

  /** The part at a position that was painted last. @param {number} x @param {number} y @returns {Spot | undefined} */
  at(x, y) {
    return this.spots.findLast((spot) => holds(spot.place, x, y));
  }

  /** Show which part the keyboard is at. @param {Spot | undefined} spot */
  ring(spot) {
    if (!spot) return;
    const { x, y, w, h } = spot.place;
    this.ctx.strokeStyle = "#d97706";
    this.ctx.lineWidth = 2;
    this.ctx.strokeRect(x + 1, y + 1, w - 2, h - 2);
  }
}
