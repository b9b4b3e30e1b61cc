// The wrapping key of a security key: scrypt of what somebody types, which Web Crypto does not have.

import { scryptAsync } from "../vendor/noble/scrypt.js";

const COST = { N: 32768, r: 8, p: 1, dkLen: 16, maxmem: 2 ** 26 };

/** The one way in which recordings are made openable by a security key. */
export const KDF = "scrypt-32768-8-1";

/**
 * Make a wrapping key. It takes about a second; the page stays alive.
 * @param {string} securityKey
 * @param {Uint8Array} salt
 * @returns {Promise<Uint8Array>} 16 bytes
 */
export function wrappingKey(securityKey, salt) {
  return scryptAsync(new TextEncoder().encode(securityKey.normalize("NFC")), salt, COST);
}
