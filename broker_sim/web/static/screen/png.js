// Writes PNG files of drawn pictures: with a table of colours where they are few, which is nearly always.

import { deflate } from "./deflate.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const TABLE_MOST = 256;
const INDEXED = 3;
const COLOURS = 2;
const COLOURS_AND_ALPHA = 6;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/**
 * Write a picture.
 * @param {{width: number, height: number, data: Uint8ClampedArray | Uint8Array}} pixels red, green, blue, alpha
 * @returns {Uint8Array} a PNG file with just these pixels
 */
export function png({ width, height, data }) {
  const table = new Map();
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const rows = indexed(words, width, height, table) ?? direct(data, width, height);
  const kind = rows.kind;
  const head = [...word(width), ...word(height), 8, kind, 0, 0, 0];
  const chunks = [chunk("IHDR", head)];
  if (kind === INDEXED) {
    const colours = [...table.keys()].map((colour) => new Uint8Array(Uint32Array.of(colour).buffer));
    chunks.push(chunk("PLTE", colours.flatMap((colour) => [...colour.subarray(0, 3)])));
    if (colours.some((colour) => colour[3] < 255)) chunks.push(chunk("tRNS", colours.map((colour) => colour[3])));
  }
  chunks.push(chunk("IDAT", deflate(rows.bytes, rows.step)), chunk("IEND", []));
  return joined([Uint8Array.from(SIGNATURE), ...chunks]);
}

// Each row begins with a byte that says that it is not filtered.
function indexed(words, width, height, table) {
  const step = width + 1;
  const bytes = new Uint8Array(step * height);
  let [last, index] = [-1, 0];
  for (let y = 0, at = 0; y < height; y += 1)
    for (let x = 1; x <= width; x += 1, at += 1) {
      if (words[at] !== last) {
        last = words[at];
        index = table.get(last);
        if (index === undefined) {
          if (table.size === TABLE_MOST) return null;
          index = table.size;
          table.set(last, index);
        }
      }
      bytes[y * step + x] = index;
    }
  return { bytes, step, kind: INDEXED };
}

function direct(data, width, height) {
  let opaque = true;
  for (let at = 3; opaque && at < data.length; at += 4) opaque = data[at] === 255;
  const each = opaque ? 3 : 4;
  const step = width * each + 1;
  const bytes = new Uint8Array(step * height);
  for (let y = 0, at = 0; y < height; y += 1)
    for (let x = 0, to = y * step + 1; x < width; x += 1, at += 4) for (let nth = 0; nth < each; nth += 1) bytes[to++] = data[at + nth];
  return { bytes, step, kind: opaque ? COLOURS : COLOURS_AND_ALPHA };
}

const word = (number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];

function chunk(name, content) {
  const bytes = new Uint8Array(content.length + 12);
  bytes.set(word(content.length));
  bytes.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(content, 8);
  let sum = 0xffffffff;
  for (let at = 4; at < bytes.length - 4; at += 1) sum = TABLE[(sum ^ bytes[at]) & 255] ^ (sum >>> 8);
  bytes.set(word(~sum >>> 0), bytes.length - 4);
  return bytes;
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether a picture has so few colours that its file has a table of them. @param {ImageData} pixels */
export function fewColours(pixels) {
  const words = new Uint32Array(pixels.data.buffer);
  const seen = new Set();
  let last = -1;
  for (const colour of words) {
    if (colour === last) continue;
    last = colour;
    seen.add(colour);
    if (seen.size > TABLE_MOST) return false;
  }
  return true;
}

/** Write bytes as base64. @param {Uint8Array} bytes @returns {string} */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8190) text += String.fromCharCode(...bytes.subarray(at, at + 8190));
  return btoa(text);
}
