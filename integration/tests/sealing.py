"""Sealed files for the client's tests: a writer of its own, and the vectors.

The broker is not imported: this seals from the page of the manual (`docs/recordings.md`), and the
vectors tell whether it does so rightly.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from hypothesis import assume
from hypothesis import strategies as st

Json: TypeAlias = dict[str, Any]

RECORD: Final = 65_536
FULL: Final = RECORD - 17
FOLDER: Final = Path(__file__).resolve().parents[2] / "fixtures" / "recordings"
VECTORS: Final[Json] = json.loads((FOLDER / "vectors.json").read_text(encoding="ascii"))


def seal(dek: bytes, salt: bytes, key_id: str, plain: bytes) -> bytes:
    """Seal a file in memory."""
    name = key_id.encode()
    ikm = HKDF(SHA256(), 16, None, b"g2a-recording\0" + name).derive(dek)
    cipher = AESGCM(HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(ikm))
    nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(ikm)
    parts = [salt, RECORD.to_bytes(4, "big"), bytes([len(name)]), name]
    for at in range(0, len(plain) or 1, FULL):
        index = (at // FULL).to_bytes(12, "big")
        here = bytes(a ^ b for a, b in zip(nonce, index, strict=True))
        delimiter = b"\1" if at + FULL < len(plain) else b"\2"
        parts.append(cipher.encrypt(here, plain[at : at + FULL] + delimiter, None))
    return b"".join(parts)


def wrap(kek: bytes, dek: bytes) -> bytes:
    """Wrap a file's key."""
    return aes_key_wrap(kek, dek)


def drawn(seed: str, size: int) -> bytes:
    """Draw plain text as the vectors do."""
    blocks = (
        hashlib.sha256(seed.encode() + number.to_bytes(8, "big")).digest()
        for number in range(size // 32 + 1)
    )
    return b"".join(blocks)[:size]


def plain_of(entry: Json) -> bytes:
    """Give the plain text of one of the vectors' files."""
    plain = entry["plain"]
    if "hex" in plain:
        return bytes.fromhex(plain["hex"])
    return drawn(plain["seed"], plain["bytes"])


def sealed_files() -> dict[str, bytes]:
    """Seal every file of the vectors, by name."""
    return {
        entry["name"]: seal(
            bytes.fromhex(entry["dek"]),
            bytes.fromhex(entry["salt"]),
            entry["key_id"],
            plain_of(entry),
        )
        for entry in VECTORS["files"]
    }


def kek_of(entry: Json) -> bytes:
    """Give the wrapping key that an entry names."""
    return bytes.fromhex(VECTORS["wrapping_keys"][entry["wrapping_key"]]["kek"])


def assemble(entry: Json, files: dict[str, bytes]) -> bytes:
    """Put a tampered file together from the parts that its entry names."""
    return b"".join(_bytes_of(part, files) for part in entry["parts"])


class Spoilt:
    """A file that was tampered with, and how; no dataclass, so that it is shown without bytes."""

    def __init__(self, data: bytes, how: str) -> None:
        self.data = data
        self.how = how

    def __repr__(self) -> str:
        return f"<{self.how}>"


def spoilings(sealed: bytes, header: int, others: Sequence[bytes]) -> st.SearchStrategy[Spoilt]:
    """Change, cut, lengthen, reorder or splice a sealed file; near its borders more often."""
    size = len(sealed)
    borders = st.sampled_from([0, 16, 20, 21, *range(header, size, RECORD), size - 17, size])
    near = st.builds(lambda border, by: min(max(0, border + by), size), borders, st.integers(-1, 1))
    place = near | st.integers(0, size)
    records = [sealed[at : at + RECORD] for at in range(header, size, RECORD)]
    chosen = st.lists(st.sampled_from(range(len(records))), max_size=4)

    @st.composite
    def spoilt(draw: st.DrawFn) -> Spoilt:
        start, stop = sorted((draw(place), draw(place)))
        extra = draw(st.binary(min_size=1, max_size=20))
        other = others[draw(st.integers(0, len(others) - 1))]
        ways = {
            "changed": sealed[:start] + extra + sealed[start + len(extra) :],
            "lengthened": sealed[:start] + extra + sealed[start:],
            "cut": sealed[:start],
            "part dropped": sealed[:start] + sealed[stop:],
            "part twice": sealed[:stop] + sealed[start:],
            "part of another": sealed[:start] + other[start:stop] + sealed[stop:],
            "head of another": other[:start] + sealed[start:],
            "records rearranged": sealed[:header] + b"".join(records[n] for n in draw(chosen)),
        }
        how = draw(st.sampled_from(sorted(ways)))
        assume(ways[how] != sealed)
        return Spoilt(ways[how], f"{how}: from {start} to {stop}")

    return spoilt()


def _bytes_of(part: Json, files: dict[str, bytes]) -> bytes:
    if "hex" in part:
        return bytes.fromhex(part["hex"])
    mask = part.get("xor", 0)
    piece = files[part["of"]][slice(*part["slice"])]
    return bytes(byte ^ mask for byte in piece) if mask else piece
