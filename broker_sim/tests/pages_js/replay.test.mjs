// The parts of the player that need no browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { chance } from "./chance.mjs";
import { advanced, spelled, spoken } from "./static/replay/clock.js";
import { FrameFinder, lastUpTo, NoRecording } from "./static/replay/frames.js";
import { wrappingKey } from "./static/replay/securitykey.js";
import { open, Plain, Tampered, WrongKey } from "./static/replay/unseal.js";
import { instruction } from "./static/screen/protocol.js";
import { vectors } from "./vectors.mjs";

const told = vectors(JSON.parse(readFileSync(new URL("./vectors.json", import.meta.url), "utf8")));

async function read(source) {
  const found = [];
  for (let index = 0; index < source.records; index += 1) found.push(...(await source.record(index)));
  return Buffer.from(found);
}

for (const file of told.files)
  test(`REC-3: what was sealed comes out: ${file.name}`, async () => {
    const source = await open(new Blob([file.sealed]), { ...file, size: file.sealed.length });
    assert.deepEqual(await read(source), file.plain);
    assert.equal(source.size, file.plain.length);
    await assert.rejects(open(new Blob([file.sealed]), { ...file, kek: new Uint8Array(16) }), WrongKey);
    await assert.rejects(open(new Blob([file.sealed]), { ...file, size: file.sealed.length + 1 }), Tampered);
  });

test("REC-8: the key of one file opens it, and no other", async () => {
  const [file, other] = told.files;
  const { subtle } = globalThis.crypto;
  const wrapping = await subtle.importKey("raw", file.kek, "AES-KW", false, ["unwrapKey"]);
  const key = await subtle.unwrapKey("raw", file.wrappedKey, wrapping, "AES-KW", { name: "AES-GCM" }, true, ["decrypt"]);
  const contentKey = new Uint8Array(await subtle.exportKey("raw", key));
  assert.deepEqual(await read(await open(new Blob([file.sealed]), { keyId: file.keyId, contentKey })), file.plain);
  await assert.rejects(async () => read(await open(new Blob([other.sealed]), { keyId: other.keyId, contentKey })), Tampered);
});

for (const file of told.tampered)
  test(`REC-3: what was changed is noticed: ${file.name}`, async () => {
    await assert.rejects(async () => {
      await read(await open(new Blob([file.sealed]), file));
    }, (error) => error instanceof Tampered || error instanceof WrongKey);
  });

test("REC-4: a security key gives its wrapping key, in whichever normal form it is typed", async () => {
  const { passphrase, salt, kek } = told.security;
  for (const form of ["NFC", "NFD"]) assert.deepEqual(Buffer.from(await wrappingKey(passphrase.normalize(form), salt)), kek);
});

test("a plain recording is read in the same way", async () => {
  const bytes = Buffer.from(Array.from({ length: 150_000 }, (_, at) => at % 251));
  assert.deepEqual(await read(new Plain(new Blob([bytes]))), bytes);
});

test("frames are found wherever the bytes are cut", () => {
  const letters = [..."ab;,.0é漢\u{1f600}"];
  for (let seed = 1; seed <= 150; seed += 1) {
    const draw = chance(seed);
    const wanted = { times: [], ends: [] };
    let text = "";
    let time = draw(5);
    for (let nth = draw(30); nth > 0; nth -= 1) {
      if (draw(3)) text += instruction("name", Array.from({ length: draw(9) }, () => letters[draw(letters.length)]).join(""), draw(99));
      else {
        text += instruction("sync", time);
        wanted.times.push(time);
        wanted.ends.push(Buffer.byteLength(text));
        time += draw(900);
      }
    }
    const bytes = Buffer.from(text);
    const finder = new FrameFinder();
    for (let at = 0; at < bytes.length; ) {
      const step = 1 + draw(20);
      finder.read(bytes.subarray(at, at + step));
      at += step;
    }
    if (wanted.times.length) finder.finish();
    assert.deepEqual({ times: finder.times, ends: finder.ends }, wanted, `seed ${seed}`);
  }
});

test("a recording without times is one frame; what is cut off at its end is left out", () => {
  const finder = new FrameFinder();
  const whole = instruction("size", 0, 10, 10);
  finder.read(Buffer.from(`${whole}4.re`));
  finder.finish();
  assert.deepEqual([finder.times, finder.ends], [[0], [whole.length]]);
});

test("times never go back, and what is none is none", () => {
  const finder = new FrameFinder();
  finder.read(Buffer.from(["5", "3", "x", "9"].map((time) => instruction("sync", time)).join("\n")));
  assert.deepEqual(finder.times, [5, 5, 5, 9]);
  for (const text of ["<html>", "4.sync!", "..", "12345678901.a;"]) assert.throws(() => new FrameFinder().read(Buffer.from(text)), NoRecording);
});

test("the last frame up to a time is found", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const draw = chance(seed);
    const times = Array.from({ length: draw(12) }, () => draw(20)).sort((one, other) => one - other);
    for (let at = -1; at <= 21; at += 1) assert.equal(lastUpTo(times, at), times.findLastIndex((time) => time <= at));
  }
});

test("a replay goes on by its speed, ends at its end, and skips only what is still", () => {
  const how = { speed: 2, end: 60_000, skip: true, next: 30_000 };
  assert.equal(advanced(1000, 100, { ...how, skip: false }), 1200);
  assert.equal(advanced(1000, 100, how), 29_300);
  assert.equal(advanced(27_500, 100, how), 27_700);
  assert.equal(advanced(59_990, 100, { ...how, next: Infinity }), 60_000);
  assert.equal(advanced(1000, 100, { ...how, next: Infinity }), 60_000);
});

test("positions are written and said as people do", () => {
  assert.deepEqual([0, 61_999, 3_600_000, -5].map(spelled), ["0:00", "1:01", "1:00:00", "0:00"]);
  assert.deepEqual([0, 61_000, 7_322_000].map(spoken), ["0 seconds", "1 minute 1 second", "2 hours 2 minutes 2 seconds"]);
});
