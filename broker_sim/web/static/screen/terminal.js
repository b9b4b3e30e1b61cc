// A command line that knows a few commands.

import { TextBox } from "./textbox.js";
import { rect } from "./rects.js";

const STEP = 19;
const LOOK = { mono: true, size: 13, colour: "#dfe7ee" };
const PROMPT = "front-desk> ";
const KEPT = 300;

const COMMANDS = {
  help: () => ["help    what there is", "dir     files in this folder", "net     the network", "ping    ask another computer",
    "date    day and time", "ver     the version", "echo    say something", "cls     clear", "exit    close"],
  dir: () => ["Documents      <folder>", "Downloads      <folder>", "Pictures       <folder>", "Minutes of Monday.txt     2 KB",
    "Rooms and phones.sheet   18 KB"],
  net: () => ["Adapter        wired, 1 Gbit/s", "Address        192.168.14.37", "Gateway        192.168.14.1", "Name server    192.168.14.1"],
  ping: (words) => {
    const to = words[0] ?? "192.168.14.1";
    return [1, 2, 3].map((nth) => `answer ${nth} from ${to}: ${2 + nth} ms`).concat("3 sent, 3 received, 0 lost");
  },
  ver: () => ["Desktop 11, version 23.2 (build 4417)"],
  echo: (words) => [words.join(" ")],
};

export class Terminal {
  constructor(desktop) {
    Object.assign(this, { desktop, title: "Command line", icon: "terminal", size: [600, 360], unique: "terminal" });
    this.lines = ["Desktop 11. Type help for what there is.", ""];
    this.box = new TextBox("", { most: 200 });
    this.past = [];
    this.back = 0;
    this.shown = 0;
  }

  paint(painter, w, h) {
    painter.fill(0, 0, w, h, "#16212b");
    this.room = { w, h };
    const count = Math.floor((h - 16) / STEP);
    const lines = [...this.lines, PROMPT + this.box.text];
    const seen = lines.slice(-count);
    this.shown = lines.length;
    seen.forEach((line, nth) => painter.text(line, 10, 18 + nth * STEP, { ...LOOK, room: w - 20 }));
    const before = PROMPT + this.box.text.slice(0, this.box.caret);
    painter.fill(10 + Math.round(painter.measure(before, LOOK)), 9 + (seen.length - 1) * STEP, 2, 17, "#7dd08a");
    painter.spot(0, 0, w, h, { label: "Command line", cursor: "text" });
  }

  key(key, held) {
    if (key === "Enter") this.#run();
    else if (key === "ArrowUp" || key === "ArrowDown") this.#recall(key === "ArrowUp" ? 1 : -1);
    else if (!held.control) return this.box.key(key);
    return true;
  }

  #recall(step) {
    this.back = Math.max(0, Math.min(this.past.length, this.back + step));
    this.box.set(this.back ? this.past.at(-this.back) : "");
  }

  #run() {
    const typed = this.box.text.trim();
    this.lines.push(PROMPT + this.box.text);
    this.box.set("");
    this.back = 0;
    if (typed) {
      this.past.push(typed);
      this.#do(...typed.split(/\s+/));
    }
    this.lines = this.lines.slice(-KEPT);
    this.#moved();
  }

  #do(name, ...words) {
    const word = name.toLowerCase();
    if (word === "cls") this.lines = [];
    else if (word === "exit") this.desktop.close(this.window);
    else if (word === "date") this.lines.push(this.desktop.now().toUTCString(), "");
    else if (Object.hasOwn(COMMANDS, word)) this.lines.push(...COMMANDS[word](words), "");
    else this.lines.push(`There is no command “${name}”. Type help.`, "");
    this.desktop.say(this.lines.slice(-4).join(". "));
  }

  #moved() {
    const count = Math.floor((this.room.h - 16) / STEP);
    const rows = Math.max(0, this.lines.length + 1 - count) - Math.max(0, this.shown - count);
    if (rows > 0 && rows < count) this.window.scrolled(rect(0, 0, this.room.w, this.room.h), -rows * STEP);
  }
}
