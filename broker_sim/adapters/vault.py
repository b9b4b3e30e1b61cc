"""Keys, sealed files and frames: every cipher of the broker.

Nothing here draws chance: keys and salts come in from the Entropy port. Nothing here logs.

Source: REC-2 to REC-5, REC-8, CHAN-1.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from broker_sim.contract import limits, recording
from broker_sim.contract.recording import RECORD_BYTES

OVERHEAD: Final = recording.DELIMITER_BYTES + recording.TAG_BYTES
TEST_SECRETS_INFO: Final = b"broker-sim file secrets, for tests only\0"


class WrongKey(Exception):  # noqa: N818  a finding about data, not our error
    """A wrapped key does not open: another wrapping key made it, or it was changed."""


class Damaged(Exception):  # noqa: N818  a finding about data, not our error
    """A sealed file is not what was sealed; says where, never what."""


# Wrapping keys


def derive_kek(passphrase: str, salt: bytes) -> bytes:
    """Make the 16-byte wrapping key of a security key; about 32 MiB and 0.1 s of work.

    The passphrase is NFC-normalised, so it does not matter how an accent was typed.

    Source: REC-4.
    """
    secret = unicodedata.normalize("NFC", passphrase).encode()
    cost = recording.SECURITY_KEY_SCRYPT
    # twice the memory scrypt needs: the library counts some more, and refuses at its bound
    memory = 256 * cost.n * cost.r
    return hashlib.scrypt(
        secret, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory, dklen=recording.KEY_BYTES
    )


def wrap(kek: bytes, dek: bytes) -> bytes:
    """Wrap a file's 16-byte key under a 16-byte wrapping key: AES-KW (RFC 3394), 24 bytes.

    Source: REC-8.
    """
    _need(kek, recording.KEY_BYTES, "wrapping key")
    _need(dek, recording.KEY_BYTES, "file key")
    return keywrap.aes_key_wrap(kek, dek)


def unwrap(kek: bytes, wrapped: bytes) -> bytes:
    """Give back what `wrap` took.

    Raises:
        WrongKey: this wrapping key did not make these 24 bytes.

    Source: REC-4.
    """
    _need(kek, recording.KEY_BYTES, "wrapping key")
    if len(wrapped) != recording.WRAPPED_KEY_BYTES:
        raise WrongKey
    try:
        return keywrap.aes_key_unwrap(kek, wrapped)
    except keywrap.InvalidUnwrap:
        raise WrongKey from None


def derive_file_secrets(
    world_secret: bytes, key_id: str, text_sha256: bytes = b""
) -> tuple[bytes, bytes]:
    """Work out key and salt of a file that is made only when asked for; (dek, salt).

    For tests: whoever knows the world's secret (at least 16 bytes) has every file of it. Two
    texts must never share key and salt: give the text's digest unless its name determines it.

    Source: REC-8.
    """
    if len(world_secret) < recording.KEY_BYTES:
        msg = f"a world's secret needs {recording.KEY_BYTES} bytes, not {len(world_secret)}"
        raise ValueError(msg)
    # the length in front keeps a digest from being read as the end of a name
    info = TEST_SECRETS_INFO + len(text_sha256).to_bytes(1, "big") + text_sha256 + key_id.encode()
    both = _hkdf(world_secret, None, info, recording.KEY_BYTES + recording.SALT_BYTES)
    return both[: recording.KEY_BYTES], both[recording.KEY_BYTES :]


# Sealed files


def seal(dek: bytes, salt: bytes, key_id: str, plain: Iterable[bytes]) -> Iterator[bytes]:
    """Seal a file piece by piece, whatever the sizes of the pieces; holds two records at most.

    Gives the header, then one record at a time. `dek` and `salt` are 16 random bytes each and
    serve one file only. The size is `recording.sealed_size`.

    Raises:
        ValueError: a key or salt of another length, a key id over 255 bytes.

    Source: REC-2, REC-3.
    """
    return encode(_bind(dek, key_id), salt, key_id.encode(), plain)


def seal_bytes(dek: bytes, salt: bytes, key_id: str, plain: bytes) -> bytes:
    """Seal a file that is in memory; see `seal`."""
    return b"".join(seal(dek, salt, key_id, [plain]))


def unseal(dek: bytes, key_id: str, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """Open a file piece by piece; gives verified plain text only, a record at a time.

    Raises:
        Damaged: at the first record that is not what was sealed, before any byte of it is given.

    Source: REC-3.
    """
    return decode(_bind(dek, key_id), key_id.encode(), sealed)


def encode(
    ikm: bytes,
    salt: bytes,
    key_id: bytes,
    plain: Iterable[bytes],
    *,
    record_bytes: int = RECORD_BYTES,
) -> Iterator[bytes]:
    """Write RFC 8188 without padding, from its own keying material; `seal` is the way in."""
    _need(salt, recording.SALT_BYTES, "salt")
    header = salt + _header(key_id, record_bytes)
    return _encode(_Body.keyed(ikm, salt), header, plain, record_bytes)


def decode(
    ikm: bytes,
    key_id: bytes,
    sealed: Iterable[bytes],
    *,
    record_bytes: int = RECORD_BYTES,
    padding: bool = False,
) -> Iterator[bytes]:
    """Read RFC 8188 from its own keying material; `unseal` is the way in.

    The header must name this key id and this record size: the format itself does not verify
    either. Zeros behind the delimiter are `padding`, which RFC 8188 has and our files do not.
    """
    header = _header(key_id, record_bytes)
    source = iter(sealed)
    head = bytearray()
    size = recording.SALT_BYTES + len(header)
    while len(head) < size and (piece := next(source, None)) is not None:
        head += piece
    if len(head) < size or head[recording.SALT_BYTES : size] != header:
        raise Damaged("header")
    body = _Body.keyed(ikm, bytes(head[: recording.SALT_BYTES]))
    rest = bytes(head[size:])
    for index, (record, last) in enumerate(_pieces(_chain(rest, source), record_bytes)):
        yield body.open(index, record, last=last, padding=padding)


@dataclass(frozen=True, slots=True)
class _Body:
    """The cipher of one body and the nonce of its first record."""

    cipher: AESGCM
    nonce: int

    @classmethod
    def keyed(cls, ikm: bytes, salt: bytes) -> Self:
        key = _hkdf(ikm, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(ikm, salt, b"Content-Encoding: nonce\0", 12)
        return cls(AESGCM(key), int.from_bytes(nonce, "big"))

    def seal(self, index: int, text: bytearray, *, last: bool) -> bytes:
        text += _delimiter(last=last)
        return self.cipher.encrypt(self._nonce(index), text, None)

    def open(self, index: int, record: bytearray, *, last: bool, padding: bool) -> bytes:
        try:
            text = self.cipher.decrypt(self._nonce(index), record, None)
        except InvalidTag:
            raise Damaged(f"record {index}") from None
        if padding:
            text = text.rstrip(b"\0")
        if text[-1:] != _delimiter(last=last):
            raise Damaged(f"end of record {index}")
        return text[:-1]

    def _nonce(self, index: int) -> bytes:
        return (self.nonce ^ index).to_bytes(12, "big")


def _encode(
    body: _Body, header: bytes, plain: Iterable[bytes], record_bytes: int
) -> Iterator[bytes]:
    yield header
    for index, (piece, last) in enumerate(_pieces(plain, record_bytes - OVERHEAD)):
        yield body.seal(index, piece, last=last)


def _bind(dek: bytes, key_id: str) -> bytes:
    """Tie a file's key to its name, so that swapped files or rows do not open: REC-3."""
    _need(dek, recording.KEY_BYTES, "file key")
    return _hkdf(dek, None, recording.INFO_PREFIX + key_id.encode(), recording.KEY_BYTES)


def _header(key_id: bytes, record_bytes: int) -> bytes:
    """Make what follows the salt; the length byte refuses a key id over 255 bytes."""
    if len(key_id) > recording.KEY_ID_MAX_BYTES:
        msg = f"a key id of {len(key_id)} bytes; {recording.KEY_ID_MAX_BYTES} fit"
        raise ValueError(msg)
    return record_bytes.to_bytes(4, "big") + bytes([len(key_id)]) + key_id


def _pieces(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytearray, bool]]:
    """Cut into pieces of `size` and say which is the last; nothing is one empty last piece.

    Each piece is a buffer of its own that the caller may write to.
    """
    held = bytearray()
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            if len(held) == size:  # something follows, so this one is not the last
                yield held, False
                held = bytearray()
            room = size - len(held)
            held += rest[:room]
            rest = rest[room:]
    yield held, True


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _delimiter(*, last: bool) -> bytes:
    return bytes([recording.DELIMITER_LAST if last else recording.DELIMITER_MORE])


# Frames of a session's channel


def seal_frame(key: bytes, iv: bytes, bound: bytes, plain: bytes) -> bytes:
    """Seal a message under a session's 16-byte key: IV, ciphertext, tag.

    `iv` is 12 random bytes, of which no two frames of a key may have the same; `bound` is what
    the frame is tied to.

    Source: CHAN-1.
    """
    _need(key, recording.KEY_BYTES, "session key")
    _need(iv, limits.CHANNEL_IV_BYTES, "frame's IV")
    return iv + AESGCM(key).encrypt(iv, plain, bound)


def open_frame(key: bytes, bound: bytes, frame: bytes) -> bytes:
    """Give back what `seal_frame` took.

    Raises:
        Damaged: it is not what was sealed, or not tied to this.

    Source: CHAN-1.
    """
    iv, rest = frame[: limits.CHANNEL_IV_BYTES], frame[limits.CHANNEL_IV_BYTES :]
    try:
        return AESGCM(key).decrypt(iv, rest, bound)
    except (InvalidTag, ValueError):
        raise Damaged("frame") from None


# Primitives


def _hkdf(secret: bytes, salt: bytes | None, info: bytes, size: int) -> bytes:
    return HKDF(SHA256(), size, salt, info).derive(secret)


def _need(value: bytes, size: int, what: str) -> None:
    if len(value) != size:
        msg = f"a {what} has {size} bytes, not {len(value)}"
        raise ValueError(msg)
