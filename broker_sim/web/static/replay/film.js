// One recording that can be shown as it was at any time. Bytes are deciphered when they are wanted; on the way pictures
// of the display are kept, so that going back does not begin at the beginning.

import { Painting } from "../screen/painting.js";
import { instructions } from "../screen/protocol.js";
import { FrameFinder, lastUpTo, NoRecording } from "./frames.js";

const BATCH_BYTES = 262144; // painted in one go
const KEPT_RECORDS = 8;
const SNAPSHOT_BYTES = 262144; // of the recording from one to the next, at least
const SNAPSHOTS = 24;
const BREATH_MS = 12; // how long the page waits for us
// What draws. Sounds, files and whatever else other tools record is left out.
const DRAWS = new Set("arc blob cfill clip close copy cstroke cursor curve dispose distort end identity img jpeg lfill line lstroke mouse move png pop push rect reset set shade size start transfer transform".split(" "));

const breath = () => new Promise((done) => setTimeout(done, 0));

export class Film {
  /** @param {{size: number, room: number, records: number, record: (index: number) => Promise<Uint8Array>}} source */
  constructor(source) {
    this.source = source;
    this.painting = new Painting();
    this.finder = new FrameFinder();
    this.shown = -1; // the frame on the display
    this.cache = new Map();
    this.snapshots = [];
    this.showing = Promise.resolve();
    this.spacing = Math.max(SNAPSHOT_BYTES, Math.ceil(source.size / SNAPSHOTS));
  }

  /**
   * Read all of it once: it is verified, and its frames are found.
   * @param {(share: number) => void} told how much was read, 0 to 1
   * @throws {import("./unseal.js").Tampered | NoRecording}
   */
  async prepare(told = () => {}) {
    let since = performance.now();
    for (let index = 0; index < this.source.records; index += 1) {
      this.finder.read(await this.source.record(index));
      if (performance.now() - since < BREATH_MS) continue;
      told((index + 1) / this.source.records);
      await breath();
      since = performance.now();
    }
    this.finder.finish();
    if (!this.times.length) throw new NoRecording("this recording is empty");
    this.snapshots = [{ frame: -1, end: 0, state: null }];
  }

  /** When each frame was shown, in the recording's own milliseconds. */
  get times() {
    return this.finder.times;
  }

  /**
   * Show it as it was then; a wish that is overtaken by another is dropped.
   * @param {number} time in the recording's own milliseconds
   * @returns {Promise<boolean>} whether the display is there now
   */
  show(time) {
    const frame = Math.max(0, lastUpTo(this.times, time));
    this.wish = frame;
    this.showing = this.showing.then(() => this.wish === frame && this.#go(frame));
    return this.showing;
  }

  async #go(frame) {
    if (frame === this.shown) return true;
    if (frame < this.shown) await this.#back(frame);
    while (this.shown < frame) {
      if (this.wish !== frame) return false;
      await this.#forward(frame);
    }
    return true;
  }

  async #back(frame) {
    const { frame: from, state } = this.snapshots[lastUpTo(this.snapshots.map((one) => one.frame), frame)];
    await this.painting.restore(state);
    this.shown = from;
  }

  // Paint up to a frame, or as much of the way as is good in one go.
  async #forward(frame) {
    const { ends } = this.finder;
    const from = this.shown < 0 ? 0 : ends[this.shown];
    const to = Math.min(frame, Math.max(this.shown + 1, lastUpTo(ends, from + BATCH_BYTES)));
    const text = new TextDecoder().decode(await this.#bytes(from, ends[to]));
    for (const [opcode, ...elements] of instructions(text)) if (DRAWS.has(opcode)) this.painting.instruct(opcode, elements);
    await this.painting.settled();
    this.shown = to;
    const last = this.snapshots.at(-1);
    if (ends[to] - last.end >= this.spacing) await this.#keep(to, ends[to]);
  }

  async #keep(frame, end) {
    this.snapshots.push({ frame, end, state: await this.painting.state() });
    // Every second one goes when there are too many: the way from one to the next grows with the recording.
    if (this.snapshots.length > SNAPSHOTS) this.snapshots = this.snapshots.filter((_, nth) => nth % 2 === 0);
  }

  async #bytes(from, to) {
    const { room } = this.source;
    const found = new Uint8Array(to - from);
    for (let index = Math.floor(from / room); index * room < to; index += 1) {
      const record = await this.#record(index);
      const start = Math.max(from, index * room);
      const part = record.subarray(start - index * room, Math.min(to - index * room, room));
      found.set(part, start - from);
    }
    return found;
  }

  async #record(index) {
    const known = this.cache.get(index);
    if (known) return known;
    const record = await this.source.record(index);
    this.cache.set(index, record);
    if (this.cache.size > KEPT_RECORDS) this.cache.delete(this.cache.keys().next().value);
    return record;
  }
}
