// The programs of the simulated computer, by the name that icons and menus start them with.

import { Files } from "./files.js";
import { Notes } from "./notes.js";
import { Settings } from "./settings.js";
import { SystemInfo } from "./system.js";
import { Terminal } from "./terminal.js";
import { Web } from "./web.js";

export const PROGRAMS = { files: Files, notes: Notes, web: Web, settings: Settings, system: SystemInfo, terminal: Terminal };

/** A sentence with one button. */
export class MessageBox {
  constructor(desktop, title, text, icon) {
    Object.assign(this, { desktop, title, icon, text, size: [420, 178] });
  }

  paint(painter, w, h) {
    painter.icon(this.icon, 22, 22, 36);
    painter.paragraph(this.text, 76, 34, w - 100);
    painter.fill(0, h - 52, w, 52, "#f1f4f7");
    painter.button("OK", w - 112, h - 41, 92, () => this.desktop.close(this.window), { main: true });
  }

  key(key) {
    if (key !== "Enter" && key !== "Escape") return false;
    this.desktop.close(this.window);
    return true;
  }
}
