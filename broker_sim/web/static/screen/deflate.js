// Packs bytes as zlib does (RFC 1950, RFC 1951), at once and without waiting, which browsers do not offer. It is made for
// drawn pictures: long runs, rows like the row above, few colours. One block with fixed codes.

const LEAST = 3;
const MOST = 258;
const REACH = 32768;
const HASH_BITS = 15;
const END = 256;

// For each length of a repeat: its code, how many more bits, and their value's base; so for distances.
const LENGTHS = spread([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5], LEAST, MOST);
LENGTHS[MOST] = { code: 28, bits: 0, base: MOST };
const DISTANCES = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

function spread(extra, from, to) {
  const found = [];
  let base = from;
  extra.forEach((bits, code) => {
    for (let nth = 0; nth < 2 ** bits && base + nth <= to; nth += 1) found[base + nth] = { code, bits, base };
    base += 2 ** bits;
  });
  return found;
}

const reversed = (value, bits) => {
  let turned = 0;
  for (let bit = 0; bit < bits; bit += 1) turned |= ((value >> bit) & 1) << (bits - 1 - bit);
  return turned;
};

// The fixed codes of literals and lengths: [bits, code as it is written].
const SYMBOLS = Array.from({ length: 288 }, (_, symbol) => {
  if (symbol < 144) return [8, reversed(0x30 + symbol, 8)];
  if (symbol < 256) return [9, reversed(0x190 + symbol - 144, 9)];
  if (symbol < 280) return [7, reversed(symbol - 256, 7)];
  return [8, reversed(0xc0 + symbol - 280, 8)];
});

class Bits {
  constructor(room) {
    this.bytes = new Uint8Array(room);
    this.at = 0;
    this.held = 0;
    this.count = 0;
  }

  write(value, bits) {
    this.held |= value << this.count;
    this.count += bits;
    while (this.count >= 8) {
      this.bytes[this.at++] = this.held & 255;
      this.held >>>= 8;
      this.count -= 8;
    }
  }

  symbol(symbol) {
    this.write(SYMBOLS[symbol][1], SYMBOLS[symbol][0]);
  }

  repeat(length, distance) {
    const { code, bits, base } = LENGTHS[length];
    this.symbol(257 + code);
    if (bits) this.write(length - base, bits);
    let [step, first] = [0, 1];
    while (step < 29 && first + 2 ** DISTANCES[step] <= distance) first += 2 ** DISTANCES[step++];
    this.write(reversed(step, 5), 5);
    if (DISTANCES[step]) this.write(distance - first, DISTANCES[step]);
  }
}

function matched(data, at, distance) {
  if (distance > at || distance > REACH) return 0;
  const end = Math.min(data.length, at + MOST);
  let to = at;
  while (to < end && data[to] === data[to - distance]) to += 1;
  return to - at;
}

/**
 * Pack bytes.
 * @param {Uint8Array} data
 * @param {number} row bytes of a row of the picture: where repeats are likely
 * @returns {Uint8Array} a zlib stream
 */
export function deflate(data, row) {
  const out = new Bits(Math.ceil(data.length * 1.13) + 32);
  const heads = new Int32Array(2 ** HASH_BITS).fill(-1);
  out.write(0x78, 8);
  out.write(0x01, 8);
  out.write(3, 3); // the last block, with fixed codes
  for (let at = 0; at < data.length; ) {
    const hash = (((data[at] << 10) ^ (data[at + 1] << 5) ^ data[at + 2]) * 0x9e3b) >>> 3 & (2 ** HASH_BITS - 1);
    const seen = heads[hash];
    heads[hash] = at;
    let [length, distance] = [0, 0];
    for (const tried of [1, row, seen < 0 ? 0 : at - seen]) {
      const found = tried > 0 && length < MOST ? matched(data, at, tried) : 0;
      if (found > length) [length, distance] = [found, tried];
    }
    if (length >= LEAST) out.repeat(length, distance);
    else out.symbol(data[at]);
    at += length >= LEAST ? length : 1;
  }
  out.symbol(END);
  if (out.count) out.write(0, 8 - out.count);
  const sum = adler(data);
  for (const shift of [24, 16, 8, 0]) out.write((sum >>> shift) & 255, 8);
  return out.bytes.subarray(0, out.at);
}

function adler(data) {
  let [one, two] = [1, 0];
  for (let at = 0; at < data.length; ) {
    const end = Math.min(data.length, at + 3800); // so many additions stay exact
    for (; at < end; at += 1) {
      one += data[at];
      two += one;
    }
    one %= 65521;
    two %= 65521;
  }
  return ((two << 16) | one) >>> 0;
}
