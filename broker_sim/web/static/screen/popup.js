// A menu.

import { Painter, ACCENT, INK, LINE, MUTED } from "./painter.js";
import { Sheet } from "./sheet.js";
import { holds, rect } from "./rects.js";

const ROW = 32;
const SPACE = 6;

export class Popup extends Sheet {
  /**
   * @param {import("./desktop.js").Desktop} desktop
   * @param {{label: string, icon?: string, act?: () => void}[]} items an empty label is a line between
   * @param {{x: number, y: number, up: boolean, wide: number, title: string}} look
   */
  constructor(desktop, items, { x, y, up, wide, title }) {
    const head = title ? 38 : 0;
    const tops = [];
    let h = SPACE + head;
    for (const item of items) {
      tops.push(h);
      h += item.label ? ROW : 9;
    }
    h += SPACE;
    const { room } = desktop;
    const top = up ? y - h : y;
    const place = rect(Math.max(0, Math.min(x, room.w - wide - 4)), Math.max(4, Math.min(top, room.h - h - 4)), wide, h);
    super(desktop.surface, place, (ctx, w, height) => this.#paint(ctx, w, height), { radius: 8, shadow: 14 });
    Object.assign(this, { desktop, items, tops, title, chosen: -1 });
  }

  #paint(ctx, w, h) {
    const painter = new Painter(ctx, w, h);
    painter.fill(0, 0, w, h, "#ffffff");
    painter.box(0, 0, w, h, { face: "#ffffff", edge: "#b9c4cf", round: 8 });
    if (this.title) painter.text(this.title, 16, 24, { bold: true, colour: MUTED });
    this.items.forEach((item, nth) => {
      const y = this.tops[nth];
      if (!item.label) {
        painter.fill(12, y + 4, w - 24, 1, LINE);
        return;
      }
      const chosen = nth === this.chosen;
      if (chosen) painter.box(5, y + 1, w - 10, ROW - 2, { face: ACCENT, edge: "", round: 5 });
      if (item.icon) painter.icon(item.icon, 14, y + 6, 20);
      painter.text(item.label, item.icon ? 44 : 16, y + ROW / 2, { colour: chosen ? "#ffffff" : INK, room: w - 56 });
    });
  }

  #under(x, y) {
    const inY = y - this.place.y;
    if (!holds(this.place, x, y)) return -1;
    return this.items.findIndex((item, nth) => item.label && inY >= this.tops[nth] && inY < this.tops[nth] + ROW);
  }

  #choose(nth) {
    if (nth === this.chosen) return;
    this.chosen = nth;
    this.dirty = true;
  }

  /** The pointer is there. @param {number} x @param {number} y positions of the screen */
  point(x, y) {
    this.#choose(this.#under(x, y));
  }

  /** @param {number} x @param {number} y */
  press(x, y) {
    this.#act(this.#under(x, y));
  }

  #act(nth) {
    const item = this.items[nth];
    if (!item?.act) return;
    this.desktop.dismiss();
    item.act();
  }

  /** @param {string} key */
  key(key) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "Escape" || key === "F2") this.desktop.dismiss();
    else if (key === "Enter" || key === " ") this.#act(this.chosen);
    else if (step) {
      const { length } = this.items;
      let nth = this.chosen < 0 && step < 0 ? length : this.chosen;
      do nth = (nth + step + length) % length;
      while (!this.items[nth].label);
      this.#choose(nth);
      this.desktop.say(this.items[nth].label);
    }
  }
}
