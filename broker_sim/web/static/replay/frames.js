// Finds the frames of a recording while its bytes pass by: where each ends, and when it was on the screen. An instruction
// is elements of `<letters>.<text>`; letters are Unicode characters, bytes are UTF-8.

const COMMA = 44;
const DOT = 46;
const SEMICOLON = 59;
const LONGEST_OPCODE = 24;
const SYNC = "sync";

/** It is no recording of drawing instructions. */
export class NoRecording extends Error {}

/** Reads pieces of a recording in their order. */
export class FrameFinder {
  constructor() {
    /** When each frame was shown, in the recording's own milliseconds; never falls. @type {number[]} */
    this.times = [];
    /** The byte behind each frame. @type {number[]} */
    this.ends = [];
    this.at = 0; // bytes read
    this.length = 0; // letters that the element still has, or its digits so far
    this.inText = false;
    this.digits = 0;
    this.nth = 0; // of the element in its instruction
    this.said = ""; // of the opcode, or of the time of a sync
    this.opcode = "";
    this.whole = 0; // the byte behind the last whole instruction
  }

  /**
   * Read the next bytes.
   * @param {Uint8Array} bytes
   * @throws {NoRecording}
   */
  read(bytes) {
    for (let at = 0; at < bytes.length; ) {
      if (!this.inText) this.#digit(bytes[at++]);
      else if (this.length > 0 || (bytes[at] & 0xc0) === 0x80) at = this.#text(bytes, at);
      else this.#behind(bytes[at], this.at + at++ + 1);
    }
    this.at += bytes.length;
  }

  #digit(byte) {
    if (byte === DOT && this.digits) Object.assign(this, { inText: true, digits: 0 });
    else if (byte >= 48 && byte <= 57 && this.digits < 9) {
      this.length = this.length * 10 + byte - 48;
      this.digits += 1;
    } else if (byte !== 10 && byte !== 13) throw new NoRecording("this is no recording of a screen");
  }

  // A letter begins at every byte that does not continue one.
  #text(bytes, from) {
    let at = from;
    let { length } = this;
    const keep = this.nth === 0 || (this.nth === 1 && this.opcode === SYNC);
    while (at < bytes.length && (length > 0 || (bytes[at] & 0xc0) === 0x80)) {
      if ((bytes[at] & 0xc0) !== 0x80) length -= 1;
      if (keep && this.said.length < LONGEST_OPCODE) this.said += String.fromCharCode(bytes[at]);
      at += 1;
    }
    this.length = length;
    return at;
  }

  #behind(byte, end) {
    if (this.nth === 0) this.opcode = this.said;
    if (this.nth === 1 && this.opcode === SYNC) this.time = Number(this.said);
    Object.assign(this, { said: "", inText: false, length: 0 });
    if (byte === COMMA) this.nth += 1;
    else if (byte === SEMICOLON) {
      if (this.opcode === SYNC) this.#frame(end);
      this.nth = 0;
      this.whole = end;
    } else throw new NoRecording("this is no recording of a screen");
  }

  #frame(end) {
    const last = this.times.at(-1) ?? 0;
    this.times.push(Number.isFinite(this.time) ? Math.max(last, this.time) : last);
    this.ends.push(end);
  }

  /** Say that there are no more bytes. A recording without times is one frame; what is cut off at the end is left out. */
  finish() {
    if (!this.ends.length && this.whole) {
      this.times.push(0);
      this.ends.push(this.whole);
    }
  }
}

/**
 * Find the last of ascending numbers that is not above a limit.
 * @param {number[]} numbers
 * @param {number} limit
 * @returns {number} its place, -1 for none
 */
export function lastUpTo(numbers, limit) {
  let [low, high] = [-1, numbers.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle] <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
