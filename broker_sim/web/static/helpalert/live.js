/** The channel of the open session (CHAN-1): talk, files and screens, sealed in this page. */
import { openChannel } from "../channel.js";
import { byId, make, say, show } from "./dom.js";
import { createViewer } from "../screen/viewer.js";
import { createStandIn } from "../screen/standin.js";

const STAND_IN = "Nobody has the customer's page open. This computer is simulated here, and is not recorded.";
const UNKNOWN = "The channel was closed before it was known whether this arrived. Send it again if the talk does not show it.";
const TYPING_EVERY_MS = 2500, TYPING_FADES_MS = 4000, AGAIN_MS = 5000;
const COLOURS = { "#d92d20": "Red", "#1570ef": "Blue", "#17803d": "Green", "#f5b800": "Yellow" };

/**
 * @param {ReturnType<import("./model.js").createDesk>} desk
 * @param {string} root of the desk
 * @param {(isTyping: boolean) => void} onTyping the customer writes, or does no more
 */
export function createLive(desk, root, onTyping) {
  let channel = null, of = null, viewer = null, standIn = null, isOpen = false;
  let typed = 0, fading = 0;
  let shut = { id: null, at: 0 }; // the channel that was closed last: not opened again at once

  /** Follow the open session while it goes on; any other is left. */
  function draw() {
    const open = desk.session();
    const isShut = open?.sessionId === shut.id && Date.now() - shut.at < AGAIN_MS;
    const wanted = open?.stage === "talking" && !isShut ? open.sessionId : null;
    if (wanted !== of) {
      leave();
      if (wanted !== null) enter(wanted);
    }
    const seesScreen = Boolean(channel && open?.sharesScreen);
    if (seesScreen !== Boolean(viewer)) seesScreen ? look() : lookAway();
    if (open?.sharesScreen && !channel) say(byId("screen-note"), "The screen comes over the session's channel, which is not open at the moment.");
  }
  async function enter(id) {
    of = id;
    let mine = null;
    const lines = [];
    const shown = () => { if (mine === channel && of === id) desk.setTalk(id, [...lines]); };
    const add = (line) => { lines.push(line); shown(); };
    try {
      mine = await openChannel({
        descriptorUrl: `${root}/sessions/${id}/channel`,
        onLines(all) { lines.splice(0, lines.length, ...all); shown(); },
        onMessage(message, from, time, source) { if (of === id) hear(message, from, time, source, add); },
        onState(state) { if (of === id) tell(state); },
      });
    } catch { /* the talk goes on over HTTP */ }
    if (of !== id) { mine?.close(); return; }
    if (!mine?.descriptor) return;
    channel = mine;
    desk.channelOf = id;
    shown();
  }
  function leave() {
    lookAway();
    channel?.close();
    if (of !== null) desk.talks.delete(of); // what the broker has counts again
    [channel, of, isOpen] = [null, null, false];
    desk.channelOf = null;
    onTyping(false);
  }
  function tell(state) {
    isOpen = state === "open";
    if (state === "closed") {
      shut = { id: of, at: Date.now() };
      leave();
      desk.renew();
    } else say(byId("channel-note"), state === "lost" ? "The channel to the customer is interrupted. It comes back by itself." : "");
  }
  function hear(message, from, time, source, add) {
    switch (message.kind) {
      case "chat":
        if (from === "customer") stopTyping();
        add({ time: time.toISOString(), kind: "Chat", who: from, text: message.text });
        break;
      case "file":
        add({ time: time.toISOString(), kind: "FileSent", who: null, text: `${message.name} (${sizeOf(message.content)} bytes)` });
        break;
      case "event":
        if (message.line) add(message.line);
        standIn?.happened(message);
        break;
      case "typing":
        if (from !== "customer") break;
        onTyping(true);
        clearTimeout(fading);
        fading = setTimeout(stopTyping, TYPING_FADES_MS);
        break;
      case "screen":
        standIn?.stop(); // the customer's own is there
        viewer?.handle(message, source);
        if (viewer) say(byId("screen-note"), "");
        break;
    }
  }
  function stopTyping() {
    clearTimeout(fading);
    onTyping(false);
  }

  // The customer's screen
  const control = byId("control"), pen = byId("pen"), colours = byId("pen-colours"), wipe = byId("wipe");
  let colour = Object.keys(COLOURS)[0];
  function look() {
    viewer = createViewer({ container: byId("viewer"), send: (message) => { if (!standIn?.handle(message)) channel?.send(message); } });
    standIn = createStandIn({
      show: (message) => viewer?.handle(message),
      onChange: (isOn) => say(byId("screen-note"), isOn ? STAND_IN : ""),
    });
    say(byId("screen-note"), "Waiting for the customer's screen…");
    channel.send({ kind: "refresh" });
    press(control, false);
    press(pen, false);
  }
  function lookAway() {
    standIn?.stop();
    standIn = null;
    viewer?.stop();
    viewer = null;
  }
  function press(button, isOn) {
    button.setAttribute("aria-pressed", String(isOn));
    if (!viewer) return;
    const isDrawing = pen.getAttribute("aria-pressed") === "true";
    viewer.setControl(control.getAttribute("aria-pressed") === "true");
    viewer.setPen(isDrawing && colour);
    show(colours, isDrawing);
    show(wipe, isDrawing);
  }
  const toggled = (button) => button.getAttribute("aria-pressed") !== "true";
  control.addEventListener("click", () => {
    const isOn = toggled(control);
    press(pen, false);
    press(control, isOn);
    if (isOn) byId("viewer").querySelector("[tabindex]")?.focus();
  });
  pen.addEventListener("click", () => {
    const isOn = toggled(pen);
    press(control, false);
    press(pen, isOn);
  });
  wipe.addEventListener("click", () => viewer?.clearBoard());
  byId("viewer").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || control.getAttribute("aria-pressed") !== "true" || !event.shiftKey) return;
    event.stopPropagation(); // Escape alone is the customer's machine's
    event.preventDefault();
    press(control, false);
    control.focus();
  }, true);
  for (const [value, name] of Object.entries(COLOURS)) {
    const choice = make("input", { type: "radio", name: "pen-colour", value, checked: value === colour, "aria-label": name, on: { change() { colour = value; press(pen, true); } } });
    choice.style.color = value;
    colours.append(make("label", {}, choice));
  }

  return {
    draw,
    /** Whether the channel takes messages at the moment. */
    get isOpen() { return isOpen && channel !== null; },
    /**
     * Send a message; false where it has to go another way. While the channel is interrupted it goes
     * behind those that wait there; where none does, the other way is quicker.
     * @throws {Error} it may have arrived, so that it must not go twice
     */
    async send(message) {
      if (channel === null || !(isOpen || channel.holdsTalk)) return false;
      const sent = await channel.send(message);
      if (sent === undefined) throw new Error(UNKNOWN);
      return sent;
    },
    /** Tell the customer that a message is being written. */
    typing() {
      if (!isOpen || Date.now() - typed < TYPING_EVERY_MS) return;
      typed = Date.now();
      channel.send({ kind: "typing" });
    },
  };
}

/** How many bytes a text in base64 stands for. */
const sizeOf = (content) => (content.length / 4) * 3 - (content.endsWith("==") ? 2 : content.endsWith("=") ? 1 : 0);
