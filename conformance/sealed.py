"""The suites' own reader of sealed files and frames, written from RFC 8188, 5869 and 3394 alone.

It shares no line with the broker that seals or the client that opens, so a mistake in one of
them cannot hide here. It reads whole files in memory and says in words what is wrong.

Source: REC-2 to REC-4, REC-8, CHAN-1.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB, GCM

RECORD_SIZE: Final = 65_536
HEADER_FIXED: Final = 21
TAG: Final = 16
IV: Final = 12
KEY: Final = 16
WRAP_INTEGRITY: Final = bytes.fromhex("A6A6A6A6A6A6A6A6")  # RFC 3394, 2.2.3.1


class Damaged(Exception):  # noqa: N818  a finding about data, not our error
    """The file is not what was sealed; `reason` says why, without keys or text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """RFC 8188, 2.1: 16 bytes of salt, the record size, the key id."""

    salt: bytes
    record_size: int
    key_id: bytes

    @property
    def size(self) -> int:
        """Bytes before the first record."""
        return HEADER_FIXED + len(self.key_id)


@dataclass(frozen=True, slots=True)
class Record:
    """One verified record: its text, its delimiter, how many zeros stand behind."""

    text: bytes
    delimiter: int
    padding: int


def derive_kek(passphrase: str, salt: bytes) -> bytes:
    """Make the 16-byte wrapping key of a security key: `kdf` is `scrypt-32768-8-1`, NFC, UTF-8.

    Source: REC-4.
    """
    text = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    return hashlib.scrypt(text, salt=salt, n=2**15, r=8, p=1, dklen=16, maxmem=2**26)


def open_sealed(data: bytes, key_id: str, wrapped_key: bytes, kek: bytes) -> bytes:
    """Open a whole sealed file, or say why not.

    Args:
        data: the file as it was sent.
        key_id: session and file name, as in `12012692/localScreen12012692.g2a`.
        wrapped_key: the file's `wrappedKey`.
        kek: 16 bytes: the portal's default key, or `derive_kek`.

    Raises:
        Damaged: the file, its wrapped key or its name is not what was sealed under this key.

    Source: REC-3, REC-4, REC-8.
    """
    dek = unwrap_key(wrapped_key, kek)
    ikm = _expand(_extract(bytes(32), dek), b"g2a-recording\x00" + key_id.encode("utf-8"), 16)
    header = read_header(data)
    if header.record_size != RECORD_SIZE:
        raise Damaged(f"record size {header.record_size}, not {RECORD_SIZE}")
    if header.key_id != key_id.encode("utf-8"):
        raise Damaged("the header names another key id")
    records = read_records(data, ikm)
    if any(record.padding for record in records):
        raise Damaged("a record is padded")
    return joined(records)


def joined(records: list[Record]) -> bytes:
    """Join the text of all records, if they are all there and in order.

    Raises:
        Damaged: a delimiter 2 before the end, or none at the end (RFC 8188, section 2).
    """
    for index, record in enumerate(records):
        last = index == len(records) - 1
        if record.delimiter != (2 if last else 1):
            raise Damaged(f"record {index} of {len(records)} has delimiter {record.delimiter}")
    return b"".join(record.text for record in records)


def read_header(data: bytes) -> Header:
    """Read the header of a body; says nothing about whether it is the right one.

    Raises:
        Damaged: the body ends within it.
    """
    if len(data) < HEADER_FIXED or len(data) < HEADER_FIXED + data[20]:
        raise Damaged("the file ends within its header")
    key_id = data[HEADER_FIXED : HEADER_FIXED + data[20]]
    return Header(data[:16], int.from_bytes(data[16:20], "big"), key_id)


def read_records(data: bytes, ikm: bytes) -> list[Record]:
    """Verify and open every record of an RFC 8188 body, under the header's own record size.

    Raises:
        Damaged: a record that does not verify, holds no delimiter, or is missing altogether.
    """
    header = read_header(data)
    if header.record_size < TAG + 2:  # RFC 8188, 2.1: smaller ones are invalid
        raise Damaged(f"record size {header.record_size} is too small")
    prk = _extract(header.salt, ikm)
    key = _expand(prk, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = int.from_bytes(_expand(prk, b"Content-Encoding: nonce\x00", 12), "big")
    starts = range(header.size, len(data), header.record_size)
    if not starts:
        raise Damaged("no record")
    return [
        _read_record(
            data[start : start + header.record_size], key, (nonce ^ index).to_bytes(12, "big")
        )
        for index, start in enumerate(starts)
    ]


def unwrap_key(wrapped: bytes, kek: bytes) -> bytes:
    """Unwrap a file's 16-byte key (RFC 3394, 2.2.2).

    Raises:
        Damaged: not 24 bytes, or not wrapped under this 16-byte key.
    """
    if len(wrapped) != 24:
        raise Damaged(f"a wrapped key of {len(wrapped)} bytes, not 24")
    # RFC 3394 is built from single AES blocks, which is what ECB is; nothing repeats under it
    block = Cipher(AES128(kek), ECB()).decryptor()  # noqa: S305  see above
    check, low, high = wrapped[:8], wrapped[8:16], wrapped[16:]
    for step in range(12, 0, -1):
        mixed = (int.from_bytes(check, "big") ^ step).to_bytes(8, "big")
        if step % 2 == 0:
            opened = block.update(mixed + high)
            check, high = opened[:8], opened[8:]
        else:
            opened = block.update(mixed + low)
            check, low = opened[:8], opened[8:]
    if not hmac.compare_digest(check, WRAP_INTEGRITY):
        raise Damaged("the wrapped key does not open under this key")
    return low + high


def _read_record(record: bytes, key: bytes, nonce: bytes) -> Record:
    if len(record) <= TAG:
        raise Damaged(f"a record of {len(record)} bytes")
    opener = Cipher(AES128(key), GCM(nonce, record[-TAG:])).decryptor()
    try:
        text = opener.update(record[:-TAG]) + opener.finalize()
    except InvalidTag:
        raise Damaged("a record does not verify") from None
    content = text.rstrip(b"\x00")
    if not content:
        raise Damaged("a record without a delimiter")
    return Record(content[:-1], content[-1], len(text) - len(content))


def open_frame(key: bytes, bound: bytes, frame: bytes) -> bytes:
    """Open a frame of a session's channel: IV, ciphertext and tag, bound to who sent it.

    Raises:
        Damaged: it does not verify, or the key has not 16 bytes.

    Source: CHAN-1.
    """
    if len(key) != KEY or len(frame) <= IV + TAG:
        raise Damaged(f"a key of {len(key)} bytes, a frame of {len(frame)}")
    opener = Cipher(AES128(key), GCM(frame[:IV], frame[-TAG:])).decryptor()
    opener.authenticate_additional_data(bound)
    try:
        return opener.update(frame[IV:-TAG]) + opener.finalize()
    except InvalidTag:
        raise Damaged("a frame does not verify") from None


def seal_frame(key: bytes, bound: bytes, iv: bytes, plain: bytes) -> bytes:
    """Seal a frame of a session's channel under a key of 16 bytes.

    Source: CHAN-1.
    """
    sealer = Cipher(AES128(key), GCM(iv)).encryptor()
    sealer.authenticate_additional_data(bound)
    return iv + sealer.update(plain) + sealer.finalize() + sealer.tag


def _extract(salt: bytes, ikm: bytes) -> bytes:
    """HKDF-Extract with SHA-256: RFC 5869, 2.2."""
    return hmac.digest(salt, ikm, "sha256")


def _expand(prk: bytes, info: bytes, size: int) -> bytes:
    """HKDF-Expand for up to one block of SHA-256, that is 32 bytes: RFC 5869, 2.3."""
    return hmac.digest(prk, info + b"\x01", "sha256")[:size]
