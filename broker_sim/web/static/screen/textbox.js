// Text that is typed: its letters and the place of the caret, in UTF-16 units. It knows nothing of drawing.

export class TextBox {
  /** @param {string} text @param {{lines?: boolean, most?: number}} kind one line unless told; `most` units */
  constructor(text = "", { lines = false, most = 20000 } = {}) {
    Object.assign(this, { text, lines, most, caret: text.length });
  }

  /** Put a text in place of all. @param {string} text */
  set(text) {
    this.text = text.slice(0, this.most);
    this.caret = this.text.length;
  }

  /** Write at the caret. @param {string} typed */
  insert(typed) {
    if (this.text.length + typed.length > this.most) return;
    this.text = this.text.slice(0, this.caret) + typed + this.text.slice(this.caret);
    this.caret += typed.length;
  }

  /**
   * Take a key.
   * @param {string} key as browsers name it
   * @returns {boolean} whether it meant something here
   */
  key(key) {
    if ([...key].length === 1) this.insert(key);
    else if (key === "Enter" && this.lines) this.insert("\n");
    else if (key === "Backspace") this.#erase(this.#before(), this.caret);
    else if (key === "Delete") this.#erase(this.caret, this.#behind());
    else if (key === "ArrowLeft") this.caret = this.#before();
    else if (key === "ArrowRight") this.caret = this.#behind();
    else if (key === "Home") this.caret = this.text.slice(0, this.caret).lastIndexOf("\n") + 1;
    else if (key === "End") this.caret = this.#lineEnd();
    else return false;
    return true;
  }

  #erase(from, to) {
    this.text = this.text.slice(0, from) + this.text.slice(to);
    this.caret = from;
  }

  #before() {
    const low = /[\udc00-\udfff]/.test(this.text[this.caret - 1] ?? "");
    return Math.max(0, this.caret - (low ? 2 : 1));
  }

  #behind() {
    return Math.min(this.text.length, this.caret + (this.text.codePointAt(this.caret) > 0xffff ? 2 : 1));
  }

  #lineEnd() {
    const end = this.text.indexOf("\n", this.caret);
    return end < 0 ? this.text.length : end;
  }
}

/**
 * Break a text into rows that fit.
 * @param {string} text
 * @param {number} room
 * @param {(text: string) => number} measure in the unit of `room`
 * @returns {{from: number, to: number}[]} at least one; `to` is outside; a line break belongs to no row
 */
export function rows(text, room, measure) {
  const found = [];
  let from = 0;
  for (const line of text.split("\n")) {
    let start = from;
    const end = from + line.length;
    while (end - start > 1 && measure(text.slice(start, end)) > room) {
      const to = lastFit(text, start, end, room, measure);
      const space = text.lastIndexOf(" ", to - 1);
      const next = space > start ? space + 1 : to;
      found.push({ from: start, to: next });
      start = next;
    }
    found.push({ from: start, to: end });
    from = end + 1;
  }
  return found;
}

function lastFit(text, start, end, room, measure) {
  let [low, high] = [start + 1, end];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(text.slice(start, middle)) <= room) low = middle;
    else high = middle - 1;
  }
  const splits = /[\ud800-\udbff]/.test(text[low - 1] ?? "") && low < end;
  if (!splits) return low;
  return low - 1 > start ? low - 1 : low + 1;
}
