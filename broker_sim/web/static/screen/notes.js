// A text editor.

import { ACCENT, FACE, LINE, MUTED } from "./painter.js";
import { TextBox, rows } from "./textbox.js";
import { rect } from "./rects.js";

const STEP = 21;
const MENU = 32;
const STATUS = 26;
const SIDE = 18;
const LOOK = { size: 14 };
const FIRST = `To do this week

- Order toner for the printer by the front desk
- Ask support why the printer says "paused"
- Back up the holiday pictures

Call the help line and read them the code.
`;

export class Notes {
  constructor(desktop, name = "Notes.txt", text = null) {
    Object.assign(this, { desktop, icon: "note", size: [540, 420], name, unique: `notes ${name}`, top: 0 });
    this.box = new TextBox(text ?? desktop.state.notes ?? FIRST, { lines: true });
    this.changed = false;
    this.rows = [];
  }

  get title() {
    return `${this.changed ? "• " : ""}${this.name} – Notes`;
  }

  paint(painter, w, h) {
    painter.fill(0, 0, w, MENU, FACE);
    painter.fill(0, MENU - 1, w, 1, LINE);
    let x = 6;
    for (const [label, items] of [["File", () => this.#file()], ["Edit", () => this.#edit()], ["Help", () => this.#help()]]) {
      const wide = painter.measure(label) + 22;
      painter.text(label, x + 11, MENU / 2);
      const at = x;
      painter.spot(at, 0, wide, MENU, { label, press: () => this.#menu(items(), at) });
      x += wide;
    }
    this.room = { w: w - 2 * SIDE - 10, h: h - MENU - STATUS };
    this.measure = (text) => painter.measure(text, LOOK);
    this.rows = rows(this.box.text, this.room.w, this.measure);
    painter.within(0, MENU, w, this.room.h, () => this.#text(painter, w));
    this.#status(painter, w, h);
  }

  #text(painter, w) {
    const { box } = this;
    const caret = this.#caretRow();
    this.rows.forEach(({ from, to }, nth) => {
      const y = 18 + nth * STEP - this.top;
      if (y < -STEP || y > this.room.h + STEP) return;
      painter.text(box.text.slice(from, to), SIDE, y, LOOK);
      if (nth === caret) {
        const x = SIDE + Math.round(painter.measure(box.text.slice(from, box.caret), LOOK));
        painter.fill(x, y - 10, 2, 20, ACCENT);
      }
    });
    painter.spot(0, 0, w, this.room.h, { label: "Text", cursor: "text", press: (x, y) => this.#point(x, y) });
    painter.scrollbar(w - 10, 0, this.room.h, this.top, this.room.h, this.#tall());
  }

  #status(painter, w, h) {
    painter.fill(0, h - STATUS, w, STATUS, FACE);
    painter.fill(0, h - STATUS, w, 1, LINE);
    const before = this.box.text.slice(0, this.box.caret).split("\n");
    const where = `Line ${before.length}, column ${before.at(-1).length + 1}`;
    painter.text(where, w - SIDE, h - STATUS / 2, { size: 12, colour: MUTED, align: "right" });
    painter.text(`${this.box.text.length} characters`, SIDE, h - STATUS / 2, { size: 12, colour: MUTED });
  }

  #menu(items, x) {
    const { place, inside } = this.window;
    this.desktop.menu(items, place.x + inside.x + x, place.y + inside.y + MENU, { wide: 180 });
  }

  #file() {
    return [
      { label: "New", act: () => this.#replace("") },
      { label: "Save", act: () => this.#save() },
      { label: "" },
      { label: "Close", act: () => this.desktop.close(this.window) },
    ];
  }

  #edit() {
    return [
      { label: "Insert the date", act: () => this.#write(this.desktop.now().toISOString().slice(0, 10)) },
      { label: "Insert a line", act: () => this.#write("\n----------\n") },
      { label: "Delete all", act: () => this.#replace("") },
    ];
  }

  #help() {
    return [{ label: "About Notes", act: () => this.desktop.message("About Notes", "Notes 3.2. A plain editor for plain text.") }];
  }

  /** What the menu of the right button offers. */
  context() {
    return this.#edit();
  }

  #save() {
    this.desktop.state.notes = this.box.text;
    this.changed = false;
    this.window.dirty = this.desktop.bar.dirty = true;
  }

  #replace(text) {
    this.box.set(text);
    this.top = 0;
    this.#touched();
  }

  #write(text) {
    this.box.insert(text);
    this.#touched();
  }

  #touched() {
    if (!this.changed) this.desktop.bar.dirty = true;
    this.changed = true;
    this.window.dirty = true;
    this.rows = rows(this.box.text, this.room.w, this.measure);
    this.#follow();
  }

  key(key, held) {
    if (held.control) {
      if (key.toLowerCase() === "s") this.#save();
      return true;
    }
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -12, PageDown: 12 }[key];
    const { text } = this.box;
    if (step) this.#climb(step);
    else if (!this.box.key(key)) return false;
    if (this.box.text !== text) this.#touched();
    else this.#follow();
    return true;
  }

  #caretRow() {
    return Math.max(0, this.rows.findLastIndex(({ from }) => from <= this.box.caret));
  }

  #climb(step) {
    const row = this.#caretRow();
    const column = this.box.caret - this.rows[row].from;
    const next = this.rows[Math.max(0, Math.min(this.rows.length - 1, row + step))];
    this.box.caret = Math.min(next.to, next.from + column);
  }

  #follow() {
    const y = this.#caretRow() * STEP;
    const top = Math.max(y + STEP + 16 - this.room.h, Math.min(this.top, y));
    this.#scroll(top);
  }

  #tall() {
    return this.rows.length * STEP + 16;
  }

  #scroll(to) {
    const top = Math.max(0, Math.min(to, this.#tall() - this.room.h));
    this.window.scrolled(rect(0, MENU, this.room.w + SIDE, this.room.h), this.top - top);
    this.top = top;
  }

  wheel(lines) {
    this.#scroll(this.top + lines * STEP);
  }

  #point(x, y) {
    const row = Math.max(0, Math.min(this.rows.length - 1, Math.floor((y + this.top - 8) / STEP)));
    const { from, to } = this.rows[row];
    let caret = from;
    while (caret < to && SIDE + this.measure(this.box.text.slice(from, caret + 1)) <= x + 4) caret += 1;
    this.box.caret = caret;
  }
}

