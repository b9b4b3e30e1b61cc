/**
 * Frames of a session's channel (CHAN-1): sealed, opened, packed for the relay. docs/channel.md
 * shows them byte by byte.
 */

/** Who sends, in the order of the relay's sender byte. */
export const PARTIES = ["broker", "customer", "rep"];
const IV_BYTES = 12;
const HEAD_BYTES = 21;
const text = new TextEncoder();

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
 * What a frame is bound to, so that it opens in this session, from this sender, at this place only.
 * @returns {Uint8Array}
 */
function boundTo(sessionId, party, n) {
  return text.encode(`${sessionId}/${party}/${n}`);
}

/**
 * Seal a message: IV, ciphertext and tag.
 * @param {CryptoKey} key
 * @param {{sessionId: number, party: string, n: number}} place
 * @param {object} message
 * @returns {Promise<Uint8Array>}
 */
export async function seal(key, { sessionId, party, n }, message) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plain = text.encode(JSON.stringify(message));
  const additionalData = boundTo(sessionId, party, n);
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
export async function open(key, { sessionId, party, n }, frame) {
  const iv = frame.subarray(0, IV_BYTES);
  const additionalData = boundTo(sessionId, party, n);
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
 * Write the body of a POST: the number of the first frame, then each behind its length.
 * @param {number} first
 * @param {Uint8Array[]} frames
 * @returns {Uint8Array}
 */
export function pack(first, frames) {
  const size = frames.reduce((sum, frame) => sum + 4 + frame.length, 8);
  const body = new Uint8Array(size);
  const view = new DataView(body.buffer);
  view.setBigUint64(0, BigInt(first));
  let at = 8;
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
 * @returns {{party: string, n: number, frame: Uint8Array}[]} all that is whole
 */
export function unlist(body) {
  const view = new DataView(body);
  const found = [];
  for (let at = 0; at + HEAD_BYTES <= body.byteLength; ) {
    const party = PARTIES[view.getUint8(at + 8)];
    const n = Number(view.getBigUint64(at + 9));
    const size = view.getUint32(at + 17);
    at += HEAD_BYTES;
    if (party === undefined || at + size > body.byteLength) break;
    found.push({ party, n, frame: new Uint8Array(body, at, size) });
    at += size;
  }
  return found;
}
