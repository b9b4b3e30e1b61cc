// The parts of the simulated screen that need no browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { chance } from "./chance.mjs";
import { keyName, keysym } from "./static/screen/keys.js";
import { png } from "./static/screen/png.js";
import { instruction, instructions, pieces } from "./static/screen/protocol.js";
import { covers, cut, differences, joined, rect } from "./static/screen/rects.js";
import { TextBox, rows } from "./static/screen/textbox.js";

const LETTERS = [..."abc .,;0é漢\u{1f600}"];

test("instructions are read as they were written, whatever letters they have", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const draw = chance(seed);
    const text = () => Array.from({ length: draw(12) }, () => LETTERS[draw(LETTERS.length)]).join("");
    const wanted = Array.from({ length: draw(6) }, () => Array.from({ length: 1 + draw(4) }, text));
    const written = wanted.map((one) => instruction(...one)).join("");
    assert.deepEqual([...instructions(written)], wanted);
    for (const most of [1, 40, 1e6]) {
      const parts = pieces(written, most);
      assert.equal(parts.join(""), written);
      for (const part of parts) assert.doesNotThrow(() => [...instructions(part)]);
    }
  }
});

test("a text that is cut off or that is none is no instruction", () => {
  const whole = instruction("copy", -1, 0, 0, 10, 10, 14, 0, 3, 4);
  for (let end = 1; end < whole.length; end += 1) assert.throws(() => [...instructions(whole.slice(0, end))]);
  for (const text of ["x", "4.sync", "4.sync!", "-1.a;", "99999999999.a;", "4sync;"]) assert.throws(() => [...instructions(text)]);
});

test("every pixel that differs is in a rectangle, and rectangles do not overlap", () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const draw = chance(seed);
    const [width, height] = [1 + draw(300), 1 + draw(200)];
    const before = new Uint32Array(width * height);
    const now = before.slice();
    for (let spot = draw(6); spot > 0; spot -= 1) {
      const [x, y] = [draw(width), draw(height)];
      for (let row = y; row < Math.min(height, y + draw(30)); row += 1) now.fill(1 + draw(9), row * width + x, row * width + Math.min(width, x + draw(40)));
    }
    const found = differences(now, before, width, height);
    for (const part of found) assert.ok(covers(rect(0, 0, width, height), part));
    found.forEach((one, at) => found.slice(at + 1).forEach((other) => assert.equal(cut(one, other), null)));
    now.forEach((pixel, at) => {
      const spot = rect(at % width, Math.floor(at / width), 1, 1);
      if (pixel) assert.ok(found.some((part) => covers(part, spot)));
    });
  }
});

test("joined rectangles hold what they held, and are few", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const draw = chance(seed);
    const list = Array.from({ length: draw(20) }, () => rect(draw(900), draw(700), 1 + draw(200), 1 + draw(200)));
    const few = joined(list);
    assert.ok(few.length <= 6);
    for (const one of list) assert.ok(few.some((part) => covers(part, one)));
  }
});

test("a PNG file has just the pixels that were given", () => {
  for (let seed = 1; seed <= 120; seed += 1) {
    const draw = chance(seed);
    const [width, height, colours] = [1 + draw(60), 1 + draw(40), [1, 2, 20, 256, 257, 4000][draw(6)]];
    const table = Array.from({ length: colours }, () => (draw(1 << 24) | ((seed % 2 ? 255 : draw(256)) << 24)) >>> 0);
    let last = table[0];
    const words = Uint32Array.from({ length: width * height }, () => (last = draw(3) ? last : table[draw(colours)]));
    const data = new Uint8ClampedArray(words.buffer);
    assert.deepEqual(decoded(png({ width, height, data })), new Uint8Array(words.buffer), `seed ${seed}`);
  }
});

// Reads what we write: no filters, one IDAT.
function decoded(file) {
  const view = new DataView(file.buffer, file.byteOffset);
  const chunks = new Map();
  for (let at = 8; at < file.length; at += 12 + view.getUint32(at))
    chunks.set(String.fromCharCode(...file.subarray(at + 4, at + 8)), file.subarray(at + 8, at + 8 + view.getUint32(at)));
  const head = chunks.get("IHDR");
  const width = new DataView(head.buffer, head.byteOffset).getUint32(0);
  const raw = inflateSync(chunks.get("IDAT"));
  const each = { 2: 3, 3: 1, 6: 4 }[head[9]];
  const pixels = [];
  for (let at = 0; at < raw.length; at += 1) {
    if (at % (width * each + 1) === 0) assert.equal(raw[at], 0);
    else if (each === 1) pixels.push(...chunks.get("PLTE").subarray(3 * raw[at], 3 * raw[at] + 3), chunks.get("tRNS")?.[raw[at]] ?? 255);
    else {
      pixels.push(...raw.subarray(at, at + each), ...(each === 3 ? [255] : []));
      at += each - 1;
    }
  }
  return Uint8Array.from(pixels);
}

test("a key comes back from its keysym", () => {
  const named = ["Enter", "Backspace", "Tab", "Escape", "ArrowLeft", "Delete", "Home", "PageDown", "F2", "F12", "Shift", "Control"];
  for (const key of [...named, ..." aZ9~éß€漢א\u{1f600}"]) assert.equal(keyName(keysym(key)), key);
  assert.deepEqual([keysym("a"), keysym("é"), keysym("€"), keysym("Enter")], [0x61, 0xe9, 0x10020ac, 0xff0d]);
  for (const key of ["Dead", "Unidentified", ""]) assert.equal(keysym(key), null);
  for (const sym of [-1, 0, 7, 0xff99, 0x1110000, 0x100d800, NaN]) assert.equal(keyName(sym), null);
});

test("what is typed is what a list of letters with a place would have", () => {
  const keys = [..."ab\u{1f600} ", "Enter", "Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home", "End"];
  for (let seed = 1; seed <= 200; seed += 1) {
    const draw = chance(seed);
    const box = new TextBox("", { lines: true });
    let [letters, at] = [[], 0];
    for (let step = 0; step < 60; step += 1) {
      const key = keys[draw(keys.length)];
      assert.ok(box.key(key));
      [letters, at] = model(letters, at, key);
      assert.equal(box.text, letters.join(""), `seed ${seed}`);
      assert.equal(box.caret, letters.slice(0, at).join("").length, `seed ${seed}, ${key}`);
    }
  }
});

function model(letters, at, key) {
  const line = [...letters.slice(0, at)].lastIndexOf("\n") + 1;
  const end = letters.indexOf("\n", at);
  if (key === "Backspace") return [letters.toSpliced(Math.max(0, at - 1), at ? 1 : 0), Math.max(0, at - 1)];
  if (key === "Delete") return [letters.toSpliced(at, 1), at];
  if (key === "ArrowLeft") return [letters, Math.max(0, at - 1)];
  if (key === "ArrowRight") return [letters, Math.min(letters.length, at + 1)];
  if (key === "Home") return [letters, line];
  if (key === "End") return [letters, end < 0 ? letters.length : end];
  return [letters.toSpliced(at, 0, key === "Enter" ? "\n" : key), at + 1];
}

test("rows fit, and lose no letter", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const draw = chance(seed);
    const text = Array.from({ length: draw(80) }, () => [..."abc   \n\u{1f600}"][draw(8)]).join("");
    const room = 2 + draw(12);
    const found = rows(text, room, (part) => part.length);
    let at = 0;
    for (const { from, to } of found) {
      assert.ok(from === at || (from === at + 1 && text[at] === "\n"), `seed ${seed}`);
      assert.ok(to - from <= room);
      assert.ok(!/[\udc00-\udfff]/.test(text[from] ?? ""));
      at = to;
    }
    assert.equal(at, text.length);
  }
});
