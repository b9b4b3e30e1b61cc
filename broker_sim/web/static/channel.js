/**
 * A party's end of its session's channel (CHAN-1).
 *
 * Messages are sealed in this page under the session's key; the relay that passes them on reads
 * none of them. What comes is opened here, and what was changed, lost, repeated or swapped on
 * its way is noticed: the page then asks the broker, who has the truth, for the talk so far.
 */
import { sessionKey, unlist } from "./channel/frames.js";
import { Inbox } from "./channel/inbox.js";
import { Outbox } from "./channel/outbox.js";

const WAIT_SECONDS = 25;
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
 * @param {(message: object, from: "customer" | "rep" | "broker", time: Date, source: string) => void}
 *   options.onMessage called with each message: the other party's, the broker's `event`s (with
 *   `line`, where it shows in the talk), and one's own chat and files as they come back; `source`
 *   tells the pages of one party apart
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
  #since = "";
  /** The channel and the relay that frames are sent to; empty while there is none. */
  #to = "";
  #state = "";
  #ending = new AbortController();
  #inbox = new Inbox();
  #outbox;
  #failures = 0;
  #heardAt = 0;
  #behind = true;
  #missed = false;
  /** The broker's descriptor; `lines` is the talk as it was when it was asked for. */
  descriptor;

  constructor(options) {
    this.#options = options;
    this.#outbox = new Outbox((body, quiet) => this.#post(body, quiet));
  }

  /** Get the descriptor and begin to read. */
  async begin() {
    await this.#renew();
    this.#read();
  }

  /**
   * Send a message.
   * @param {object} message with its `kind`
   * @returns {Promise<boolean | undefined>} true once the relay has it; false where it was not sent:
   *   the channel is closed, the relay refuses it, or too much waits before a picture or a movement;
   *   undefined where the channel was closed before it was known
   */
  send(message) {
    return this.#outbox.add(message);
  }

  /** This page among all that ever send in the session. */
  get source() {
    return this.#outbox.source;
  }

  /** Whether chats or files wait to be sent. */
  get holdsTalk() {
    return this.#outbox.holdsTalk;
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

  /** Ask the broker how the talk stands, and go on from there. */
  async #renew() {
    const descriptor = await this.#described();
    if (descriptor) await this.#take(descriptor);
  }

  /** Ask for the descriptor until there is one, or all is over. */
  async #described() {
    while (!this.#closed) {
      try {
        const answer = await this.#fetch(this.#options.descriptorUrl, {
          headers: { accept: "application/json" },
          credentials: "same-origin",
        });
        if (answer.ok) return await answer.json();
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
    const key = await sessionKey(descriptor.key);
    if (this.descriptor && nameOf(this.descriptor) !== nameOf(descriptor)) {
      this.#to = "";
      this.#outbox.forget();
    }
    this.descriptor = descriptor;
    this.#since = descriptor.since;
    this.#heardAt = performance.now();
    this.#inbox.use(key, descriptor);
    this.#outbox.use(key, { sessionId: descriptor.sessionId, party: descriptor.party });
    this.#options.onLines?.(descriptor.lines);
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
    if (epoch(at) !== epoch(this.#since) && (this.#since || this.#to)) {
      await this.#moved(at);
      return;
    }
    this.#failures = 0;
    this.#say("open");
    this.#sendTo(at);
    for (const one of unlist(await answer.arrayBuffer())) {
      if (this.#closed) return;
      const { missed, message, again } = await this.#inbox.take(one);
      if (missed) {
        await this.#miss();
        return;
      }
      if (message) this.#tell(message, one, again);
    }
    this.#since = at;
    this.#behind = false;
    if (answer.headers.get("relay-over")) await this.#over();
  }

  /** Send to this relay; where that is another one than before, what it may not have as well. */
  #sendTo(at) {
    const to = `${nameOf(this.descriptor)} ${epoch(at)}`;
    if (to !== this.#to) {
      this.#to = to;
      this.#outbox.begin();
    }
    if (this.#missed && this.descriptor.party === "rep") this.send({ kind: "refresh" });
    this.#missed = false;
  }

  /**
   * Go on at a relay that was started anew: it knows nothing of what the one before had, but all
   * who talk send that again. The broker knows what of it is recorded once it reads here, too.
   */
  async #moved(at) {
    this.#missed = true;
    this.#failures = Math.min(this.#failures, 2); // it answers: the recorder is waited for, a moment
    await this.#pause("the relay was started anew");
    const descriptor = await this.#described();
    if (descriptor && epoch(descriptor.since) === epoch(at)) await this.#take(descriptor);
  }

  /** Begin again behind what the broker knows of. */
  async #miss() {
    this.#missed = true;
    await this.#pause("something was lost or changed on its way");
    await this.#renew();
  }

  /** The relay takes no more: the broker says whether the session is over, or goes on elsewhere. */
  async #over() {
    await this.#pause();
    await this.#renew();
  }

  #tell(message, { party, source }, again) {
    const ends = party === "broker" && ENDS.has(message.event);
    // What came as a frame was shown when the frame came.
    const shown = message.kind === "event" && message.from !== undefined;
    if (!shown && !((again || this.#behind) && FLEETING.has(message.kind))) {
      const now = Date.parse(this.descriptor.now) + performance.now() - this.#heardAt;
      const time = new Date(message.time ?? now);
      this.#options.onMessage(message, party, time, source);
    }
    if (ends) this.close();
  }

  /**
   * Send frames until the relay answers; true where it has them, and is still the one to send to,
   * null where it takes no such frames.
   */
  async #post(body, quiet) {
    const to = this.#to;
    while (!this.#closed && this.#to === to) {
      try {
        const back = quiet ? "no" : "yes";
        const path = `/${this.descriptor.party}?epoch=${to.split(" ")[1]}&back=${back}`;
        const answer = await this.#relay(path, body);
        if (answer.ok) return this.#to === to;
        if (answer.status === 400 || answer.status === 413) return null;
        if (answer.status === 412) return await this.#elsewhere(to);
      } catch (problem) {
        if (this.#closed) return false;
      }
      await this.#pause("the relay does not answer");
    }
    return false;
  }

  /** Wait until the reader has found that the relay is another one than before; gives false. */
  async #elsewhere(before) {
    while (!this.#closed && this.#to === before) await sleep(50, this.#ending.signal);
    return false;
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

/** The name under which the relay knows the channel: another one in another world. */
function nameOf({ relay }) {
  return relay.split("/").at(-1);
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
