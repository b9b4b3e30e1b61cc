// System information.

import { ACCENT, FACE, LINE, MUTED, SOFT } from "./painter.js";

const PAGES = {
  System: [["Computer", "FRONT-1042"], ["User", "front desk"], ["Operating system", "Desktop 11, 64 bit"], ["Version", "23.2 (build 4417)"],
    ["Processor", "4 cores, 2.4 GHz"], ["Memory", "8 GB, 3.1 GB free"], ["Display", "1024 x 768, 32 bit"], ["Last start", "today"]],
  Disks: [["C: System", "238 GB, 61 GB free"], ["D: Data", "477 GB, 290 GB free"]],
  Network: [["Adapter", "Wired, 1 Gbit/s"], ["Address", "192.168.14.37"], ["Mask", "255.255.255.0"], ["Gateway", "192.168.14.1"],
    ["Name server", "192.168.14.1"], ["Sent", "412 MB"], ["Received", "2.6 GB"]],
  Programs: [["Notes", "3.2"], ["Web", "118.0"], ["Mail", "16.4"], ["Sheets", "16.4"], ["Virus shield", "9.1, up to date"], ["Remote help", "4.0"]],
};
const FILLED = { "C: System": 0.74, "D: Data": 0.39 };

export class SystemInfo {
  constructor(desktop) {
    Object.assign(this, { desktop, title: "This computer", icon: "info", size: [500, 380], unique: "system", page: "System" });
  }

  paint(painter, w, h) {
    painter.fill(0, 0, 136, h, FACE);
    painter.fill(136, 0, 1, h, LINE);
    Object.keys(PAGES).forEach((page, nth) => {
      const y = 12 + nth * 36;
      if (page === this.page) painter.box(8, y, 120, 32, { face: SOFT, edge: "", round: 5 });
      painter.text(page, 20, y + 16, { bold: page === this.page, colour: page === this.page ? ACCENT : undefined });
      painter.spot(8, y, 120, 32, { label: page, press: () => (this.page = page) });
    });
    painter.text(this.page, 160, 30, { size: 18, bold: true });
    let y = 68;
    for (const [name, value] of PAGES[this.page]) {
      painter.text(name, 160, y, { colour: MUTED, room: 130 });
      painter.text(value, 296, y, { room: w - 310 });
      if (name in FILLED) {
        y += 24;
        painter.box(160, y - 6, w - 190, 12, { face: FACE, round: 6 });
        painter.box(160, y - 6, Math.round((w - 190) * FILLED[name]), 12, { face: ACCENT, edge: "", round: 6 });
      }
      y += 32;
    }
  }

  key(key) {
    const pages = Object.keys(PAGES);
    const step = { ArrowDown: 1, ArrowUp: pages.length - 1 }[key];
    if (!step) return false;
    this.page = pages[(pages.indexOf(this.page) + step) % pages.length];
    this.desktop.say(this.page);
    return true;
  }
}
