/**
 * What a page has to send: sealed, numbered, sent in order, sent again until the relay has it.
 */
import { newSource, pack, seal } from "./frames.js";

/** What a relay takes in one POST, and what each frame counts besides its bytes. */
const BODY_BYTES = 256 * 1024;
const BODY_FRAMES = 2048;
const FRAME_TAKES_BYTES = 64;
const BACKLOG_BYTES = 1024 * 1024;
/** What is kept of what was sent: more than a recorder leaves unread. */
const RECENT_BYTES = 384 * 1024;
const RECENT_FRAMES = 2048;
/** What its sender need not read again. */
const QUIET = new Set(["typing", "screen", "refresh", "input", "whiteboard"]);
/** What is old at once: dropped where the relay does not keep up. */
const FLEETING = new Set(["typing", "input", "screen", "whiteboard"]);

/** A page's messages on their way to the relay. */
export class Outbox {
  /**
   * @param {(body: Uint8Array, quiet: boolean) => Promise<boolean | null>} post sends frames until
   *   there is an answer; gives whether the relay that is there now has them, null where it
   *   refuses them for what they are
   */
  constructor(post) {
    this.post = post;
    /** This page among all that ever send in the session: frames are numbered by source. */
    this.source = newSource();
    this.waiting = [];
    this.recent = [];
    this.backlog = 0;
    this.next = 0;
    this.running = false;
    this.begun = false;
    /** How many relays there were. */
    this.relays = 0;
    this.over = false;
    /** Whether frames go one by one, until the one is found that is refused. */
    this.singly = false;
    /** Whether screens were dropped, so that a whole one must follow. */
    this.dropped = false;
  }

  /**
   * Queue a message; resolves once the relay has it, to false where it has not and never will, to
   * undefined where that is not known: it was sent, and all was over before there was an answer.
   * @param {object} message
   * @returns {Promise<boolean | undefined>}
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

  /** Whether chats or files wait to be sent. */
  get holdsTalk() {
    return this.waiting.some(({ message, quiet }) => message && !quiet);
  }

  /** Say under which key and for which party frames are sealed. */
  use(key, place) {
    this.key = key;
    this.place = { ...place, source: this.source };
  }

  /**
   * Send from now on, at a relay that has nothing yet. What the one before has taken along to its
   * end is sent again as it was, and passed over by who has it.
   */
  begin() {
    this.begun = true;
    this.relays += 1;
    this.waiting.unshift(...this.recent);
    this.recent = [];
    this.run();
  }

  /** Send nothing again that was sent, and wait: the channel is another one. */
  forget() {
    this.recent = [];
    this.begun = false;
  }

  /** Send no more. */
  stop() {
    this.over = true;
    for (const item of this.waiting.splice(0)) item.done(item.posted ? undefined : false);
  }

  async run() {
    if (this.running || !this.begun) return;
    this.running = true;
    try {
      while (this.waiting.length && this.begun && !this.over) await this.#turn();
    } finally {
      this.running = false;
    }
  }

  /** Send the next few frames, all of them quiet or none. */
  async #turn() {
    const items = await this.#sealed();
    // There is another relay, or no more to send.
    if (!items.length || !this.begun || this.waiting[0] !== items[0]) return;
    const body = pack(this.source, items[0].n, items.map((item) => item.frame));
    for (const item of items) item.posted = true;
    const { relays } = this;
    const has = await this.post(body, items[0].quiet);
    if (has === null) this.#refused(items);
    else if (has && relays === this.relays) this.#taken(items);
  }

  async #sealed() {
    const items = [];
    let size = 0;
    for (const item of [...this.waiting]) {
      const full = size > BODY_BYTES || items.length >= (this.singly ? 1 : BODY_FRAMES);
      if (items.length && (item.quiet !== items[0].quiet || full)) break;
      if (item.frame === undefined && !(await this.#seal(item))) continue;
      size += item.frame.length + FRAME_TAKES_BYTES;
      if (items.length && size > BODY_BYTES) break;
      items.push(item);
    }
    return items;
  }

  /** Seal a message under the next number; false where it cannot be, which takes no number. */
  async #seal(item) {
    const n = this.next;
    try {
      item.frame = await seal(this.key, { ...this.place, n }, item.message);
    } catch {
      this.#give(item);
      return false;
    }
    item.n = n;
    this.next = n + 1;
    return true;
  }

  /** Give up the one that is refused; its number goes to who comes next, as no number may be missing. */
  #refused(items) {
    this.singly = items.length > 1;
    if (this.singly) return;
    const [{ n, message }] = items;
    this.#give(items[0]);
    if (!message) return; // an earlier relay had it, and what followed
    this.next = n;
    for (const item of this.waiting) {
      // Where the relay lacks this number, it has nothing behind it.
      item.frame = undefined;
      item.posted = false;
    }
  }

  /** Give a message up: it is not sent. */
  #give(item) {
    this.waiting = this.waiting.filter((other) => other !== item);
    if (item.message) this.backlog -= item.size;
    item.done(false);
  }

  #taken(items) {
    const taken = new Set(items);
    this.waiting = this.waiting.filter((item) => !taken.has(item));
    this.singly &&= this.waiting.length > 0;
    for (const item of items) {
      if (item.message) this.backlog -= item.size;
      item.message = undefined;
      item.done(true);
      this.recent.push(item);
    }
    let size = this.recent.reduce((sum, item) => sum + item.frame.length, 0);
    while (size > RECENT_BYTES || this.recent.length > RECENT_FRAMES)
      size -= this.recent.shift().frame.length;
  }
}
