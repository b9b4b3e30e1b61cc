// The bar at the lower edge: the start menu's button, the open windows, the time of day.

import { Painter } from "./painter.js";
import { Sheet } from "./sheet.js";

const FACE = "#17242f";

export class Bar extends Sheet {
  /** @param {import("./desktop.js").Desktop} desktop @param {import("./rects.js").Rect} place */
  constructor(desktop, place) {
    super(desktop.surface, place, (ctx, w, h) => this.#paint(ctx, w, h));
    Object.assign(this, { desktop, painter: null, minute: "" });
  }

  #paint(ctx, w, h) {
    const { desktop } = this;
    const painter = new Painter(ctx, w, h);
    this.painter = painter;
    painter.fill(0, 0, w, h, FACE);
    painter.fill(0, 0, w, 1, "#33475a");
    if (desktop.popup?.title) painter.box(5, 5, 40, h - 9, { face: "#2c4256", edge: "", round: 6 });
    painter.icon("start", 13, 9, 24);
    painter.spot(0, 0, 50, h, { label: "Start menu", press: () => this.toggleMenu() });
    const tasks = [...desktop.windows].sort((a, b) => a.nth - b.nth);
    const room = Math.min(158, Math.floor((w - 240) / Math.max(1, tasks.length)));
    tasks.forEach((window, nth) => this.#task(painter, window, 56 + nth * room, room - 6, h));
    painter.icon("network", w - 150, 13, 16);
    painter.icon("speaker", w - 124, 12, 18);
    this.minute = this.#time();
    painter.text(this.minute, w - 54, h / 2, { colour: "#ffffff", align: "center" });
  }

  #task(painter, window, x, room, h) {
    const front = window === this.desktop.front;
    painter.box(x, 5, room, h - 9, { face: front ? "#36506a" : "#22333f", edge: "", round: 5 });
    if (!window.minimised) painter.fill(x + 8, h - 5, room - 16, 2, front ? "#7cc4ff" : "#5a7288");
    painter.icon(window.program.icon, x + 8, 11, 18);
    painter.text(window.program.title, x + 32, h / 2, { colour: "#ffffff", room: room - 40 });
    painter.spot(x, 2, room, h - 2, { label: window.program.title, press: () => this.#chosen(window, front) });
  }

  #chosen(window, front) {
    if (front && !window.minimised) this.desktop.minimise(window);
    else this.desktop.bring(window);
  }

  #time() {
    const now = this.desktop.now();
    return [now.getHours(), now.getMinutes()].map((number) => String(number).padStart(2, "0")).join(":");
  }

  /** Let time pass: the clock is painted anew when its minute is over. */
  tick() {
    if (this.minute !== this.#time()) this.dirty = true;
  }

  /** @param {number} x @param {number} y */
  spot(x, y) {
    return this.painter?.at(x - this.place.x, y - this.place.y);
  }

  /** Open the start menu, or close it. */
  toggleMenu() {
    const { desktop } = this;
    const program = (label, icon, name) => ({ label, icon, act: () => desktop.start(name) });
    const items = [
      program("My files", "folder", "files"),
      program("Notes", "note", "notes"),
      program("Web", "globe", "web"),
      program("Settings", "gear", "settings"),
      program("This computer", "info", "system"),
      program("Command line", "terminal", "terminal"),
      { label: "" },
      { label: "Restart", icon: "power", act: () => desktop.restart() },
    ];
    desktop.menu(items, 6, this.place.y - 6, { up: true, wide: 250, title: "Programs" });
    this.dirty = true;
  }
}
