/**
 * What a page has heard: each frame once, as it was sent, and in the order of its source. What was
 * changed, lost, repeated or swapped on its way is noticed here.
 */
import { open } from "./frames.js";

const BAD_MOST = 1000;
/** What each party may send. */
const KINDS = {
  broker: new Set(["event"]),
  customer: new Set(["chat", "typing", "screen"]),
  rep: new Set(["chat", "typing", "file", "refresh", "input", "whiteboard"]),
};
/** What is recorded as it is said. */
const SAID = new Set(["chat", "file"]);

/** The frames that come to a page. */
export class Inbox {
  #key;
  #place;
  /** By source, the number of its next frame: what is less is in the lines, or was heard since. */
  #expected = new Map();
  /** By source, what was ever heard, whichever lines there were. */
  #heard = new Map();
  /** Sources of which the broker need not know the newest frames. */
  #fresh = new Set();
  /** Chats and files that were heard since there were lines, and are not known to be recorded. */
  #unrecorded = new Set();
  #bad = new Set();

  /** Go on behind the lines of a descriptor. */
  use(key, { sessionId, party, seen }) {
    this.#key = key;
    this.#place = { sessionId, party };
    for (const known of [this.#expected, this.#fresh, this.#unrecorded]) known.clear();
    for (const [sender, sources] of Object.entries(seen)) {
      for (const [source, n] of Object.entries(sources)) {
        this.#expected.set(`${sender}/${source}`, n);
        if (sender !== "broker") this.#fresh.add(`${sender}/${source}`);
      }
    }
  }

  /**
   * Open one frame.
   * @param {{party: string, source: string, n: number, frame: Uint8Array}} one
   * @returns {Promise<{missed: boolean, message?: object, again?: boolean}>} `missed` where it, or
   *   one before it, did not come as it was sent; no message where there is nothing new in it;
   *   `again` where it was heard under other lines
   */
  async take({ party, source, n, frame }) {
    const from = `${party}/${source}`;
    const expected = this.#expected.get(from) ?? 0;
    if (n < expected) return { missed: false };
    const { sessionId, party: own } = this.#place;
    const message = await open(this.#key, { sessionId, party, source, n }, frame);
    if (message === null) return { missed: !this.#passOver(`${from}/${n}`) };
    // Of the own party's other pages not all comes back.
    const follows = n === expected || party === own || this.#fresh.has(from);
    const whole = follows && this.#isOfHeard(message);
    if (!whole && !this.#passOver(`${from}/${n}`)) return { missed: true };
    this.#fresh.delete(from);
    this.#expected.set(from, n + 1);
    if (!KINDS[party].has(message.kind)) return { missed: false };
    const again = n < (this.#heard.get(from) ?? 0);
    if (!again) this.#heard.set(from, n + 1);
    if (SAID.has(message.kind)) this.#unrecorded.add(`${from}/${n}`);
    return { missed: false, message, again };
  }

  /** Tell whether a frame that was recorded, as the broker says, was heard; true for all else. */
  #isOfHeard({ kind, from, source, n }) {
    if (kind !== "event" || from === undefined) return true;
    return this.#unrecorded.delete(`${from}/${source}/${n}`);
  }

  /** Notice what is wrong with a frame; seen again after the broker was asked, it is passed over. */
  #passOver(which) {
    const again = this.#bad.has(which);
    if (this.#bad.size > BAD_MOST) this.#bad.clear();
    this.#bad.add(which);
    return again;
  }
}
