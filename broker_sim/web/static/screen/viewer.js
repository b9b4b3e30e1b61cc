// The representative's view of the customer's screen, with control and a pen.

import { Painting } from "./painting.js";
import { KeyField } from "./keyfield.js";
import { keysym } from "./keys.js";
import { colour, opened, stroke, wiped } from "./whiteboard.js";
import { instruction } from "./protocol.js";

const MOVE_MS = 40;
const STROKE_MS = 60;
const ASK_MS = 2000;
// The customer has the page open twice: the one that is seen gives way where it was silent for so long, and the other is used.
const SILENT_MS = 3000;
// Silent for longer than a minute, in which its clock goes on, it is gone: then any page that draws is better.
const GONE_MS = 65_000;
const LABEL = "The customer's screen";

/**
 * Put a view of a customer's screen into a page.
 * @param {object} given
 * @param {HTMLElement} given.container gets the view; it fills the width
 * @param {(message: object) => void} given.send takes `input`, `whiteboard` and `refresh` messages
 */
export function createViewer({ container, send }) {
  return new Viewer(container, send);
}

class Viewer {
  constructor(container, send) {
    Object.assign(this, { container, send, control: false, pen: null, open: false, actual: false, begun: performance.now(), buttons: 0, points: [], turn: null, asked: -Infinity, source: "", drew: -Infinity });
    this.painting = new Painting();
    this.view = document.createElement("div");
    this.view.className = "viewer";
    Object.assign(this.view.style, { position: "relative", overflow: "auto", lineHeight: "0", direction: "ltr", touchAction: "none", outlineOffset: "-3px" });
    this.view.append(this.painting.element);
    this.keys = new KeyField(this.view, { "aria-label": LABEL, "aria-roledescription": "shared screen" }, (key, pressed) => this.#key(key, pressed));
    container.append(this.view);
    this.resizing = new ResizeObserver(() => this.#fit());
    this.resizing.observe(container);
    this.painting.display.onresize = () => this.#fit();
    this.#listen();
  }

  /**
   * Take a message of a page of the customer's; any but `screen` is not ours. What a page draws belongs to its own picture:
   * that one is seen which sent a whole picture last.
   * @param {any} message
   * @param {string} [source] which page
   */
  handle(message, source = "") {
    if (message.kind !== "screen") return;
    if (message.key) [this.turn, this.source] = [0, source];
    else if (this.#isSeenBeside(source, message)) return;
    else if (source !== this.source || this.turn === null || message.turn !== this.turn + 1) {
      // the picture began before we came, something of it was lost, or another page is used now
      this.#refresh(source);
      return;
    } else this.turn += 1;
    this.drew = performance.now();
    try {
      this.painting.paint(String(message.data));
    } catch {
      this.#refresh(source);
    }
  }

  // Whether a page is another than the one that is seen, and that one is not silent: also where its picture has a gap.
  #isSeenBeside(source, { idle }) {
    if (!this.source || source === this.source) return false;
    return performance.now() - this.drew <= (idle ? GONE_MS : SILENT_MS);
  }

  // Ask a page for a whole picture: not so soon again, but then, if none came.
  #refresh(source) {
    this.turn = null;
    clearTimeout(this.asking);
    const left = this.asked + ASK_MS - performance.now();
    if (left > 0) {
      this.asking = setTimeout(() => this.turn === null && this.#refresh(source), left);
      return;
    }
    this.asked = performance.now();
    this.send({ kind: "refresh", ...(source && { source }) });
  }

  /** Move the customer's pointer and keys, or only look. @param {boolean} on */
  setControl(on) {
    this.control = on;
    this.#look();
  }

  /** Draw over the screen instead. @param {string | boolean} pen a colour as #rrggbb; true for red; false to stop */
  setPen(pen) {
    this.pen = pen ? colour(pen === true ? "" : pen) : null;
    this.#look();
  }

  /** Wipe the whiteboard, here and at the customer's. */
  clearBoard() {
    this.#board(wiped());
  }

  /** Show every pixel as one, and scroll; or fit the screen into the page. @param {boolean} on */
  setActualSize(on) {
    this.actual = on;
    this.#fit();
  }

  /** The picture as it is now. @returns {HTMLCanvasElement} */
  picture() {
    return this.painting.picture();
  }

  /** Leave the page. */
  stop() {
    this.resizing.disconnect();
    clearTimeout(this.moving);
    clearTimeout(this.asking);
    this.view.remove();
  }

  #look() {
    this.view.style.cursor = this.pen ? "crosshair" : "default";
    this.keys.name(this.control ? `${LABEL}; your pointer and keys move it` : LABEL);
  }

  #fit() {
    this.painting.fit(this.actual ? this.painting.width : this.container.clientWidth, Infinity);
  }

  #ms() {
    return Math.round(performance.now() - this.begun);
  }

  #listen() {
    const { view } = this;
    for (const kind of ["pointermove", "pointerdown", "pointerup", "pointercancel"]) view.addEventListener(kind, (event) => this.#pointer(event));
    view.addEventListener("contextmenu", (event) => event.preventDefault());
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #place(event) {
    const box = this.painting.element.getBoundingClientRect();
    const scale = box.width / this.painting.width;
    const inside = (at, end) => Math.max(0, Math.min(end - 1, Math.round(at / scale)));
    return [inside(event.clientX - box.left, this.painting.width), inside(event.clientY - box.top, this.painting.height)];
  }

  #pointer(event) {
    if (!this.painting.width || (!this.control && !this.pen)) return;
    if (event.type === "pointerdown") {
      this.view.setPointerCapture(event.pointerId);
      this.keys.focus(this.control);
      event.preventDefault();
    }
    const [x, y] = this.#place(event);
    const buttons = (event.buttons & 1) | (event.buttons & 2 ? 4 : 0) | (event.buttons & 4 ? 2 : 0);
    if (this.pen) this.#draw(x, y, buttons & 1);
    else this.#move(x, y, buttons);
  }

  // Buttons go at once; of movements in between only the newest.
  #move(x, y, buttons) {
    this.painting.display.showCursor(true);
    this.painting.display.moveCursor(x, y);
    this.newest = { x, y, buttons };
    if (buttons !== this.buttons) this.#sendMove();
    else this.moving ??= setTimeout(() => this.#sendMove(), MOVE_MS);
  }

  #sendMove() {
    clearTimeout(this.moving);
    this.moving = undefined;
    this.buttons = this.newest.buttons;
    if (this.control) this.#input({ mouse: this.newest });
  }

  #wheel(event) {
    if (!this.control || this.pen || !this.painting.width) return;
    event.preventDefault();
    const [x, y] = this.#place(event);
    for (const buttons of [event.deltaY < 0 ? 8 : 16, 0]) this.#input({ mouse: { x, y, buttons } });
  }

  #key(key, pressed) {
    const sym = this.control && !this.pen ? keysym(key) : null;
    if (sym === null) return false;
    this.#input({ key: { keysym: sym, pressed } });
    return true;
  }

  // Move the computer that is seen, and no other page's.
  #input(done) {
    this.send({ kind: "input", ms: this.#ms(), ...done, ...(this.source && { source: this.source }) });
  }

  #draw(x, y, down) {
    if (!down) {
      this.#sendStroke();
      this.points = [];
      return;
    }
    this.points.push([x, y]);
    this.drawing ??= setTimeout(() => this.#sendStroke(), STROKE_MS);
  }

  #sendStroke() {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    if (!this.points.length || !this.pen) return;
    this.#board(stroke(this.points, this.pen));
    this.points = this.points.slice(-1); // the next part goes on from here
  }

  #board(data) {
    const ms = this.#ms();
    const text = (this.open ? "" : opened()) + data + instruction("sync", ms);
    this.open = true;
    this.painting.paint(text);
    this.send({ kind: "whiteboard", ms, data: text });
  }
}
