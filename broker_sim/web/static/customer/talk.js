// The conversation: over the session's channel where it opens, else by the page's own JSON.

import { made } from "./lines.js";
import { warn } from "./news.js";
import { sharing } from "./sharing.js";

const TYPING_EVERY_MS = 3000;
const TYPING_SHOWN_MS = 5000;
const NEAR_PX = 80;
const JSON_TYPE = { headers: { Accept: "application/json" } };

/** Follow the conversation of a page. */
export function talking(stage, { send }) {
  const talk = new Talk(stage, send);
  talk.begin();
  return talk;
}

class Talk {
  #stage;
  #form;
  #log;
  #list;
  #names;
  #sharing;
  #channel = null;
  #drawn = 0;
  #typedAt = -TYPING_EVERY_MS;
  #typing = 0;
  #stopped = false;
  #files = [];
  #ending = new AbortController();

  constructor(stage, send) {
    this.#stage = stage;
    this.#form = stage.querySelector("[data-say]");
    this.#log = stage.querySelector("[data-log]");
    this.#list = stage.querySelector("[data-lines]");
    const { representative, customer } = this.#form.dataset;
    this.#names = { rep: representative, customer };
    this.#sharing = sharing(stage, (message) => this.#channel?.send(message));
    this.#log.hidden = false;
    this.#listenToTyping();
    this.#listenToLeaving(send);
    const { signal } = this.#ending;
    window.addEventListener("offline", () => this.connected(false), { signal });
    window.addEventListener("online", () => this.connected(true), { signal });
  }

  /** Join the channel; where there is none, read and write by the page's JSON. */
  async begin() {
    try {
      const { openChannel } = await import("../channel.js");
      const channel = await openChannel({
        descriptorUrl: this.#form.dataset.channel,
        onMessage: (message, from, time) => this.#heard(message, from, time),
        onState: (state) => this.#isNow(state),
        onLines: (lines) => this.#all(lines),
      });
      if (this.#stopped) channel.close();
      else if (channel.descriptor) this.#joined(channel);
      else await this.changed();
    } catch {
      await this.changed();
    }
  }

  #joined(channel) {
    this.#channel = channel;
    this.#shareAsIn(channel.descriptor);
  }

  /** What is in the lines comes as no event: share the screen, or share it no more, as they say. */
  #shareAsIn({ lines, now }) {
    const last = lines.findLast(({ kind }) => kind === "ScreenSharingOn" || kind === "ScreenSharingOff");
    if (last?.kind === "ScreenSharingOn") this.#sharing.on(Math.max(0, Date.parse(now) - Date.parse(last.time)));
    else this.#sharing.off();
  }

  #isNow(state) {
    if (state === "closed") this.#channel = null;
    this.connected(state !== "lost");
  }

  /** What the watch tells: without a channel, there is something new to read. */
  async changed() {
    if (this.#channel || this.#stopped) return;
    const answer = await fetch(this.#stage.dataset.page, JSON_TYPE).catch(() => null);
    if (answer?.ok && !this.#stopped) this.#read(await answer.json());
  }

  #read(told) {
    this.#draw(told.lines.slice(this.#drawn));
    if (told.sharesScreen) this.#sharing.on();
    else this.#sharing.off();
  }

  /** Show these lines in the place of all before. */
  #all(lines) {
    this.#list.replaceChildren();
    this.#drawn = 0;
    this.#draw(lines);
    this.#log.scrollTop = this.#log.scrollHeight;
    if (this.#channel) this.#shareAsIn(this.#channel.descriptor);
  }

  #draw(lines) {
    const log = this.#log;
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
    for (const line of lines) {
      this.#drawn += 1;
      const file = line.filePlace ? `${this.#form.dataset.files}/${line.filePlace}` : line.file;
      const item = made({ ...line, file }, this.#names.rep);
      if (item) this.#list.append(item);
    }
    if (near || lines.at(-1)?.who === "customer") log.scrollTop = log.scrollHeight;
  }

  #heard(message, from, time) {
    switch (message.kind) {
      case "chat":
        if (from === "rep") this.#showTyping(false);
        this.#draw([{ kind: "Chat", who: from, speaker: this.#names[from], text: message.text, time }]);
        break;
      case "file":
        this.#got(message, time);
        break;
      case "typing":
        if (from === "rep") this.#showTyping(true);
        break;
      case "event":
        if (message.line) this.#draw([message.line]);
        this.#sharing.happened(message);
        break;
      default: // another page of this customer may be meant alone
        if ((message.source ?? this.#channel?.source) === this.#channel?.source) this.#sharing.handle(message);
    }
  }

  /** A file came over the channel: it is in this page, and nowhere on the way. */
  #got({ name, content }, time) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const file = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    this.#files.push(file);
    this.#draw([{ kind: "FileSent", who: null, text: `${name} (${bytes.length} bytes)`, name, file, time }]);
    this.#sharing.received(name, bytes.length);
  }

  #listenToTyping() {
    const text = this.#form.elements.Text;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(text);
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (text.value.trim()) this.#form.requestSubmit();
    });
    text.addEventListener("input", () => this.#tellTyping());
  }

  async #say(text) {
    const words = text.value;
    if (!words.trim()) return;
    text.value = "";
    text.focus();
    const sent = this.#channel ? await this.#channel.send({ kind: "chat", text: words }) : await this.#post(words);
    if (sent || (sent === undefined && this.#stopped)) return;
    text.value = words + text.value;
    warn(sent === undefined
      ? "Perhaps your message was not sent. Please look whether it is shown before you send it again."
      : "Your message could not be sent. Please try again.");
  }

  async #post(words) {
    const body = new URLSearchParams({ Text: words });
    const answer = await fetch(this.#form.action, { method: "POST", body, ...JSON_TYPE }).catch(() => null);
    if (answer?.ok) this.#read(await answer.json());
    return answer?.ok; // without an answer, who knows
  }

  #tellTyping() {
    const now = performance.now();
    if (!this.#channel || now - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = now;
    this.#channel.send({ kind: "typing" });
  }

  #showTyping(on) {
    clearTimeout(this.#typing);
    this.#stage.querySelector("[data-typing]").textContent = on ? `${this.#names.rep} is typing …` : "";
    if (on) this.#typing = setTimeout(() => this.#showTyping(false), TYPING_SHOWN_MS);
  }

  /** Show whether the other end can be reached. */
  connected(on) {
    const badge = this.#stage.querySelector("[data-state]");
    badge.hidden = on;
    badge.textContent = on ? "" : "Connecting again …";
  }

  #listenToLeaving(send) {
    const dialog = this.#stage.querySelector("[data-leaving]");
    dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-end]").addEventListener("click", () => {
      dialog.close();
      send(this.#stage.querySelector("form.leave"));
    });
  }

  /** Ask before the session is ended. */
  leaving() {
    this.#stage.querySelector("[data-leaving]").showModal();
  }

  /** The page is another one now. */
  stop() {
    this.#stopped = true;
    this.#ending.abort();
    this.#channel?.close();
    this.#sharing.stop();
    clearTimeout(this.#typing);
    for (const file of this.#files) URL.revokeObjectURL(file);
  }
}
