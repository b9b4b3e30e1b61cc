// Sealed files and what opens them, as the Python side has laid them out.

import { readFileSync } from "node:fs";

const bytes = (name) => readFileSync(new URL(name, import.meta.url));
const hex = (text) => Buffer.from(text, "hex");

/** @param {any} told as in vectors.json */
export function vectors({ files, tampered, security }) {
  const entry = ({ name, key_id: keyId, wrapped_key: wrapped, kek, sealed, plain }) => ({
    name, keyId, wrappedKey: hex(wrapped), kek: hex(kek), sealed: bytes(sealed), plain: plain ? bytes(plain) : null,
  });
  return {
    files: files.map(entry),
    tampered: tampered.map(entry),
    security: { passphrase: security.passphrase, salt: hex(security.kdf_salt), kek: hex(security.kek) },
  };
}
