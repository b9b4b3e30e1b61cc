// The chat beside a replay: what is said up to the position stands out, and a line takes the replay to its time.

import { spelled } from "./clock.js";

export class Talk {
  /**
   * @param {HTMLElement} container
   * @param {{ms: number, who: string, text: string, party?: string}[]} lines in the order of their time
   * @param {(ms: number) => void} go takes the replay to a position
   */
  constructor(container, lines, go) {
    this.lines = lines;
    this.place = -2;
    this.list = document.createElement("ol");
    this.list.className = "replay-lines";
    this.items = lines.map((line) => this.#item(line, go));
    this.list.append(...this.items);
    if (lines.length) container.append(this.list);
    else {
      const empty = document.createElement("p");
      empty.className = "muted";
      empty.textContent = "Nothing was said in this session.";
      container.append(empty);
    }
  }

  #item({ ms, who, text, party }, go) {
    const item = document.createElement("li");
    if (party) item.dataset.party = party;
    const button = document.createElement("button");
    button.type = "button";
    button.append(piece("span", "replay-when", spelled(ms)), piece("strong", "", who), piece("span", "replay-said", text));
    for (const words of button.querySelectorAll("strong, .replay-said")) words.dir = "auto";
    button.addEventListener("click", () => go(ms));
    item.append(button);
    return item;
  }

  /** Show what has been said by then. @param {number} position */
  show(position) {
    const place = this.lines.findLastIndex((line) => line.ms <= position);
    if (place === this.place) return;
    this.place = place;
    this.items.forEach((item, nth) => {
      item.classList.toggle("ahead", nth > place);
      if (nth === place) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    });
    const now = this.items[Math.max(0, place)];
    // The list scrolls, never the page.
    if (now) this.list.scrollTop = now.offsetTop - this.list.clientHeight / 2;
  }
}

function piece(name, kind, text) {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.textContent = text;
  return element;
}
