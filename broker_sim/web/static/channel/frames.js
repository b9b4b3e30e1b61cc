/**
 * Frames of a session's channel (CHAN-1): sealed, opened, packed for the relay. docs/channel.md
 * shows them byte by byte.
 */

/** Who sends, in the order of the relay's sender byte. */
export const PARTIES = ["broker", "customer", "rep"];
const IV_BYTES = 12;
const SOURCE_BYTES = 8;
const HEAD_BYTES = 29;
const text = new TextEncoder();

/**
 * Make the name of a program that takes part: no two ever have the same.
 * @returns {string} in hex
 */
export function newSource() {
  return hex(crypto.getRandomValues(new Uint8Array(SOURCE_BYTES)));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Take the session key out of a descriptor. Nobody can read it back out of what this gives.
 * @param {string} base64 16 bytes
 * @returns {Promise<CryptoKey>}
 */
export function sessionKey(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * What a frame is bound to, so that it opens in this session, from this source, at this place only.
 * @returns {Uint8Array}
 */
function boundTo({ sessionId, party, source, n }) {
  return text.encode(`${sessionId}/${party}/${source}/${n}`);
}

/**
 * Seal a message: IV, ciphertext and tag.
 * @param {CryptoKey} key
 * @param {{sessionId: number, party: string, source: string, n: number}} place
 * @param {object} message
 * @returns {Promise<Uint8Array>}
 */
export async function seal(key, place, message) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plain = text.encode(JSON.stringify(message));
  const additionalData = boundTo(place);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain);
  const frame = new Uint8Array(IV_BYTES + sealed.byteLength);
  frame.set(iv);
  frame.set(new Uint8Array(sealed), IV_BYTES);
  return frame;
}

/**
 * Open a frame.
 * @returns {Promise<object | null>} the message; null for a frame that was changed, or is none of
 *   this place.
 */
export async function open(key, place, frame) {
  const iv = frame.subarray(0, IV_BYTES);
  const additionalData = boundTo(place);
  try {
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv, additionalData },
      key,
      frame.subarray(IV_BYTES),
    );
    const message = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
    return message !== null && typeof message === "object" ? message : null;
  } catch {
    return null;
  }
}

/**
 * Write the body of a POST: source, number of the first frame, then each behind its length.
 * @param {string} source
 * @param {number} first
 * @param {Uint8Array[]} frames
 * @returns {Uint8Array}
 */
export function pack(source, first, frames) {
  const size = frames.reduce((sum, frame) => sum + 4 + frame.length, SOURCE_BYTES + 8);
  const body = new Uint8Array(size);
  const view = new DataView(body.buffer);
  view.setBigUint64(0, BigInt(`0x${source}`));
  view.setBigUint64(SOURCE_BYTES, BigInt(first));
  let at = SOURCE_BYTES + 8;
  for (const frame of frames) {
    view.setUint32(at, frame.length);
    body.set(frame, at + 4);
    at += 4 + frame.length;
  }
  return body;
}

/**
 * Read the body of a GET.
 * @param {ArrayBuffer} body
 * @returns {{party: string, source: string, n: number, frame: Uint8Array}[]} all that is whole
 */
export function unlist(body) {
  const view = new DataView(body);
  const found = [];
  for (let at = 0; at + HEAD_BYTES <= body.byteLength; ) {
    const party = PARTIES[view.getUint8(at + 8)];
    const source = hex(new Uint8Array(body, at + 9, SOURCE_BYTES));
    const n = Number(view.getBigUint64(at + 17));
    const size = view.getUint32(at + 25);
    at += HEAD_BYTES;
    if (party === undefined || at + size > body.byteLength) break;
    found.push({ party, source, n, frame: new Uint8Array(body, at, size) });
    at += size;
  }
  return found;
}
