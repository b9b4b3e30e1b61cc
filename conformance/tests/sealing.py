"""Sealed files for the suites' own tests: a writer from the RFCs' text, and the vectors."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB, GCM
from hypothesis import assume
from hypothesis import strategies as st

Json: TypeAlias = dict[str, Any]

RECORD: Final = 65_536
TEXT_PER_RECORD: Final = RECORD - 17
FOLDER: Final = Path(__file__).resolve().parents[2] / "fixtures" / "recordings"
VECTORS: Final[Json] = json.loads((FOLDER / "vectors.json").read_text(encoding="ascii"))


def seal(dek: bytes, salt: bytes, key_id: str, plain: bytes, *, padding: int = 0) -> bytes:
    """Seal a file in memory: RFC 8188, section 2; `padding` zeros end its last record."""
    name = key_id.encode("utf-8")
    ikm = _hkdf(bytes(32), dek, b"g2a-recording\x00" + name)[:16]
    key = _hkdf(salt, ikm, b"Content-Encoding: aes128gcm\x00")[:16]
    nonce = int.from_bytes(_hkdf(salt, ikm, b"Content-Encoding: nonce\x00")[:12], "big")
    texts = [plain[at : at + TEXT_PER_RECORD] for at in range(0, len(plain), TEXT_PER_RECORD)]
    *before, last = texts or [b""]
    marked = [*(text + b"\x01" for text in before), last + b"\x02" + bytes(padding)]
    records = [
        _gcm(key, (nonce ^ index).to_bytes(12, "big"), text) for index, text in enumerate(marked)
    ]
    return salt + b"\x00\x01\x00\x00" + bytes([len(name)]) + name + b"".join(records)


def wrap(kek: bytes, dek: bytes) -> bytes:
    """Wrap a 16-byte key: RFC 3394, 2.2.1."""
    block = Cipher(AES128(kek), ECB()).encryptor()
    check, parts = bytes.fromhex("A6A6A6A6A6A6A6A6"), [dek[:8], dek[8:]]
    for step in range(1, 13):
        mixed = block.update(check + parts[0])
        check = (int.from_bytes(mixed[:8], "big") ^ step).to_bytes(8, "big")
        parts = [parts[1], mixed[8:]]
    return check + b"".join(parts)


def drawn(seed: str, size: int) -> bytes:
    """Draw plain text as the vectors do."""
    text = b""
    while len(text) < size:
        text += hashlib.sha256(seed.encode() + (len(text) // 32).to_bytes(8, "big")).digest()
    return text[:size]


def plain_of(entry: Json) -> bytes:
    """Give the plain text of one of the vectors' files."""
    plain = entry["plain"]
    return bytes.fromhex(plain["hex"]) if "hex" in plain else drawn(plain["seed"], plain["bytes"])


def sealed_of(entry: Json) -> bytes:
    """Seal one of the vectors' files."""
    dek, salt = bytes.fromhex(entry["dek"]), bytes.fromhex(entry["salt"])
    return seal(dek, salt, entry["key_id"], plain_of(entry))


def keys_of(entry: Json) -> tuple[bytes, bytes]:
    """Give an entry's wrapped key and the wrapping key that it names."""
    kek = VECTORS["wrapping_keys"][entry["wrapping_key"]]["kek"]
    return bytes.fromhex(entry["wrapped_key"]), bytes.fromhex(kek)


def assembled(entry: Json, files: dict[str, bytes]) -> bytes:
    """Put a tampered file together from the parts that its entry names."""
    return b"".join(
        bytes.fromhex(part["hex"]) if "hex" in part else _slice(part, files)
        for part in entry["parts"]
    )


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


def _slice(part: Json, files: dict[str, bytes]) -> bytes:
    piece = files[part["of"]][slice(*part["slice"])]
    return bytes(byte ^ part["xor"] for byte in piece) if "xor" in part else piece


def _gcm(key: bytes, nonce: bytes, text: bytes) -> bytes:
    sealer = Cipher(AES128(key), GCM(nonce)).encryptor()
    return sealer.update(text) + sealer.finalize() + sealer.tag


def _hkdf(salt: bytes, secret: bytes, info: bytes) -> bytes:
    """One block of HKDF-SHA256: RFC 5869."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")
