/** Gets attention: a sound made in the page, the title that flashes, words for screen readers. */
import { byId, say, show } from "./dom.js";

const RING_EVERY_MS = 4000, FLASH_MS = 1000, KEPT = "helpalert sound";

/** @param {string} title of the page at rest */
export function createAttention(title) {
  let context = null, isOn = localStorage.getItem(KEPT) !== "off";
  let rings = 0, waiting = 0, unread = 0, flash = 0, lit = false;
  const button = byId("sound");

  function ready() {
    if (!isOn || context) return;
    try { context = new AudioContext(); } catch { return; }
    context.onstatechange = hint;
    context.resume().then(hint, hint);
  }
  // A browser lets a page sound only after somebody has touched it.
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, ready);

  /** Play notes: [hertz, from second, for seconds]. */
  function play(notes, volume = 0.14) {
    if (!isOn || context?.state !== "running") return;
    for (const [hertz, from, length] of notes) {
      const tone = context.createOscillator(), level = context.createGain(), at = context.currentTime + from;
      tone.frequency.value = hertz;
      level.gain.setValueAtTime(0.0001, at);
      level.gain.exponentialRampToValueAtTime(volume, at + 0.02);
      level.gain.exponentialRampToValueAtTime(0.0001, at + length);
      tone.connect(level).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
    }
  }
  const ring = () => play([[660, 0, 0.22], [880, 0.18, 0.4]]);
  const knock = () => play([[520, 0, 0.16]], 0.08);

  function hint() {
    show(byId("sound-hint"), isOn && waiting > 0 && context?.state !== "running");
  }
  function setSound(on) {
    isOn = on;
    localStorage.setItem(KEPT, on ? "on" : "off");
    button.setAttribute("aria-pressed", String(on));
    button.title = on ? "Sound is on (M)" : "Sound is off (M)";
    if (on) { ready(); ring(); }
    hint();
  }
  function drawTitle() {
    const news = waiting + unread;
    const away = document.hidden || !document.hasFocus();
    const words = waiting ? (waiting > 1 ? `${waiting} requests wait` : "A request waits") : "New message";
    document.title = news && away && lit ? `● ${words}` : news ? `(${news}) ${title}` : title;
    lit = !lit;
  }
  button.addEventListener("click", () => setSound(!isOn));
  button.setAttribute("aria-pressed", String(isOn));
  button.title = isOn ? "Sound is on (M)" : "Sound is off (M)";
  addEventListener("focus", drawTitle);

  return {
    toggleSound: () => setSound(!isOn),
    /** Tell how many requests wait, and how many messages nobody has looked at. */
    tell(requests, messages) {
      if (requests > waiting) ring();
      else if (messages > unread) knock();
      [waiting, unread] = [requests, messages];
      clearInterval(rings);
      clearInterval(flash);
      rings = waiting ? setInterval(ring, RING_EVERY_MS) : 0;
      flash = waiting + unread ? setInterval(drawTitle, FLASH_MS) : 0;
      lit = true;
      drawTitle();
      hint();
    },
  };
}

/** Say something to screen readers at once. */
export const sayNow = (text) => say(byId("say-now"), text);
/** Say something to screen readers when they have time. */
export const sayLater = (text) => say(byId("say-later"), text);
