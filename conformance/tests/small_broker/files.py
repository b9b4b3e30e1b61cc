"""The six files of a session, sealed as `docs/recordings.md` says; keys and signed URLs."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

_NAMES = {
    "chatTranscript{}.txt": "Chat",
    "remoteDiagnostics.txt": "Diagnostics",
    "remoteDiagnostics{}.xml": "Diagnostics",
    "remoteScreen{}.g2a": "RemoteScreen",
    "localScreen{}.g2a": "LocalScreen",
    "session{}.properties": "Properties",
}
_RECORD = 65_536
_SECRET = secrets.token_bytes(32)


@dataclass
class Key:
    """A wrapping key of a portal; `salt` is set where it comes from a passphrase."""

    version: int
    kek: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    salt: bytes | None = None


def from_passphrase(version: int, passphrase: str) -> Key:
    salt = secrets.token_bytes(16)
    made = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**15, r=8, p=1, dklen=16, maxmem=2**26)
    return Key(version, made, salt)


def make(session: dict[str, Any], key: Key) -> dict[str, tuple[dict[str, Any], bytes]]:
    """Make all files of a session: by name, what is told of it, and its bytes."""
    made = {}
    for pattern, channel in _NAMES.items():
        name = pattern.format(session["session_id"])
        body = f"{name}: {session['question']}\n".encode() * 30
        if pattern.endswith(".g2a"):
            body = (body * 5_000)[:150_000]
        told: dict[str, Any] = {"channel": channel, "name": name, "encrypted": False}
        if channel.endswith("Screen") or (key.salt and channel != "Properties"):
            dek = secrets.token_bytes(16)
            body = _seal(body, dek, f"{session['session_id']}/{name}".encode())
            told |= {"encrypted": True, "wrapped_key": aes_key_wrap(key.kek, dek)}
            told |= {"key_version": key.version, "kdf_salt": key.salt}
            told["kdf"] = "scrypt-32768-8-1" if key.salt else "none"
        told |= {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        made[name] = (told, body)
    return made


def _hkdf(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    prk = hmac.digest(salt, secret, "sha256")
    return hmac.digest(prk, info + b"\1", "sha256")[:size]


def _seal(text: bytes, dek: bytes, key_id: bytes) -> bytes:
    """RFC 8188, aes128gcm, one salt and key per file."""
    ikm = _hkdf(bytes(32), dek, b"g2a-recording\0" + key_id, 16)
    salt, step = os.urandom(16), _RECORD - 17
    key = AESGCM(_hkdf(salt, ikm, b"Content-Encoding: aes128gcm\0", 16))
    nonce = int.from_bytes(_hkdf(salt, ikm, b"Content-Encoding: nonce\0", 12), "big")
    out = salt + _RECORD.to_bytes(4, "big") + bytes([len(key_id)]) + key_id
    for number, start in enumerate(range(0, len(text), step)):
        last = start + step >= len(text)
        record = text[start : start + step] + (b"\2" if last else b"\1")
        out += key.encrypt((nonce ^ number).to_bytes(12, "big"), record, None)
    return out


def signature(session_id: int, name: str, expires: datetime) -> str:
    text = f"{session_id}/{name}/{expires.isoformat()}"
    return hmac.new(_SECRET, text.encode(), "sha256").hexdigest()
