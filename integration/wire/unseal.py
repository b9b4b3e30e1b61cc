"""Open sealed files: verify first, hand on afterwards.

A sealed file is an RFC 8188 `aes128gcm` body of 65,536-byte records. Its key travels wrapped
(AES-KW, RFC 3394) under the portal's default key or under a key made from the security key.
Three things a file is checked against come from outside of it: the key id, the record size
(RFC 8188 itself verifies neither) and, for a range, the size.

Source: REC-3, REC-4, REC-8, C-KEY-1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from integration.errors import Distrust

RECORD_BYTES: Final = 65_536
KEY_BYTES: Final = 16
TAG_BYTES: Final = 16
OVERHEAD: Final = 1 + TAG_BYTES  # a delimiter and a tag in each record
SALT_BYTES: Final = 16
LAST: Final = b"\2"
MORE: Final = b"\1"


class WrongKey(Distrust):
    """The wrapped key does not open: another key made it, or it was changed on its way.

    Ask for the security key again before fetching again.
    """


class Readable(Protocol):
    """An open file, a response: gives at most `size` bytes, none at its end."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes."""


def derive_kek(passphrase: str, salt: bytes) -> bytes:
    """Make the 16-byte wrapping key from a security key and the `kdfSalt` of a file.

    For files whose `kdf` is `scrypt-32768-8-1`; takes 32 MiB and about 0.1 s. The same salt goes
    with the same security key, so keep the result in memory, never on disk.

    Source: REC-4, C-KEY-1.
    """
    secret = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=KEY_BYTES, n=32_768, r=8, p=1).derive(secret)


def unseal(
    sealed: Readable, expected_key_id: str, wrapped_key: bytes, kek: bytes
) -> Iterator[bytes]:
    """Open a file from its start to its end; gives verified plain text, a record at a time.

    Key and header are checked at the call, records as they are asked for. Only an iteration that
    ends without an error has seen the whole file: keep what it gave under a temporary name until
    then. Holds two records at most.

    Args:
        sealed: the file as it was sent, at its first byte.
        expected_key_id: session and file name, as in `12012692/localScreen12012692.g2a`.
        wrapped_key: the file's `wrappedKey`.
        kek: the wrapping key: the portal's default key, or `derive_kek`.

    Raises:
        WrongKey: `wrapped_key` does not open under `kek`.
        Distrust: the file is not what was sealed: changed, cut, reordered or another file. No
            byte of the damaged record or of anything after it has been given.
        ValueError: `kek` is not 16 bytes.

    Source: REC-3, REC-4.
    """
    ikm = _file_key(expected_key_id, wrapped_key, kek)
    return open_records(sealed, ikm, expected_key_id.encode())


def open_records(
    sealed: Readable,
    ikm: bytes,
    key_id: bytes,
    *,
    record_bytes: int = RECORD_BYTES,
    padding: bool = False,
) -> Iterator[bytes]:
    """Read RFC 8188 from its own keying material; `unseal` is the way in.

    Args:
        sealed: the body, at its first byte.
        ikm: keying material, as the RFC calls it.
        key_id: what the header must name.
        record_bytes: the record size that the header must name.
        padding: allow zeros behind a delimiter, as the RFC does and our files do not.

    Raises:
        Distrust: see `unseal`.
    """
    return _each(sealed, _body(sealed, ikm, key_id, record_bytes), record_bytes, padding=padding)


def read_range(
    sealed: BinaryIO,
    expected_key_id: str,
    wrapped_key: bytes,
    kek: bytes,
    *,
    offset: int,
    length: int,
    sealed_size: int,
) -> bytes:
    """Open `[offset, offset + length)` of the plain text; reads the header and these records only.

    Past the end it gives fewer bytes or none, as a slice does, having verified the last record.
    A range cannot see that records are missing behind it: `sealed_size`, the size that the broker
    names, is compared with the size of the file first.

    Args:
        sealed: a seekable file of the sealed bytes.
        expected_key_id: as in `unseal`.
        wrapped_key: as in `unseal`.
        kek: as in `unseal`.
        offset: first byte of the plain text, from 0.
        length: how many bytes.
        sealed_size: size of the sealed file in bytes, as the broker names it.

    Raises:
        WrongKey, Distrust: as in `unseal`; nothing is given then.
        ValueError: a negative offset or length, or a `kek` that is not 16 bytes.

    Source: REC-3, REC-6.
    """
    if offset < 0 or length < 0:
        msg = f"not a range: {length} bytes from {offset}"
        raise ValueError(msg)
    key_id = expected_key_id.encode()
    ikm = _file_key(expected_key_id, wrapped_key, kek)
    start = _header_bytes(key_id)
    last = _last_record(sealed, start, sealed_size)
    sealed.seek(0)
    body = _body(sealed, ikm, key_id, RECORD_BYTES)
    per_record = RECORD_BYTES - OVERHEAD
    first = min(offset // per_record, last)
    stop = min((offset + length + per_record - 1) // per_record, last + 1)
    sealed.seek(start + first * RECORD_BYTES)
    plain = b"".join(
        body.open(index, _read(sealed, RECORD_BYTES), last=index == last)
        for index in range(first, stop)
    )
    skip = offset - first * per_record
    return plain[skip : skip + length]


@dataclass(frozen=True, slots=True)
class _Body:
    """The cipher of one body and the nonce of its first record."""

    cipher: AESGCM
    nonce: int

    def open(self, index: int, record: bytes, *, last: bool, padding: bool = False) -> bytes:
        """Verify one record, then take its delimiter off."""
        nonce = self.nonce ^ index
        try:
            text = self.cipher.decrypt(nonce.to_bytes(12, "big"), record, None)
        except InvalidTag:
            raise Distrust(f"record {index} does not verify") from None
        if padding:
            text = text.rstrip(b"\0")
        if text[-1:] != (LAST if last else MORE):
            raise Distrust(f"record {index} does not end as it should: the file was cut or joined")
        return text[:-1]


def _body(sealed: Readable, ikm: bytes, key_id: bytes, record_bytes: int) -> _Body:
    """Read and check the header, then make the cipher."""
    header = _read(sealed, _header_bytes(key_id))
    salt, rest = header[:SALT_BYTES], header[SALT_BYTES:]
    if rest != record_bytes.to_bytes(4, "big") + bytes([len(key_id)]) + key_id:
        raise Distrust("the header is not that of the file that was asked for")
    key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(ikm)
    nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(ikm)
    return _Body(AESGCM(key), int.from_bytes(nonce, "big"))


def _each(sealed: Readable, body: _Body, record_bytes: int, *, padding: bool) -> Iterator[bytes]:
    """Open one record after the other; each is the last exactly when nothing follows it."""
    record = _read(sealed, record_bytes)
    index = 0
    while True:
        following = _read(sealed, record_bytes)
        yield body.open(index, record, last=not following, padding=padding)
        if not following:
            return
        record = following
        index += 1


def _file_key(key_id: str, wrapped_key: bytes, kek: bytes) -> bytes:
    """Unwrap the file's key and tie it to its name, so that swapped files do not open."""
    if len(kek) != KEY_BYTES:
        msg = f"a wrapping key has {KEY_BYTES} bytes, not {len(kek)}"
        raise ValueError(msg)
    try:
        dek = aes_key_unwrap(kek, wrapped_key)
    except InvalidUnwrap:
        raise WrongKey("the wrapped key does not open under this key") from None
    if len(dek) != KEY_BYTES:
        raise Distrust("the wrapped key is not a file's key")
    info = b"g2a-recording\0" + key_id.encode()
    return HKDF(SHA256(), KEY_BYTES, None, info).derive(dek)


def _header_bytes(key_id: bytes) -> int:
    return SALT_BYTES + 5 + len(key_id)


def _last_record(sealed: BinaryIO, start: int, sealed_size: int) -> int:
    """Say which record is the last, from the size; records begin at byte `start`."""
    size = sealed.seek(0, 2)
    if size != sealed_size:
        raise Distrust(f"the file has {size} bytes; the broker says {sealed_size}")
    last, before_its_end = divmod(size - start - 1, RECORD_BYTES)
    if last < 0 or before_its_end + 1 < OVERHEAD:
        raise Distrust("the size is not that of whole records")
    return last


def _read(sealed: Readable, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end: a response may give less than was asked for."""
    parts = []
    while size and (part := sealed.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
