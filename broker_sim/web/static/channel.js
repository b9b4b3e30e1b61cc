/**
 * A party's end of its session's channel (CHAN-1).
 *
 * Messages are sealed in this page under the session's key; the relay that passes them on reads
 * none of them. What comes is opened here, and what was changed, lost, repeated or swapped on
 * its way is noticed: the page then asks the broker, who has the truth, for the talk so far.
 */
import { open, sessionKey, unlist } from "./channel/frames.js";
import { Outbox } from "./channel/outbox.js";

const WAIT_SECONDS = 25;
const BAD_MOST = 1000;
const BACK_OFF_MS = [250, 500, 1000, 2000, 4000, 8000];
/** What is old when a page comes to it late. */
const FLEETING = new Set(["typing", "screen", "refresh", "input", "whiteboard"]);
/** With these the session is over. */
const ENDS = new Set(["Ended", "Failed", "Transferred"]);

/**
 * Take part in a session's channel.
 *
 * @param {object} options
 * @param {string} options.descriptorUrl where the broker gives this party what it needs
 * @param {(message: object, from: "customer" | "rep" | "broker", time: Date) => void}
 *   options.onMessage called with each message: the other party's, the broker's `event`s (with
 *   `line`, where it shows in the talk), and one's own chat and files as they come back
 * @param {(state: "open" | "lost" | "closed", why?: string) => void} [options.onState]
 * @param {(lines: object[]) => void} [options.onLines] called with the whole talk so far, at
 *   the beginning and whenever frames were missed: show these in the place of all before
 * @returns {Promise<Channel>} once the descriptor is there
 */
export async function openChannel(options) {
  const channel = new Channel(options);
  await channel.begin();
  return channel;
}

/** What `openChannel` gives. */
export class Channel {
  #options;
  #key;
  #since = "";
  #expected = {};
  #fresh = new Set();
  #leaps = {};
  #state = "";
  #ending = new AbortController();
  #outbox;
  #failures = 0;
  #heardAt = 0;
  #behind = false;
  #bad = new Set();
  /** The broker's descriptor; `lines` is the talk as it was when it was asked for. */
  descriptor;

  constructor(options) {
    this.#options = options;
    this.#outbox = new Outbox((body, how) => this.#post(body, how));
  }

  /** Get the descriptor and begin to read. */
  async begin() {
    await this.#renew();
    this.#read();
  }

  /**
   * Send a message.
   * @param {object} message with its `kind`
   * @returns {Promise<boolean>} true once the relay has it; false where it was not sent: the
   *   channel is closed, or too much waits before a picture or a movement
   */
  send(message) {
    return this.#outbox.add(message);
  }

  /** Bytes that wait to be sent. */
  get backlog() {
    return this.#outbox.backlog;
  }

  /** Take part no more. */
  close() {
    if (this.#state === "closed") return;
    this.#outbox.stop();
    this.#ending.abort();
    this.#say("closed");
  }

  #say(state, why) {
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.#options.onState?.(state, why);
  }

  get #closed() {
    return this.#ending.signal.aborted;
  }

  /** Ask the broker for the descriptor until it gives one, or says that all is over. */
  async #renew() {
    while (!this.#closed) {
      try {
        const answer = await this.#fetch(this.#options.descriptorUrl, {
          headers: { accept: "application/json" },
          credentials: "same-origin",
        });
        if (answer.ok) return await this.#take(await answer.json());
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
          this.close();
          return undefined;
        }
      } catch (problem) {
        if (this.#closed) return undefined;
      }
      await this.#pause("the broker does not answer");
    }
    return undefined;
  }

  async #take(descriptor) {
    this.#key = await sessionKey(descriptor.key);
    this.descriptor = descriptor;
    const same = this.#since && epoch(this.#since) === epoch(descriptor.since || this.#since);
    for (const [party, n] of Object.entries(descriptor.seen)) {
      const before = same && party !== "broker" ? (this.#expected[party] ?? 0) : 0;
      this.#expected[party] = Math.max(n, before);
      this.#fresh.add(party);
    }
    this.#since = descriptor.since;
    this.#behind = !descriptor.since;
    this.#heardAt = performance.now();
    if (!same) this.#leaps = descriptor.reserved;
    this.#outbox.use(this.#key, this.#place(descriptor.party), descriptor.next);
    this.#options.onLines?.(descriptor.lines);
  }

  #place(party) {
    return { sessionId: this.descriptor.sessionId, party };
  }

  /** Read until the session is over. */
  async #read() {
    while (!this.#closed) {
      try {
        const wait = this.#state === "open" ? WAIT_SECONDS : 0;
        const answer = await this.#relay(`?since=${this.#since}&wait=${wait}`);
        if (answer.status === 403) await this.#over();
        else if (answer.ok) await this.#page(answer);
        else await this.#pause("the relay has no room");
      } catch (problem) {
        if (!this.#closed) await this.#pause("the relay does not answer");
      }
    }
  }

  async #page(answer) {
    const at = answer.headers.get("relay-at") ?? "";
    if (this.#since && epoch(at) !== epoch(this.#since)) {
      await this.#moved(at);
      return;
    }
    this.#failures = 0;
    this.#say("open");
    this.#number(answer.headers.get("relay-next"));
    for (const one of unlist(await answer.arrayBuffer())) {
      if (this.#closed) return;
      if (!(await this.#hear(one))) {
        await this.#missed();
        return;
      }
    }
    this.#since = at;
    this.#behind = false;
    if (answer.headers.get("relay-over")) await this.#over();
  }

  /** Number what is sent as the relay says, but from no number that the broker has seen already. */
  #number(said) {
    const { next, party, reserved } = this.descriptor;
    const least = said === null ? reserved[party] : Math.max(said, next);
    if (!this.#outbox.begun) this.#outbox.begin(least);
  }

  /** Go on at a relay that was started anew: it knows nothing of what it had. */
  async #moved(at) {
    this.#since = "";
    await this.#renew();
    if (this.#closed) return;
    this.#since = `${epoch(at)}.0`;
    this.#outbox.move(this.descriptor.reserved[this.descriptor.party]);
  }

  /** Begin again behind what the broker knows of. */
  async #missed() {
    this.#say("lost", "something was lost or changed on its way");
    await this.#pause();
    await this.#renew();
    if (this.descriptor.party === "rep") this.send({ kind: "refresh" });
  }

  /** The relay takes no more: the broker says whether the session is over, or goes on elsewhere. */
  async #over() {
    await this.#pause();
    this.#since = "";
    await this.#renew();
  }

  /** Take one frame; false where it, or one before it, did not come as it was sent. */
  async #hear({ party, n, frame }) {
    const own = party === this.descriptor.party;
    const expected = this.#expected[party] ?? 0;
    if (n < expected) return true;
    const message = await open(this.#key, { ...this.#place(party), n }, frame);
    if (message === null) return this.#passOver(`${party}/${n}`);
    const leapt = n === this.#leaps[party];
    if (n > expected && !own && !leapt && !this.#fresh.has(party)) return false;
    this.#fresh.delete(party);
    this.#expected[party] = n + 1;
    this.#tell(message, party);
    return true;
  }

  /** Notice a frame that does not open; seen again after the broker was asked, it is passed over. */
  #passOver(which) {
    const again = this.#bad.has(which);
    if (this.#bad.size > BAD_MOST) this.#bad.clear();
    this.#bad.add(which);
    return again;
  }

  #tell(message, party) {
    const ends = party === "broker" && ENDS.has(message.event);
    // What came as a frame was shown when the frame came.
    const shown = message.kind === "event" && message.from !== undefined;
    if (!shown && !(this.#behind && FLEETING.has(message.kind))) {
      const now = Date.parse(this.descriptor.now) + performance.now() - this.#heardAt;
      const time = new Date(message.time ?? now);
      this.#options.onMessage(message, party, time);
    }
    if (ends) this.close();
  }

  async #post(body, { quiet, leaps }) {
    const { party } = this.descriptor;
    while (!this.#closed) {
      try {
        const known = epoch(this.#since);
        const which = known ? `epoch=${known}&` : "";
        const more = `${which}back=${quiet ? "no" : "yes"}&leap=${leaps ? "yes" : "no"}`;
        const answer = await this.#relay(`/${party}?${more}`, body);
        if (answer.ok || answer.status === 409) return await answer.json();
        if (answer.status === 400) return { over: true };
        if (answer.status === 412) return await this.#elsewhere(known);
      } catch (problem) {
        if (this.#closed) break;
      }
      await this.#pause("the relay does not answer");
    }
    return { over: true };
  }

  /** Wait until the reader has found that the relay is another one than before. */
  async #elsewhere(before) {
    while (!this.#closed && ["", before].includes(epoch(this.#since)))
      await sleep(50, this.#ending.signal);
    return {};
  }

  #relay(path, body) {
    const url = new URL(this.descriptor.relay, location.href);
    const headers = { authorization: `Bearer ${this.descriptor.ticket}` };
    const more = body === undefined ? {} : { method: "POST", body };
    if (body !== undefined) headers["content-type"] = "application/octet-stream";
    return this.#fetch(url.href + path, { headers, credentials: "omit", ...more });
  }

  #fetch(url, how) {
    return fetch(url, { ...how, cache: "no-store", signal: this.#ending.signal });
  }

  async #pause(why) {
    if (why) this.#say("lost", why);
    const most = BACK_OFF_MS[Math.min(this.#failures++, BACK_OFF_MS.length - 1)];
    await sleep(most * (0.5 + Math.random() / 2), this.#ending.signal);
  }
}

function epoch(place) {
  return place.split(".")[0];
}

function sleep(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => done(clearTimeout(timer)), { once: true });
  });
}
