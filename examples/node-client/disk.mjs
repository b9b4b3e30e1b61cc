// Files that are there whole or not at all, and zips of them.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";

/** Puts bytes in place: on the disk first, then under their name. */
export function put(path, data, mode = 0o600) {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = openSync(part, "w", mode);
  writeSync(file, data);
  fsyncSync(file);
  closeSync(file);
  renameSync(part, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

export function putJson(path, value) {
  put(path, Buffer.from(JSON.stringify(value)));
}

export function getJson(path, missing) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return missing;
    throw error;
  }
}

export function remove(path) {
  rmSync(path, { force: true, recursive: true });
}

/** Makes a zip; recordings do not get smaller, so nothing is packed. */
export function zip(files) {
  const parts = [];
  const index = [];
  let offset = 0;
  for (const [name, data] of Object.entries(files)) {
    const named = Buffer.from(name);
    const about = Buffer.alloc(26); // from "version needed" to the length of the extra field
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x0800, 2); // the name is UTF-8
    about.writeUInt16LE(0x21, 8); // 1980-01-01
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(named.length, 22);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), about, named, data);
    const place = Buffer.alloc(14); // comment, disk, attributes, offset
    place.writeUInt32LE(offset, 10);
    index.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), about, place, named);
    offset += 30 + named.length + data.length;
  }
  const listed = Buffer.concat(index);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}
