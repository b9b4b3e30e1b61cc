// Rectangles in pixels: { x, y, w, h }, from the upper left corner; right and lower ends are outside.

/** @typedef {{x: number, y: number, w: number, h: number}} Rect */

/** @param {number} x @param {number} y @param {number} w @param {number} h @returns {Rect} */
export const rect = (x, y, w, h) => ({ x, y, w, h });

/** What both share; null if nothing. @param {Rect} a @param {Rect} b @returns {Rect | null} */
export function cut(a, b) {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const w = Math.min(a.x + a.w, b.x + b.w) - x;
  const h = Math.min(a.y + a.h, b.y + b.h) - y;
  return w > 0 && h > 0 ? { x, y, w, h } : null;
}

/** The smallest one that holds both. @param {Rect} a @param {Rect} b @returns {Rect} */
export function around(a, b) {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}

/** Whether a point is inside. @param {Rect} a @param {number} x @param {number} y */
export const holds = (a, x, y) => x >= a.x && y >= a.y && x < a.x + a.w && y < a.y + a.h;

/** Whether `b` is wholly inside `a`. @param {Rect} a @param {Rect} b */
export const covers = (a, b) => b.x >= a.x && b.y >= a.y && b.x + b.w <= a.x + a.w && b.y + b.h <= a.y + a.h;

/** @param {Rect} a @param {number} x @param {number} y @returns {Rect} */
export const moved = (a, x, y) => ({ ...a, x: a.x + x, y: a.y + y });

const area = (a) => a.w * a.h;

/**
 * Join rectangles where that costs little, so that none overlap and there are few.
 * @param {Rect[]} list
 * @param {number} most how many to keep at most
 * @returns {Rect[]} together they hold all that the list held
 */
export function joined(list, most = 6) {
  const kept = [];
  for (let next of list) {
    for (let at = 0; at < kept.length; ) {
      const both = around(kept[at], next);
      if (cut(kept[at], next) || area(both) < 1.2 * (area(kept[at]) + area(next)) + 256) {
        next = both;
        kept.splice(at, 1);
        at = 0;
      } else at += 1;
    }
    kept.push(next);
  }
  return kept.length > most ? joined([kept.reduce(around)]) : kept;
}

const TILE_W = 64;
const TILE_H = 32;

/**
 * Find where two pictures differ, as rectangles that hold every pixel that does.
 * @param {Uint32Array} now pixels, row by row
 * @param {Uint32Array} before as many pixels
 * @param {number} width pixels of a row
 * @param {number} height rows
 * @returns {Rect[]} none overlap
 */
export function differences(now, before, width, height) {
  const found = [];
  for (let top = 0; top < height; top += TILE_H) {
    const bottom = Math.min(height, top + TILE_H);
    let open = null; // what is dirty in this row of tiles and reaches the tile before
    for (let left = 0; left < width; left += TILE_W) {
      const tile = dirtyPart(now, before, width, left, top, Math.min(width, left + TILE_W), bottom);
      if (tile && open && tile.x - (open.x + open.w) < TILE_W / 2) open = around(open, tile);
      else if (tile) {
        if (open) found.push(open);
        open = tile;
      }
    }
    if (open) found.push(open);
  }
  return joined(found, 12);
}

function dirtyPart(now, before, width, left, top, right, bottom) {
  let x0 = right;
  let x1 = -1;
  let y0 = -1;
  let y1 = -1;
  for (let y = top; y < bottom; y += 1) {
    const row = y * width;
    let x = left;
    while (x < right && now[row + x] === before[row + x]) x += 1;
    if (x === right) continue;
    if (y0 < 0) y0 = y;
    y1 = y;
    x0 = Math.min(x0, x);
    x = right - 1;
    while (now[row + x] === before[row + x]) x -= 1;
    x1 = Math.max(x1, x);
  }
  return y0 < 0 ? null : { x: x0, y: y0, w: x1 - x0 + 1, h: y1 - y0 + 1 };
}
