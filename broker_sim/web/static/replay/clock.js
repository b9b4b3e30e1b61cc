// Where a replay is, as time goes by. Positions are milliseconds from its beginning.

/** How fast a replay may go, in times. */
export const SPEEDS = [0.5, 1, 2, 4, 8];
// A pause in which nothing moves is cut to this long before it and this long behind it.
const IDLE_MS = 3000;
const REST_MS = 700;

/**
 * Give the position after some time.
 * @param {number} position
 * @param {number} elapsed milliseconds of the clock on the wall
 * @param {{speed: number, end: number, skip: boolean, next: number}} how `next`: when something moves next, infinite for never
 * @returns {number}
 */
export function advanced(position, elapsed, { speed, end, skip, next }) {
  const to = Math.min(end, position + elapsed * speed);
  if (!skip || next - position <= IDLE_MS || to >= next - REST_MS) return to;
  return Math.min(end, Number.isFinite(next) ? next - REST_MS : end);
}

/**
 * Write a position or length as people read it.
 * @param {number} ms
 * @returns {string} as in 4:07, or 1:02:33
 */
export function spelled(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * Say a position for a screen reader.
 * @param {number} ms
 * @returns {string} as in "4 minutes 7 seconds"
 */
export function spoken(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const some = (count, word) => (count ? `${count} ${word}${count === 1 ? "" : "s"}` : "");
  const parts = [some(Math.floor(seconds / 3600), "hour"), some(Math.floor(seconds / 60) % 60, "minute"), some(seconds % 60, "second")];
  return parts.filter(Boolean).join(" ") || "0 seconds";
}
