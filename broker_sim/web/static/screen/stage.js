// What of the simulated computer stands in the page: the canvas, what takes the customer's keys, the pointer of the
// representative, and the whiteboard above it all.

import { HEIGHT, WIDTH } from "./desktop.js";
import { pointer } from "./icons.js";
import { KeyField } from "./keyfield.js";
import { Whiteboard } from "./whiteboard.js";

const HELP = "F2 opens the start menu, F6 brings the next window to the front, F8 goes through its controls, F4 closes it. Tab leaves the simulated screen.";
const SHOWN_MS = 4000;
let count = 0;

const make = (name, parent, style = {}) => {
  const element = document.createElement(name);
  Object.assign(element.style, style);
  parent.append(element);
  return element;
};
const OVER = { position: "absolute", insetInlineStart: "auto", left: "0", top: "0", width: "100%", height: "100%", pointerEvents: "none" };

export class Stage {
  /**
   * @param {HTMLElement} container
   * @param {HTMLCanvasElement} canvas
   * @param {string} label
   * @param {{pointer: (x: number, y: number, buttons: number) => void, key: (key: string, pressed: boolean) => void}} to
   */
  constructor(container, canvas, label, to) {
    Object.assign(this, { canvas, to, hiding: 0 });
    this.frame = make("div", container, { position: "relative", overflow: "hidden", lineHeight: "0", touchAction: "none", direction: "ltr" });
    this.frame.className = "machine";
    Object.assign(canvas.style, { display: "block", width: "100%", height: "auto", aspectRatio: `${WIDTH} / ${HEIGHT}` });
    canvas.setAttribute("aria-hidden", "true");
    this.frame.append(canvas);
    this.board = make("div", this.frame, OVER);
    this.mark = make("canvas", this.frame, { position: "absolute", left: "0", top: "0", width: `${(100 * 12) / WIDTH}%`, pointerEvents: "none" });
    this.#drawMark();
    this.#listenToKeys(label);
    this.#listenToPointer();
  }

  #drawMark() {
    this.mark.width = 12;
    this.mark.height = 17;
    this.mark.getContext("2d").drawImage(pointer(), 0, 0);
    this.mark.hidden = true;
  }

  #listenToKeys(label) {
    this.help = make("p", this.frame);
    this.help.className = "hush";
    this.help.id = `machine-help-${(count += 1)}`;
    this.help.textContent = HELP;
    this.words = make("p", this.frame);
    this.words.className = "hush";
    this.words.setAttribute("role", "status");
    const names = { "aria-label": label, "aria-roledescription": "simulated screen", "aria-describedby": this.help.id };
    this.keys = new KeyField(this.frame, names, (key, pressed) => {
      this.to.key(key, pressed);
      return true;
    });
  }

  #listenToPointer() {
    const { canvas } = this;
    const tell = (event) => {
      const box = canvas.getBoundingClientRect();
      const x = ((event.clientX - box.left) * WIDTH) / box.width;
      const y = ((event.clientY - box.top) * HEIGHT) / box.height;
      this.mark.hidden = true;
      this.to.pointer(x, y, (event.buttons & 1) | (event.buttons & 2 ? 4 : 0) | (event.buttons & 4 ? 2 : 0));
    };
    for (const kind of ["pointermove", "pointerdown", "pointerup", "pointercancel"]) canvas.addEventListener(kind, tell);
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.keys.focus(canvas.style.cursor === "text");
    });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #wheel(event) {
    event.preventDefault();
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) * WIDTH) / box.width;
    const y = ((event.clientY - box.top) * HEIGHT) / box.height;
    this.to.pointer(x, y, event.deltaY < 0 ? 8 : 16);
    this.to.pointer(x, y, 0);
  }

  /** Show what the pointer is over. @param {string} cursor as CSS names it */
  look(cursor) {
    this.canvas.style.cursor = cursor;
  }

  /** Show where the representative's pointer is. @param {number} x @param {number} y */
  other(x, y) {
    Object.assign(this.mark.style, { left: `${(100 * x) / WIDTH}%`, top: `${(100 * y) / HEIGHT}%` });
    this.mark.hidden = false;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => (this.mark.hidden = true), SHOWN_MS);
  }

  /** Draw on the whiteboard. @param {string} data instructions */
  draw(data) {
    this.whiteboard ??= new Whiteboard(this.board);
    this.whiteboard.handle(data);
  }

  /** Wipe the whiteboard. */
  clear() {
    this.whiteboard?.clear();
    this.mark.hidden = true;
  }

  /** Let a screen reader say something. @param {string} words */
  say(words) {
    this.words.textContent = words;
  }

  /** Leave the page. */
  remove() {
    clearTimeout(this.hiding);
    this.frame.remove();
  }
}
