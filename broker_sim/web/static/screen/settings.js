// The settings: printers, display, network, sound.

import { ACCENT, EDGE, FACE, LINE, MUTED, PAPER, SOFT } from "./painter.js";
import { WALLPAPERS, wallpaper } from "./wallpaper.js";

const PAGES = ["Printers", "Display", "Network", "Sound"];
const PRINTERS = [["Front desk", "A4, colour"], ["Second floor", "A4 and A3"], ["Paper to file", "Makes a document"]];

export class Settings {
  constructor(desktop, page = "Printers") {
    Object.assign(this, { desktop, title: "Settings", icon: "gear", size: [580, 420], unique: "settings", page });
    this.values = { paused: true, sharing: true, proxy: false, sounds: true, volume: 0.6 };
  }

  paint(painter, w, h) {
    painter.fill(0, 0, 140, h, FACE);
    painter.fill(140, 0, 1, h, LINE);
    PAGES.forEach((page, nth) => {
      const y = 12 + nth * 38;
      const here = page === this.page;
      if (here) painter.box(8, y, 124, 34, { face: SOFT, edge: "", round: 5 });
      painter.text(page, 20, y + 17, { bold: here, colour: here ? ACCENT : undefined });
      painter.spot(8, y, 124, 34, { label: page, press: () => (this.page = page) });
    });
    painter.text(this.page, 164, 32, { size: 18, bold: true });
    const paint = { Printers: () => this.#printers(painter, w), Display: () => this.#display(painter), Network: () => this.#network(painter, w),
      Sound: () => this.#sound(painter, w) };
    paint[this.page]();
  }

  #printers(painter, w) {
    const { state } = this.desktop;
    PRINTERS.forEach(([name, about], nth) => {
      const y = 62 + nth * 58;
      const chosen = state.printer === name;
      painter.box(164, y, w - 184, 50, { face: chosen ? SOFT : PAPER, edge: chosen ? ACCENT : LINE, round: 6 });
      painter.icon("printer", 176, y + 9, 32);
      painter.text(name, 222, y + 17, { bold: true });
      painter.text(this.#about(name, about), 222, y + 35, { size: 12, colour: MUTED });
      if (chosen) painter.text("Default", w - 36, y + 25, { colour: ACCENT, bold: true, align: "right" });
      painter.spot(164, y, w - 184, 50, { label: name, press: () => (state.printer = name) });
    });
    painter.tick("Use the printer only when I am here", 166, 256, this.values.paused, () => this.#flip("paused"));
    painter.button("Print a test page", 164, 290, 150, () => this.#test(), { main: true });
    painter.button("Resume printing", 324, 290, 140, () => this.#resume(), { off: state.resumed });
  }

  #about(name, about) {
    if (name !== "Front desk") return about;
    return `${about}, ${this.desktop.state.resumed ? "ready" : "paused, 3 documents wait"}`;
  }

  #resume() {
    this.desktop.state.resumed = true;
    this.desktop.message("Printer", "Front desk prints again. 3 documents were sent to it.");
  }

  #test() {
    const { printer, resumed } = this.desktop.state;
    const waits = printer === "Front desk" && !resumed;
    const text = waits ? "The printer is paused. The page waits behind 3 other documents." : `The test page was sent to ${printer}.`;
    this.desktop.message("Test page", text, waits ? "warning" : "info");
  }

  #display(painter) {
    const { state, wall } = this.desktop;
    painter.text("Wallpaper", 164, 68, { colour: MUTED });
    WALLPAPERS.forEach((name, nth) => {
      const x = 164 + (nth % 2) * 190;
      const y = 86 + Math.floor(nth / 2) * 134;
      painter.within(x, y, 170, 100, () => wallpaper(painter.ctx, 170, 100, name));
      painter.box(x, y, 170, 100, { face: "rgb(0 0 0 / 0)", edge: state.wallpaper === name ? ACCENT : EDGE, round: 0 });
      painter.text(name, x, y + 114, { bold: state.wallpaper === name });
      const press = () => {
        state.wallpaper = name;
        wall.dirty = true;
      };
      painter.spot(x, y, 170, 124, { label: name, press });
    });
  }

  #network(painter, w) {
    painter.box(164, 62, w - 184, 64, { face: SOFT, edge: "#a9cdf0", round: 6 });
    painter.text("Wired connection", 182, 84, { bold: true });
    painter.text("Connected, 192.168.14.37", 182, 106, { colour: MUTED });
    painter.tick("Let others on this network see this computer", 166, 156, this.values.sharing, () => this.#flip("sharing"));
    painter.tick("Use a proxy", 166, 192, this.values.proxy, () => this.#flip("proxy"));
  }

  #sound(painter, w) {
    const room = w - 220;
    painter.text(`Volume: ${Math.round(this.values.volume * 100)} %`, 164, 72);
    painter.box(164, 96, room, 6, { face: LINE, edge: "", round: 3 });
    painter.box(164, 96, Math.round(room * this.values.volume), 6, { face: ACCENT, edge: "", round: 3 });
    painter.box(156 + Math.round(room * this.values.volume), 90, 18, 18, { face: PAPER, edge: ACCENT, round: 9 });
    const slide = (x) => (this.values.volume = Math.max(0, Math.min(1, (x - 8) / room)));
    const drag = (x) => {
      slide(x);
      this.window.dirty = true;
    };
    painter.spot(156, 86, room + 16, 26, { label: "Volume", press: slide, drag });
    painter.tick("Sounds for messages", 166, 146, this.values.sounds, () => this.#flip("sounds"));
  }

  #flip(name) {
    this.values[name] = !this.values[name];
  }

  key(key) {
    const step = { ArrowDown: 1, ArrowUp: PAGES.length - 1 }[key];
    if (!step) return false;
    this.page = PAGES[(PAGES.indexOf(this.page) + step) % PAGES.length];
    this.desktop.say(this.page);
    return true;
  }
}
