/** The broker's time, and how times are written. */

let told = Date.now(), heard = Date.now(), ticks = true;

/** Take over the broker's time. @param {string} now @param {boolean} goesOn */
export function setTime(now, goesOn) {
  told = Date.parse(now);
  heard = Date.now();
  ticks = goesOn;
}

/** The broker's time in milliseconds; one that stands still there stands still here. */
export const brokerNow = () => told + (ticks ? Date.now() - heard : 0);

/** 3:07 or 1:02:45. @param {number} ms */
export function span(ms) {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** Since an instant of the broker. @param {string} instant */
export const since = (instant) => span(brokerNow() - Date.parse(instant));

/** @param {string} instant */
export const clock = (instant) => new Date(instant).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** Day and time. @param {string} instant */
export const moment = (instant) => new Date(instant).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
