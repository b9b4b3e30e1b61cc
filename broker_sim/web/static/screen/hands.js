// What pointer and keys do to the simulated desktop, whoever moves them.

import { holds, rect } from "./rects.js";
import { HEIGHT, WIDTH } from "./desktop.js";
import { TITLE, Window } from "./window.js";

const TWICE_MS = 450;
const LEFT = 1;
const RIGHT = 4;
const WHEEL_UP = 8;
const WHEEL_DOWN = 16;
const MODIFIERS = ["Control", "Shift", "Alt", "Meta", "CapsLock"];

export class Hands {
  /** @param {import("./desktop.js").Desktop} desktop */
  constructor(desktop) {
    this.desktop = desktop;
    this.x = WIDTH / 2;
    this.y = HEIGHT / 2;
    this.buttons = 0;
    this.held = { control: false, shift: false };
    this.drag = null;
  }

  /**
   * Take the pointer as it is now.
   * @param {number} x
   * @param {number} y
   * @param {number} buttons 1 left, 4 right, 8 and 16 the wheel up and down
   */
  pointer(x, y, buttons) {
    const inside = (at, end) => Math.max(0, Math.min(end - 1, Math.round(at)));
    const [px, py] = [inside(x, WIDTH), inside(y, HEIGHT)];
    const [dx, dy] = [px - this.x, py - this.y];
    const fresh = buttons & ~this.buttons;
    const gone = this.buttons & ~buttons;
    Object.assign(this, { x: px, y: py, buttons });
    if (this.desktop.cover) return;
    if (this.drag && (dx || dy)) this.drag.move(dx, dy);
    else if (!this.drag) this.desktop.popup?.point(px, py);
    if (gone & LEFT) this.#release();
    if (fresh & LEFT) this.#press();
    if (fresh & RIGHT) this.#menu();
    if (fresh & (WHEEL_UP | WHEEL_DOWN)) this.#wheel(fresh & WHEEL_UP ? -3 : 3);
  }

  /** What the pointer should look like, as CSS names it. */
  get cursor() {
    const under = this.#under();
    if (this.desktop.popup || this.desktop.cover) return "default";
    const edge = under instanceof Window ? under.edge(this.x, this.y) : "";
    if (edge) return { l: "ew-resize", r: "ew-resize", b: "ns-resize", rb: "nwse-resize", lb: "nesw-resize" }[edge];
    return under.spot(this.x, this.y)?.cursor ?? "default";
  }

  #under() {
    const { bar, wall, windows } = this.desktop;
    if (holds(bar.place, this.x, this.y)) return bar;
    return windows.findLast((window) => !window.minimised && window.holds(this.x, this.y)) ?? wall;
  }

  #press() {
    const { desktop, x, y } = this;
    const now = desktop.now().getTime();
    const twice = this.last && now - this.last.at < TWICE_MS && Math.hypot(x - this.last.x, y - this.last.y) < 8;
    this.last = twice ? null : { at: now, x, y };
    const { popup } = desktop;
    if (popup && holds(popup.place, x, y)) {
      popup.press(x, y);
      return;
    }
    desktop.dismiss();
    // The button that opened the start menu closes it, too.
    if (popup?.title && holds(desktop.bar.place, x, y) && x < 50) return;
    const under = this.#under();
    if (!(under instanceof Window)) this.#act(under, twice);
    else this.#pressWindow(under, twice);
  }

  #pressWindow(window, twice) {
    const { desktop, x, y } = this;
    desktop.bring(window);
    if (!window.painter) desktop.update(); // what can be pressed is known once it is painted
    const edge = window.edge(x, y);
    if (edge) this.#pull(window, edge);
    else if (!window.isTitle(x, y)) this.#act(window, twice);
    else if (twice && !window.fixed) window.toggle();
    else if (!window.before) this.#carry(window);
  }

  #act(sheet, twice) {
    const spot = sheet.spot(this.x, this.y);
    sheet.dirty = true;
    if (!spot) {
      if (sheet === this.desktop.wall) sheet.select(-1);
      return;
    }
    const within = () => [this.x - sheet.place.x - spot.place.x, this.y - sheet.place.y - spot.place.y];
    if (twice && spot.open) spot.open();
    else spot.press(...within());
    if (spot.drag) this.drag = { move: () => spot.drag(...within()) };
  }

  #carry(window) {
    const { desktop } = this;
    const [offX, offY] = [this.x - window.place.x, this.y - window.place.y];
    this.drag = {
      move: () => {
        const { w, h } = window.place;
        const x = Math.max(60 - w, Math.min(WIDTH - 60, this.x - offX));
        desktop.place(window, rect(x, Math.max(0, Math.min(desktop.room.h - TITLE, this.y - offY)), w, h));
      },
    };
  }

  #pull(window, edge) {
    const { desktop } = this;
    const [fromX, fromY] = [this.x, this.y];
    this.drag = {
      move: () => (desktop.ghost = window.pulled(edge, this.x - fromX, this.y - fromY)),
      done: () => {
        const place = desktop.ghost;
        desktop.ghost = null;
        if (place) desktop.place(window, place);
      },
    };
  }

  #release() {
    this.drag?.done?.();
    this.drag = null;
  }

  #menu() {
    const { desktop } = this;
    const under = this.#under();
    if (under === desktop.bar) return;
    if (under !== desktop.wall) desktop.bring(under);
    const items = (under === desktop.wall ? under.context() : under.program.context?.()) ?? [];
    if (items.length) desktop.menu(items, this.x, this.y);
  }

  #wheel(rows) {
    const under = this.#under();
    if (!(under instanceof Window) || !under.program.wheel || !under.painter) return;
    under.program.wheel(rows);
    under.dirty = true;
  }

  /** Take a key. @param {string} key as browsers name it @param {boolean} pressed */
  key(key, pressed) {
    if (key === "Control" || key === "Shift") this.held[key.toLowerCase()] = pressed;
    const { desktop } = this;
    if (!pressed || desktop.cover || MODIFIERS.includes(key)) return;
    const { front } = desktop;
    if (desktop.popup) desktop.popup.key(key);
    else if (key === "F2") desktop.bar.toggleMenu();
    else if (key === "F6" && desktop.windows.length) desktop.bring(desktop.windows[0]);
    else if (key === "F4" && front) desktop.close(front);
    else if (key === "F8" && front) desktop.say(front.walk(this.held.shift ? -1 : 1));
    else if (front) this.#toFront(front, key);
    else desktop.wall.key(key);
  }

  #toFront(front, key) {
    const spot = front.at >= 0 ? front.painter?.spots[front.at] : null;
    front.dirty = true;
    if (spot && (key === "Enter" || key === " ")) {
      if (key === "Enter" && spot.open) spot.open();
      else spot.press(2, 2);
    } else {
      if (!front.painter) this.desktop.update();
      front.at = -1;
      front.program.key?.(key, this.held);
    }
  }
}
