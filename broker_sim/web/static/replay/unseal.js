// Opens sealed recordings in the page: RFC 8188 (aes128gcm) under a wrapped key. A record is read when it is wanted, so
// the size of a recording does not matter; `docs/recordings.md` has the format.

const RECORD = 65536;
const TAIL = 17; // delimiter and tag
const MORE = 1;
const LAST = 2;
const { subtle } = globalThis.crypto;
const utf8 = (text) => new TextEncoder().encode(text);

/** The wrapping key does not belong to the recording. */
export class WrongKey extends Error {}

/** The recording is not what was sealed. */
export class Tampered extends Error {}

/** @param {string} text base64 @returns {Uint8Array} */
export const octets = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/**
 * Open a sealed file. Nothing but its header has been looked at then.
 * @param {Blob} file
 * @param {object} given
 * @param {string} given.keyId
 * @param {Uint8Array} [given.contentKey] opens this file and no other; or these two, which give it:
 * @param {Uint8Array} [given.wrappedKey]
 * @param {Uint8Array} [given.kek]
 * @param {number} [given.size] as the broker says it
 * @returns {Promise<Sealed>}
 * @throws {WrongKey | Tampered}
 */
export async function open(file, { keyId, contentKey, wrappedKey, kek, size }) {
  const dek = contentKey ? await subtle.importKey("raw", contentKey, "HKDF", false, ["deriveBits"]) : await unwrapped(wrappedKey, kek);
  if (size !== undefined && size !== file.size) throw new Tampered("its size is not the one that was noted");
  const name = utf8(keyId);
  const start = 21 + name.length;
  const header = await bytes(file, 0, start);
  const wanted = [0, 1, 0, 0, name.length, ...name]; // 65536, big-endian, then the key id
  if (header.length !== start || wanted.some((octet, at) => header[16 + at] !== octet))
    throw new Tampered("it is not the file that was asked for");
  const ikm = await derived(dek, new Uint8Array(), `g2a-recording\0${keyId}`, 16);
  const source = await subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
  const salt = header.slice(0, 16);
  const raw = await derived(source, salt, "Content-Encoding: aes128gcm\0", 16);
  const key = await subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  return new Sealed(file, start, key, await derived(source, salt, "Content-Encoding: nonce\0", 12));
}

async function unwrapped(wrappedKey, kek) {
  try {
    const wrapping = await subtle.importKey("raw", kek, "AES-KW", false, ["unwrapKey"]);
    return await subtle.unwrapKey("raw", wrappedKey, wrapping, "AES-KW", "HKDF", false, ["deriveBits"]);
  } catch {
    throw new WrongKey("the key does not open this recording");
  }
}

const derived = (key, salt, info, length) => subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: utf8(info) }, key, 8 * length);

const bytes = async (file, from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer());

/** A file whose records can be opened one by one. */
class Sealed {
  constructor(file, start, key, nonce) {
    Object.assign(this, { file, start, key, nonce });
    this.records = Math.max(1, Math.ceil((file.size - start) / RECORD));
    /** Bytes of plain text in every record but the last. */
    this.room = RECORD - TAIL;
    /** Bytes of plain text in all. */
    this.size = Math.max(0, file.size - start - TAIL * this.records);
  }

  /**
   * Open one record.
   * @param {number} index from 0
   * @returns {Promise<Uint8Array>} its plain text
   * @throws {Tampered}
   */
  async record(index) {
    const iv = new DataView(this.nonce.slice(0));
    iv.setUint32(8, iv.getUint32(8) ^ index);
    const at = this.start + RECORD * index;
    const cipher = await bytes(this.file, at, at + RECORD);
    let text;
    try {
      text = new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv }, this.key, cipher));
    } catch {
      throw new Tampered(`part ${index + 1} of ${this.records} is not what was sealed`);
    }
    if (text.at(-1) !== (index + 1 < this.records ? MORE : LAST)) throw new Tampered("it was cut or joined");
    return text.subarray(0, -1);
  }
}

/** A file that is not sealed, read in the same way. */
export class Plain {
  /** @param {Blob} file */
  constructor(file) {
    Object.assign(this, { file, size: file.size, room: RECORD, records: Math.max(1, Math.ceil(file.size / RECORD)) });
  }

  /** @param {number} index from 0 @returns {Promise<Uint8Array>} */
  record(index) {
    return bytes(this.file, RECORD * index, RECORD * (index + 1));
  }
}
