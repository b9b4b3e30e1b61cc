// A rectangle of the screen with a picture of its own: the wallpaper, the bar, a window, a menu. It is painted whole,
// and only the pixels that came out differently go into its layer.

import { cut, differences, moved, rect } from "./rects.js";
import { makeCanvas } from "./surface.js";

/** @typedef {import("./rects.js").Rect} Rect */

/** How far each row at a round corner is drawn in, in pixels; edges are hard, see `Layer.replace`. */
export function insets(radius) {
  return Array.from({ length: radius }, (_, row) => {
    const off = radius - row - 0.5;
    return Math.round(radius - Math.sqrt(radius * radius - off * off));
  });
}

export class Sheet {
  /**
   * @param {import("./surface.js").Surface} surface
   * @param {Rect} place on the screen, without its shadow
   * @param {(ctx: CanvasRenderingContext2D, width: number, height: number) => void} paint fills all of it
   * @param {{radius?: number, shadow?: number}} look in pixels
   */
  constructor(surface, place, paint, { radius = 0, shadow = 0 } = {}) {
    Object.assign(this, { surface, place: { ...place }, paint, radius, shadow });
    this.dirty = true;
    this.insets = insets(radius);
    this.#furnish();
  }

  #furnish() {
    const { w, h } = this.place;
    if (this.layer) this.surface.drop(this.layer);
    this.layer = this.surface.layer(w + 2 * this.shadow, h + 2 * this.shadow);
    this.content = makeCanvas(w, h);
    this.known = null;
    this.dirty = true;
  }

  /** Where it is on the screen with its shadow. */
  get outer() {
    const { x, y, w, h } = this.place;
    const { shadow } = this;
    return rect(x - shadow, y - shadow, w + 2 * shadow, h + 2 * shadow);
  }

  /** The part of the screen of which it shows nothing that lies below. */
  get solid() {
    const { x, y, w, h } = this.place;
    return rect(x, y + this.radius, w, h - 2 * this.radius);
  }

  /** Give it another size. @param {number} w @param {number} h */
  resize(w, h) {
    if (w === this.place.w && h === this.place.h) return;
    Object.assign(this.place, { w, h });
    this.#furnish();
  }

  /** Take it off the screen. */
  drop() {
    this.surface.drop(this.layer);
  }

  /**
   * Say that a part of it moved up or down, before it is painted anew.
   * @param {Rect} part of the sheet
   * @param {number} rows down if above 0
   */
  shift(part, rows) {
    const whole = rect(0, this.radius, this.place.w, this.place.h - 2 * this.radius);
    const inside = cut(part, whole);
    if (!inside || !this.known || !rows || Math.abs(rows) >= inside.h) return;
    const { w } = this.place;
    const before = this.known.slice();
    for (let y = inside.y; y < inside.y + inside.h; y += 1) {
      const from = y - rows;
      if (from < inside.y || from >= inside.y + inside.h) continue;
      this.known.set(before.subarray(from * w + inside.x, from * w + inside.x + inside.w), y * w + inside.x);
    }
    this.layer.shift(moved(inside, this.shadow, this.shadow), rows);
    this.shifted = inside;
  }

  /**
   * Paint it anew if it is dirty.
   * @returns {Rect[]} the parts of the screen that have changed
   */
  update() {
    if (!this.dirty) return [];
    this.dirty = false;
    const { x, y, w, h } = this.place;
    const { ctx } = this.content;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    this.paint(ctx, w, h);
    const pixels = ctx.getImageData(0, 0, w, h);
    const now = new Uint32Array(pixels.data.buffer);
    if (!this.known) {
      this.known = now;
      this.#first();
      return [this.outer];
    }
    const parts = differences(now, this.known, w, h);
    this.known = now;
    for (const part of parts) this.#show(part);
    if (this.shifted) parts.push(this.shifted);
    this.shifted = null;
    return parts.map((part) => moved(part, x, y));
  }

  #first() {
    const { shadow, layer } = this;
    const { w, h } = this.place;
    const { canvas, ctx } = makeCanvas(layer.width, layer.height);
    if (shadow) {
      ctx.shadowColor = "rgb(0 0 0 / .38)";
      ctx.shadowBlur = shadow * 0.9;
      ctx.shadowOffsetY = shadow / 4;
      ctx.fillStyle = "#000";
      ctx.beginPath();
      ctx.roundRect(shadow + 1, shadow + 1, w - 2, h - 2, this.radius);
      ctx.fill();
      ctx.shadowColor = "transparent";
    }
    const image = this.#masked(rect(0, 0, w, h));
    ctx.drawImage(this.surface.tile(image), shadow, shadow);
    layer.replace(canvas);
  }

  #show(part) {
    this.layer.paste(this.#masked(part), part.x + this.shadow, part.y + this.shadow);
  }

  /** Give a part's pixels; what is outside the round corners is transparent. */
  #masked(part) {
    const pixels = this.content.ctx.getImageData(part.x, part.y, part.w, part.h);
    const words = new Uint32Array(pixels.data.buffer);
    const { w, h } = this.place;
    for (let y = 0; y < part.h; y += 1) {
      const row = part.y + y;
      const inset = this.insets[Math.min(row, h - 1 - row)] ?? 0;
      const left = Math.max(0, inset - part.x);
      const right = Math.min(part.w, w - inset - part.x);
      words.fill(0, y * part.w, y * part.w + Math.min(left, part.w));
      words.fill(0, y * part.w + Math.max(0, right), (y + 1) * part.w);
    }
    return pixels;
  }
}
