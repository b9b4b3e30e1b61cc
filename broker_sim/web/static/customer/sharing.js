// Screen sharing: the banner that nobody overlooks, and the drawn computer that stands for the customer's own.

import { say, warn } from "./news.js";

/**
 * Look after the shared screen of a page.
 *
 * @param {Element} stage the page's stage
 * @param {(message: object) => unknown} emit sends over the channel
 */
export function sharing(stage, emit) {
  return new Sharing(stage, emit);
}

class Sharing {
  #stage;
  #emit;
  #panel;
  #container;
  #machine = null;
  #isOn = false;
  #over = false;

  constructor(stage, emit) {
    this.#stage = stage;
    this.#emit = emit;
    this.#panel = stage.querySelector("[data-sharing]");
    this.#container = this.#panel.querySelector("[data-machine]");
    this.#panel.querySelector("form").addEventListener("submit", (event) => this.#end(event));
  }

  /** Show the screen and that it is seen; `elapsed` are milliseconds of sharing that went before. */
  async on(elapsed = 0) {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#panel.hidden = false;
    this.#container.hidden = false;
    document.body.classList.add("sharing");
    try {
      const { createMachine } = await import("../screen/machine.js");
      if (this.#over) return;
      this.#machine ??= createMachine({ container: this.#container, emit: (message) => this.#isOn && this.#emit(message) });
      if (this.#isOn) this.#machine.start({ elapsed });
    } catch {
      this.#container.hidden = true; // no picture; the banner and its button work all the same
    }
  }

  /** Show it no more; the computer stays as it is, for the next time. */
  off() {
    this.#isOn = false; // the page may have come with the banner, and nobody have said `on`
    this.#machine?.stop();
    this.#panel.hidden = true;
    document.body.classList.remove("sharing");
  }

  /** Take a message of the representative or the broker that is about the screen. */
  handle(message) {
    this.#machine?.handle(message);
  }

  /** Let the computer restart, come back, open a page or get a file, as the representative wants. */
  happened({ event, detail, line }) {
    if (event === "ScreenSharingOn") this.on();
    else if (event === "ScreenSharingOff") this.off();
    else if (event === "Rebooted") this.#machine?.reboot();
    else if (event === "UrlPushed") this.#machine?.openPage(detail);
    else if (event === "FileSent" && line) this.#received(line.text);
  }

  /** Put a file into the computer's downloads; `said` is its name and its size in brackets. */
  #received(said) {
    const [, name, bytes] = /^(.*) \((\d+) bytes\)$/s.exec(said) ?? [null, said, 0];
    this.received(name, Number(bytes));
  }

  /** Put a file of so many bytes into the computer's downloads. */
  received(name, bytes) {
    this.#machine?.receiveFile(name, bytes);
  }

  async #end(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } }).catch(() => null);
    button.disabled = false;
    if (answer && (answer.ok || answer.status === 409)) {
      this.off();
      say("Screen sharing has ended.");
      this.#stage.querySelector("textarea[name=Text]").focus();
    } else {
      warn("Screen sharing could not be ended. Please try again.");
    }
  }

  /** The page is another one now. */
  stop() {
    this.#over = true;
    this.off();
    this.#machine?.remove();
    this.#machine = null;
  }
}
