// The wallpaper with its icons.

import { Painter } from "./painter.js";
import { Sheet } from "./sheet.js";
import { wallpaper } from "./wallpaper.js";

const ICONS = [
  ["My files", "folder", "files"],
  ["Notes", "note", "notes"],
  ["Web", "globe", "web"],
  ["Settings", "gear", "settings"],
  ["This computer", "info", "system"],
  ["Command line", "terminal", "terminal"],
];
const CELL = { w: 104, h: 92 };

export class Wall extends Sheet {
  /** @param {import("./desktop.js").Desktop} desktop @param {import("./rects.js").Rect} place */
  constructor(desktop, place) {
    super(desktop.surface, place, (ctx, w, h) => this.#paint(ctx, w, h));
    Object.assign(this, { desktop, chosen: -1, painter: null });
  }

  #paint(ctx, w, h) {
    wallpaper(ctx, w, h, this.desktop.state.wallpaper);
    const painter = new Painter(ctx, w, h);
    this.painter = painter;
    ICONS.forEach(([label, icon, program], nth) => {
      const x = 14;
      const y = 18 + nth * CELL.h;
      if (nth === this.chosen) painter.box(x, y, CELL.w, CELL.h - 8, { face: "rgb(255 255 255 / .22)", edge: "rgb(255 255 255 / .5)" });
      painter.icon(icon, x + CELL.w / 2 - 21, y + 8, 42);
      this.#label(painter, label, x + CELL.w / 2, y + 66);
      const open = () => this.desktop.start(program);
      painter.spot(x, y, CELL.w, CELL.h - 8, { label, open, press: () => this.select(nth) });
    });
  }

  // White on any wallpaper, by a dark edge.
  #label(painter, label, x, y) {
    const { ctx } = painter;
    painter.font({ size: 13 });
    ctx.textAlign = "center";
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = "rgb(10 25 40 / .55)";
    ctx.strokeText(label, x, y + 5);
    painter.text(label, x, y, { colour: "#ffffff", align: "center" });
  }

  /** @param {number} nth -1 for none */
  select(nth) {
    if (this.chosen !== nth) this.dirty = true;
    this.chosen = nth;
    if (nth >= 0) this.desktop.say(ICONS[nth][0]);
  }

  /** @param {number} x @param {number} y */
  spot(x, y) {
    return this.painter?.at(x, y);
  }

  /** @param {string} key */
  key(key) {
    if (key === "ArrowDown" || key === "ArrowRight") this.select((this.chosen + 1) % ICONS.length);
    else if (key === "ArrowUp" || key === "ArrowLeft") this.select((Math.max(this.chosen, 0) + ICONS.length - 1) % ICONS.length);
    else if (key === "Enter" && this.chosen >= 0) this.desktop.start(ICONS[this.chosen][2]);
  }

  /** What the menu of the right button offers. */
  context() {
    const { desktop } = this;
    return [
      { label: "My files", icon: "folder", act: () => desktop.start("files") },
      { label: "Display settings", icon: "gear", act: () => desktop.start("settings", "Display") },
      { label: "About this computer", icon: "info", act: () => desktop.start("system") },
    ];
  }
}
