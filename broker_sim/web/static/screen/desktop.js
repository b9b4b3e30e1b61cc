// The simulated desktop: wallpaper with icons, windows that overlap, the bar, menus. What pointer and keys do is in
// `hands.js`.

import { cut, covers, joined, rect } from "./rects.js";
import { Bar } from "./bar.js";
import { Popup } from "./popup.js";
import { Sheet } from "./sheet.js";
import { Wall } from "./wall.js";
import { Window } from "./window.js";
import { MessageBox, PROGRAMS } from "./programs.js";

/** The size of the screen, in pixels. */
export const WIDTH = 1024;
export const HEIGHT = 768;
const BAR = 42;
const GHOST = [31, 102, 181];

export class Desktop {
  /**
   * @param {import("./surface.js").Surface} surface
   * @param {() => Date} now
   * @param {(words: string) => void} say what a screen reader is to say
   */
  constructor(surface, now, say) {
    Object.assign(this, { surface, now, say });
    this.room = rect(0, 0, WIDTH, HEIGHT - BAR);
    /** @type {Window[]} from the lowest */
    this.windows = [];
    /** @type {Popup | null} */
    this.popup = null;
    this.damage = [rect(0, 0, WIDTH, HEIGHT)];
    this.wall = new Wall(this, rect(0, 0, WIDTH, HEIGHT));
    this.bar = new Bar(this, rect(0, HEIGHT - BAR, WIDTH, BAR));
    /** @type {Sheet | null} lies over everything, while the computer restarts */
    this.cover = null;
    /** @type {import("./rects.js").Rect | null} where a window will be that is being pulled */
    this.ghost = null;
    this.restart = () => {};
    this.opened = 0;
    this.state = { wallpaper: "Harbour", printer: "Front desk", paused: false, downloads: [], notes: null };
  }

  get front() {
    return this.windows.findLast((window) => !window.minimised);
  }

  // Windows

  /** Start a program, or bring it to the front if it is there. @param {string} name @param {...unknown} given @returns {Window} */
  start(name, ...given) {
    const program = new PROGRAMS[name](this, ...given);
    const there = this.windows.find((window) => program.unique && window.program.unique === program.unique);
    if (there) {
      this.bring(there);
      return there;
    }
    return this.show(program);
  }

  /** Say something in a window of its own. @param {string} title @param {string} text @param {string} icon */
  message(title, text, icon = "info") {
    this.show(new MessageBox(this, title, text, icon), true);
  }

  /** @param {import("./window.js").Program & {size: number[]}} program */
  show(program, fixed = false) {
    const [w, h] = program.size;
    const nth = this.opened % 6;
    this.opened += 1;
    const x = fixed ? (WIDTH - w) / 2 : 130 + 36 * nth;
    const y = fixed ? (HEIGHT - BAR - h) / 2.4 : 44 + 30 * nth;
    const place = rect(Math.round(Math.min(x, WIDTH - w - 8)), Math.round(Math.min(y, HEIGHT - BAR - h - 8)), w, h);
    const window = new Window(this, program, place, fixed);
    program.window = window;
    window.nth = this.opened;
    program.repaint = () => (window.dirty = true);
    this.windows.push(window);
    this.#focus();
    return window;
  }

  /** @param {Window} window */
  bring(window) {
    if (this.front === window) return;
    window.minimised = false;
    this.windows.splice(this.windows.indexOf(window), 1);
    this.windows.push(window);
    this.damage.push(window.outer);
    this.#focus();
  }

  /** @param {Window} window */
  close(window) {
    const at = this.windows.indexOf(window);
    if (at < 0) return;
    this.windows.splice(at, 1);
    window.program.closed?.();
    this.damage.push(window.outer);
    window.drop();
    this.#focus();
  }

  /** @param {Window} window */
  minimise(window) {
    window.minimised = true;
    this.damage.push(window.outer);
    this.#focus();
  }

  /** Move a window, and give it a size. @param {Window} window @param {import("./rects.js").Rect} place */
  place(window, place) {
    this.damage.push(window.outer);
    window.resize(place.w, place.h);
    Object.assign(window.place, { x: place.x, y: place.y });
    this.damage.push(window.outer);
  }

  #focus() {
    for (const window of this.windows) {
      const front = window === this.front;
      if (window.front !== front) Object.assign(window, { front, at: -1, dirty: true });
    }
    this.bar.dirty = true;
    this.say(this.front ? `${this.front.program.title} is in front.` : "No window is open.");
  }

  /** Open a menu. @param {{label: string, icon?: string, act?: () => void}[]} items @param {number} x @param {number} y its corner; above it if `up` */
  menu(items, x, y, { up = false, wide = 210, title = "" } = {}) {
    this.dismiss();
    this.popup = new Popup(this, items, { x, y, up, wide, title });
  }

  /** Close the menu. */
  dismiss() {
    if (!this.popup) return;
    this.damage.push(this.popup.outer);
    this.popup.drop();
    this.popup = null;
    this.bar.dirty = true;
  }

  // Dark

  /** Lay something over the whole screen, or take it away. @param {((ctx: CanvasRenderingContext2D, w: number, h: number) => void) | null} paint */
  darken(paint) {
    const whole = rect(0, 0, WIDTH, HEIGHT);
    if (paint && this.cover) Object.assign(this.cover, { paint, dirty: true });
    else if (paint) this.cover = new Sheet(this.surface, whole, paint);
    else if (this.cover) {
      this.cover.drop();
      this.cover = null;
      this.damage.push(whole);
    }
  }

  /** Close all that is open. */
  clear() {
    this.dismiss();
    for (const window of [...this.windows]) this.close(window);
    this.opened = 0;
  }

  // Frames

  /** Bring the screen up to date. @returns {boolean} whether anything changed */
  update() {
    if (this.ghost !== this.shownGhost) this.damage.push(...[this.ghost, this.shownGhost].filter(Boolean));
    this.shownGhost = this.ghost;
    const damage = [...this.damage];
    this.damage = [];
    for (const sheet of [this.wall, ...this.windows, this.bar, this.popup, this.cover]) {
      if (sheet && !sheet.minimised) damage.push(...sheet.update());
    }
    const whole = rect(0, 0, WIDTH, HEIGHT);
    const parts = joined(damage.map((part) => cut(part, whole)).filter(Boolean));
    for (const part of parts) this.#compose(part);
    return parts.length > 0;
  }

  #compose(part) {
    const sheets = [this.wall, ...this.windows.filter((window) => !window.minimised), this.bar];
    for (const above of [this.popup, this.cover]) if (above) sheets.push(above);
    const lowest = Math.max(0, sheets.findLastIndex((sheet) => covers(sheet.solid, part)));
    for (const sheet of sheets.slice(lowest)) {
      const { outer } = sheet;
      const seen = cut(outer, part);
      if (seen) this.surface.copy(sheet.layer, { ...seen, x: seen.x - outer.x, y: seen.y - outer.y }, seen.x, seen.y);
    }
    for (const line of this.ghost ? edges(this.ghost) : []) {
      const seen = cut(line, part);
      if (seen) this.surface.fill(seen, GHOST);
    }
  }

  /** Write all there is, for somebody who has seen nothing. */
  describe() {
    this.update();
    this.surface.describe();
    this.damage.push(rect(0, 0, WIDTH, HEIGHT));
    this.update();
  }
}

const edges = ({ x, y, w, h }) => [rect(x, y, w, 2), rect(x, y + h - 2, w, 2), rect(x, y, 2, h), rect(x + w - 2, y, 2, h)];
