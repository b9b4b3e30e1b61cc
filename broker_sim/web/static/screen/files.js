// The file manager.

import { ACCENT, FACE, LINE, MUTED, SOFT } from "./painter.js";
import { rect } from "./rects.js";

const ROW = 30;
const TOOLS = 44;
const HEAD = 28;
const SIDE = 150;
const HOME = "My files";
const FOLDERS = {
  [HOME]: [["Documents", "folder"], ["Downloads", "folder"], ["Pictures", "folder"], ["Minutes of Monday.txt", "note", "2 KB"],
    ["Rooms and phones.sheet", "sheet", "18 KB"]],
  Documents: [["Contracts", "folder"], ["Budget.sheet", "sheet", "44 KB"], ["Holiday rota.sheet", "sheet", "21 KB"],
    ["Invoice 2041.doc", "document", "83 KB"], ["Invoice 2042.doc", "document", "81 KB"], ["Invoice 2043.doc", "document", "90 KB"],
    ["Letter to the landlord.doc", "document", "34 KB"], ["Minutes of March.txt", "note", "3 KB"], ["Minutes of April.txt", "note", "3 KB"],
    ["Price list.sheet", "sheet", "120 KB"], ["Printer guide.doc", "document", "412 KB"], ["Stock.sheet", "sheet", "77 KB"],
    ["Suppliers.sheet", "sheet", "36 KB"], ["To do.txt", "note", "1 KB"], ["Visitors.sheet", "sheet", "12 KB"]],
  Contracts: [["Cleaning.doc", "document", "64 KB"], ["Telephone.doc", "document", "71 KB"]],
  Downloads: [["setup-scanner.pkg", "package", "8.4 MB"], ["Catalogue.doc", "document", "2.2 MB"]],
  Pictures: [["Front door.png", "picture", "1.1 MB"], ["Summer party.png", "picture", "1.8 MB"], ["Team.png", "picture", "2.0 MB"]],
};
const PLACES = [[HOME, "folder"], ["Documents", "folder"], ["Downloads", "folder"], ["Pictures", "picture"]];
const TEXT = "Present: everybody but the coffee machine.\n\n1. The new rooms are ready.\n2. The printer at the front desk says \"paused\".\n";

export class Files {
  constructor(desktop, folder = HOME) {
    Object.assign(this, { desktop, icon: "folder", size: [600, 410], unique: "files", path: [folder], chosen: -1, top: 0 });
  }

  get title() {
    return this.folder;
  }

  get folder() {
    return this.path.at(-1);
  }

  get items() {
    const own = FOLDERS[this.folder] ?? [];
    return this.folder === "Downloads" ? [...this.desktop.state.downloads, ...own] : own;
  }

  paint(painter, w, h) {
    painter.fill(0, 0, w, TOOLS, FACE);
    painter.fill(0, TOOLS - 1, w, 1, LINE);
    painter.button("Back", 10, 8, 64, () => this.#back(), { off: this.path.length < 2, height: 28 });
    painter.box(84, 8, w - 96, 28);
    painter.text(this.path.join("  ›  "), 96, 22, { room: w - 120 });
    this.#places(painter, h);
    painter.fill(SIDE, TOOLS + HEAD - 1, w - SIDE, 1, LINE);
    painter.text("Name", SIDE + 18, TOOLS + HEAD / 2, { size: 12, colour: MUTED });
    painter.text("Size", w - 28, TOOLS + HEAD / 2, { size: 12, colour: MUTED, align: "right" });
    this.view = rect(SIDE + 1, TOOLS + HEAD, w - SIDE - 1, h - TOOLS - HEAD);
    const { x, y, w: wide, h: tall } = this.view;
    painter.within(x, y, wide, tall, () => this.#rows(painter, wide, tall));
  }

  #places(painter, h) {
    painter.fill(0, TOOLS, SIDE, h - TOOLS, "#f8fafc");
    painter.fill(SIDE, TOOLS, 1, h - TOOLS, LINE);
    PLACES.forEach(([name, icon], nth) => {
      const y = TOOLS + 10 + nth * 34;
      const here = this.folder === name;
      if (here) painter.box(8, y, SIDE - 16, 30, { face: SOFT, edge: "", round: 5 });
      painter.icon(icon, 16, y + 6, 18);
      painter.text(name, 42, y + 15, { bold: here, colour: here ? ACCENT : undefined });
      painter.spot(8, y, SIDE - 16, 30, { label: name, press: () => this.#go([name]) });
    });
  }

  #rows(painter, w, h) {
    this.items.forEach(([name, icon, size], nth) => {
      const y = 2 + nth * ROW - this.top;
      if (y < -ROW || y > h) return;
      if (nth === this.chosen) painter.box(6, y + 1, w - 22, ROW - 2, { face: SOFT, edge: "#a9cdf0", round: 5 });
      painter.icon(icon, 14, y + 5, 20);
      painter.text(name, 44, y + ROW / 2, { room: w - 150 });
      painter.text(size ?? "", w - 27, y + ROW / 2, { colour: MUTED, align: "right" });
      painter.spot(4, Math.max(0, y), w - 16, Math.min(ROW, ROW + y), { label: name, press: () => this.#choose(nth), open: () => this.#open(nth) });
    });
    if (!this.items.length) painter.text("This folder is empty.", w / 2, 50, { colour: MUTED, align: "center" });
    painter.scrollbar(w - 11, 0, h, this.top, h, this.#tall());
  }

  #choose(nth) {
    this.chosen = nth;
    this.desktop.say(this.items[nth][0]);
  }

  #open(nth) {
    const [name, kind] = this.items[nth];
    this.chosen = nth;
    if (kind === "folder") this.#go([...this.path, name]);
    else if (kind === "note") this.desktop.start("notes", name, TEXT);
    else this.desktop.message("No program for this", `There is no program on this computer that opens “${name}”.`, "warning");
  }

  #go(path) {
    Object.assign(this, { path, chosen: -1, top: 0 });
    this.window.dirty = this.desktop.bar.dirty = true;
    this.desktop.say(this.folder);
  }

  #back() {
    if (this.path.length > 1) this.#go(this.path.slice(0, -1));
  }

  key(key) {
    const { length } = this.items;
    if (key === "Backspace") this.#back();
    else if (key === "Enter" && this.chosen >= 0) this.#open(this.chosen);
    else if ((key === "ArrowDown" || key === "ArrowUp") && length) {
      this.#choose(key === "ArrowDown" ? Math.min(length - 1, this.chosen + 1) : Math.max(0, this.chosen - 1));
      const y = this.chosen * ROW;
      this.#scroll(Math.max(y + ROW + 4 - this.view.h, Math.min(this.top, y)));
    } else return false;
    return true;
  }

  #tall() {
    return this.items.length * ROW + 6;
  }

  #scroll(to) {
    const top = Math.max(0, Math.min(to, this.#tall() - this.view.h));
    this.window.scrolled({ ...this.view, w: this.view.w - 12 }, this.top - top);
    this.top = top;
  }

  wheel(lines) {
    this.#scroll(this.top + lines * 20);
  }

  /** What the menu of the right button offers. */
  context() {
    const open = { label: "Open", act: () => this.#open(this.chosen) };
    return [...(this.chosen >= 0 ? [open] : []), { label: "Back", act: () => this.#back() }];
  }
}
