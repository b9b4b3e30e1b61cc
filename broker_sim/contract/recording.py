"""The layout of a sealed file: numbers, names and arithmetic; no cipher.

A sealed file is an RFC 8188 `aes128gcm` body: a header that names the key, then records of
one size, the last one shorter or full. `docs/recordings.md` has the format on one page.

Source: REC-2, REC-3, REC-8.
"""

from dataclasses import dataclass
from typing import Final

# A record, in bytes: plain text, one delimiter, one tag
RECORD_BYTES: Final = 65_536
TAG_BYTES: Final = 16
DELIMITER_BYTES: Final = 1
PLAIN_BYTES_PER_RECORD: Final = RECORD_BYTES - DELIMITER_BYTES - TAG_BYTES

# The delimiter behind the plain text: more records follow, or this is the last
DELIMITER_MORE: Final = 1
DELIMITER_LAST: Final = 2

# The header, in bytes: salt, record size (4, big-endian), length of the key id (1), key id
SALT_BYTES: Final = 16
HEADER_BYTES_BEFORE_KEY_ID: Final = SALT_BYTES + 4 + 1
KEY_ID_MAX_BYTES: Final = 255

# Keys, in bytes: of a file, of a wrapping key, and a file's key once wrapped (RFC 3394)
KEY_BYTES: Final = 16
WRAPPED_KEY_BYTES: Final = KEY_BYTES + 8

# HKDF turns a file's key into the keying material of its body under this prefix and the key id
INFO_PREFIX: Final = b"g2a-recording\0"


@dataclass(frozen=True, slots=True)
class Scrypt:
    """The cost of scrypt (RFC 7914): `n` rounds, block size `r`, `p` lanes; 128 * n * r bytes."""

    n: int
    r: int
    p: int


# How a wrapping key is made, as the field `kdf` says it
KDF_DEFAULT_KEY: Final = "none"
KDF_SECURITY_KEY: Final = "scrypt-32768-8-1"
SECURITY_KEY_SCRYPT: Final = Scrypt(n=32_768, r=8, p=1)


def key_id(session_id: int, file_name: str) -> str:
    """Name the key of one file: its session and its name under REC-1, as in `17/session17.g2a`."""
    return f"{session_id}/{file_name}"


def sealed_size(plain_bytes: int, key_id_bytes: int) -> int:
    """Size of a file once sealed, in bytes; an empty one still has one record.

    Raises:
        ValueError: a negative size, or a key id longer than its length byte can say.

    Source: REC-3.
    """
    if plain_bytes < 0 or not 0 <= key_id_bytes <= KEY_ID_MAX_BYTES:
        msg = f"no such file: {plain_bytes} bytes under a key id of {key_id_bytes} bytes"
        raise ValueError(msg)
    records = max(1, -(-plain_bytes // PLAIN_BYTES_PER_RECORD))
    header = HEADER_BYTES_BEFORE_KEY_ID + key_id_bytes
    return header + plain_bytes + records * (DELIMITER_BYTES + TAG_BYTES)
