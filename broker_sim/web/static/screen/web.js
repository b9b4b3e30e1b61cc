// A window that looks at pages. Pages are invented here; an address that is not known gets a page made from it.

import { ACCENT, FACE, LINE, MUTED, SOFT } from "./painter.js";
import { TextBox } from "./textbox.js";
import { rect } from "./rects.js";

const TOOLS = 46;
const HOME = "intranet.example";
const PAGES = {
  [HOME]: { head: "Good morning", text: ["Everything about our house on one page.", "The canteen opens at 11:30. Today: vegetable curry, or soup of the day."],
    links: [["Ask the help desk", "intranet.example/help"], ["Printers in this house", "intranet.example/printers"],
      ["Opening hours", "intranet.example/hours"], ["News", "news.example"]] },
  "intranet.example/help": { head: "Help desk", text: ["Something does not work? Start a support session and a colleague sees what you see.",
    "Have your computer's name ready: it is under “This computer”.", "We never ask for your password."], links: [["Back to the first page", HOME]] },
  "intranet.example/printers": { head: "Printers in this house", text: ["Front desk: A4, colour. If it says “paused”, open Settings, Printers and resume it.",
    "Second floor: A4 and A3. Paper is in the cupboard beside it.", "A printer that blinks red wants paper; one that blinks orange wants toner."],
    links: [["Ask the help desk", "intranet.example/help"], ["Back to the first page", HOME]] },
  "intranet.example/hours": { head: "Opening hours", text: ["Monday to Friday: 8:00 to 18:00", "Saturday: 9:00 to 13:00"], links: [["Back to the first page", HOME]] },
  "news.example": { head: "News of the day", text: ["The town gets a new library. It opens in autumn, with a reading room for children.",
    "Trains to the coast run every half hour again.", "The weather stays dry, with a light wind from the west."], links: [["More news", "news.example/more"]] },
};
const plain = (url) => url.trim().replace(/^https?:\/\//i, "").replace(/\/+$/, "");

export class Web {
  constructor(desktop, url = HOME) {
    Object.assign(this, { desktop, icon: "globe", size: [640, 460], unique: "web", past: [], top: 0, typing: false, tall: 0 });
    this.box = new TextBox("", { most: 300 });
    this.#show(plain(url));
  }

  get title() {
    return `${this.page.head} – Web`;
  }

  #show(url) {
    const words = url.split("/").at(-1).split(/[?#]/)[0].replace(/[-_]+/g, " ").replace(/\.\w{1,5}$/, "") || url;
    this.url = url || HOME;
    this.page = Object.hasOwn(PAGES, this.url) ? PAGES[this.url] : {
      head: words.charAt(0).toUpperCase() + words.slice(1),
      text: [`This page stands for ${url}.`, "The simulated computer is not connected to the Internet, so it shows the address and not the page."],
      links: [["To the first page", HOME]],
    };
    this.box.set(this.url);
    Object.assign(this, { top: 0, typing: false });
  }

  /** Go to a page. @param {string} url */
  go(url) {
    this.past.push(this.url);
    this.#show(plain(url));
    this.desktop.say(this.page.head);
    this.window.dirty = this.desktop.bar.dirty = true;
  }

  paint(painter, w, h) {
    painter.fill(0, 0, w, TOOLS, FACE);
    painter.fill(0, TOOLS - 1, w, 1, LINE);
    painter.button("Back", 10, 9, 64, () => this.#back(), { off: !this.past.length, height: 28 });
    painter.box(84, 9, w - 168, 28, { edge: this.typing ? ACCENT : LINE, round: 14 });
    painter.within(98, 9, w - 196, 28, () => {
      painter.text(this.box.text, 0, 14);
      if (this.typing) painter.fill(Math.round(painter.measure(this.box.text.slice(0, this.box.caret))), 5, 2, 18, ACCENT);
    });
    painter.spot(84, 9, w - 168, 28, { label: "Address", cursor: "text", press: () => this.#type() });
    painter.button("Go", w - 74, 9, 64, () => this.go(this.box.text), { height: 28, main: true });
    this.view = rect(0, TOOLS, w, h - TOOLS);
    painter.within(0, TOOLS, w, h - TOOLS, () => this.#page(painter, w, h - TOOLS));
  }

  #page(painter, w, h) {
    const { page } = this;
    painter.fill(0, -this.top, w, 74, SOFT);
    painter.text(page.head, 36, 38 - this.top, { size: 24, bold: true, room: w - 72 });
    let y = 106 - this.top;
    for (const text of page.text) y = painter.paragraph(text, 36, y, w - 92, { size: 14 }) + 10;
    for (const [label, url] of page.links) {
      const wide = painter.measure(label, { size: 14 });
      painter.text(label, 36, y, { size: 14, colour: ACCENT });
      painter.fill(36, y + 8, wide, 1, ACCENT);
      painter.spot(34, y - 12, wide + 4, 26, { label, cursor: "pointer", press: () => this.go(url) });
      y += 32;
    }
    painter.text(`${this.url.split("/")[0]} – seen on a simulated computer`, 36, y + 18, { size: 12, colour: MUTED });
    this.tall = y + 50 + this.top;
    painter.scrollbar(w - 11, 0, h, this.top, h, this.tall);
  }

  #type() {
    this.typing = true;
    this.box.set(this.box.text);
  }

  #back() {
    const url = this.past.pop();
    if (url === undefined) return;
    this.#show(url);
    this.window.dirty = this.desktop.bar.dirty = true;
  }

  key(key) {
    if (this.typing) {
      if (key === "Enter") this.go(this.box.text);
      else if (key === "Escape") this.#show(this.url);
      else return this.box.key(key);
      return true;
    }
    if (key === "Backspace") this.#back();
    else if (key === "ArrowDown" || key === "ArrowUp") this.wheel(key === "ArrowDown" ? 1 : -1);
    else if ([...key].length === 1) {
      this.box.set("");
      this.#type();
      this.box.key(key);
    } else return false;
    return true;
  }

  wheel(lines) {
    const top = Math.max(0, Math.min(this.top + lines * 24, this.tall - this.view.h));
    this.window.scrolled({ ...this.view, w: this.view.w - 12 }, this.top - top);
    this.top = top;
  }
}

