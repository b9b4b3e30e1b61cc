/**
 * What a page has to send: sealed, numbered, sent in order, sent again until the relay has it.
 */
import { pack, seal } from "./frames.js";

/** What a relay takes in one POST, and what each frame counts besides its bytes. */
const BODY_BYTES = 256 * 1024;
const BODY_FRAMES = 2048;
const FRAME_TAKES_BYTES = 64;
const BACKLOG_BYTES = 1024 * 1024;
const RECENT_BYTES = 384 * 1024;
const RECENT_FRAMES = 128;
/** What its sender need not read again. */
const QUIET = new Set(["typing", "screen", "refresh", "input", "whiteboard"]);
/** What is old at once: dropped where the relay does not keep up. */
const FLEETING = new Set(["typing", "input", "screen", "whiteboard"]);

/** A party's messages on their way to the relay. */
export class Outbox {
  /**
   * @param {(body: Uint8Array, how: {quiet: boolean, leaps: boolean}) => Promise<{next?: number, expected?: number,
   *   epoch?: string, over?: boolean}>} post sends frames until there is an answer
   */
  constructor(post) {
    this.post = post;
    this.waiting = [];
    this.recent = [];
    this.backlog = 0;
    this.next = 0;
    this.running = false;
    this.begun = false;
    this.least = 0;
    this.leapAt = -1;
    this.over = false;
    /** Whether screens were dropped, so that a whole one must follow. */
    this.dropped = false;
  }

  /**
   * Queue a message; resolves once the relay has it, to false where it was not sent.
   * @param {object} message
   * @returns {Promise<boolean>}
   */
  add(message) {
    if (this.over) return Promise.resolve(false);
    if (this.backlog > BACKLOG_BYTES && FLEETING.has(message.kind)) {
      this.dropped ||= message.kind === "screen";
      return Promise.resolve(false);
    }
    const size = JSON.stringify(message).length;
    this.backlog += size;
    return new Promise((done) => {
      this.waiting.push({ message, size, done, quiet: QUIET.has(message.kind) });
      this.run();
    });
  }

  /** Say under which key and for which place frames are sealed; no number is below `least`. */
  use(key, place, least) {
    this.key = key;
    this.place = place;
    this.least = least;
  }

  /** Send from now on, with numbers from `next` or from where it has come to. */
  begin(next) {
    if (this.begun && next <= this.next) return;
    this.begun = true;
    if (next > this.next) this.number(next);
    this.run();
  }

  /** Number what was not taken yet from here on, which seals it anew. */
  number(next) {
    this.next = next;
    for (const item of this.waiting) if (item.message) item.frame = undefined;
  }

  /**
   * Go on at a relay that was started anew. What the one before may have taken along to its end is
   * sent again, and passed over by who has it; what follows begins at a number that is nobody's.
   */
  move(next) {
    this.leap(Math.max(next, this.next));
    this.waiting.unshift(...this.recent);
    this.recent = [];
    this.run();
  }

  /** Number what was not taken yet from here on, which leaves numbers out. */
  leap(next) {
    for (const item of this.waiting) if (item.message) item.frame = undefined;
    this.next = this.leapAt = next;
  }

  /** Send no more. */
  stop() {
    this.over = true;
    for (const item of this.waiting.splice(0)) item.done(false);
  }

  async run() {
    if (this.running || !this.begun) return;
    this.running = true;
    try {
      while (this.waiting.length && !this.over) await this.#turn();
    } finally {
      this.running = false;
    }
  }

  /** Send the next few frames, all of them quiet or none. */
  async #turn() {
    const items = await this.#sealed();
    const [{ n, quiet }] = items;
    const frames = items.map((item) => item.frame);
    const body = pack(n, frames);
    const answer = await this.post(body, { quiet, leaps: n === this.leapAt });
    if (answer.next !== undefined) this.#taken(items, frames);
    else if (answer.expected !== undefined) this.#renumber(items, answer.expected);
    else if (answer.over) this.stop();
  }

  async #sealed() {
    const items = [];
    let size = 0;
    for (const item of [...this.waiting]) {
      const full = size > BODY_BYTES || items.length >= BODY_FRAMES;
      if (items.length && (item.quiet !== items[0].quiet || full)) break;
      if (item.frame === undefined) {
        item.n = this.next++;
        item.frame = await seal(this.key, { ...this.place, n: item.n }, item.message);
      }
      const takes = item.frame.length + FRAME_TAKES_BYTES;
      if (items.length && (size + takes > BODY_BYTES || item.n !== items.at(-1).n + 1)) break;
      size += takes;
      items.push(item);
    }
    return items;
  }

  #taken(items, frames) {
    for (const [nth, item] of items.entries()) {
      item.frame = frames[nth]; // as it was taken, though all was to be numbered anew meanwhile
      const place = this.waiting.indexOf(item);
      if (place >= 0) this.waiting.splice(place, 1);
      if (item.message) this.backlog -= item.size;
      item.message = undefined;
      item.done(true);
      this.recent.push(item);
    }
    let size = this.recent.reduce((sum, item) => sum + item.frame.length, 0);
    while (size > RECENT_BYTES || this.recent.length > RECENT_FRAMES)
      size -= this.recent.shift().frame.length;
  }

  /** Another page of the same party was quicker, or the relay knows these already. */
  #renumber(items, expected) {
    const old = items.filter((item) => item.message === undefined);
    for (const item of old) this.waiting.splice(this.waiting.indexOf(item), 1);
    if (expected < this.least) this.leap(this.least);
    else if (!old.length || expected > this.next) this.number(expected);
  }
}
