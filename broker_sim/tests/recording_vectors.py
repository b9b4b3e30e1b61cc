"""Write `fixtures/recordings/vectors.json`: sealed files and tampered ones, with what must happen.

    python -m broker_sim.tests.recording_vectors            rewrite the vectors
    python -m broker_sim.tests.recording_vectors FOLDER     and write each file into FOLDER

A test fails while the vectors on disk are not what this writes.
"""

import argparse
import hashlib
import json
import re
from pathlib import Path
from typing import Final

from broker_sim.adapters import vault
from broker_sim.contract import recording
from broker_sim.tests.recording_tamperings import Json, assemble, tampered

PATH: Final = Path(__file__).resolve().parents[2] / "fixtures" / "recordings" / "vectors.json"
ABOUT: Final = "Sealed recordings and what a reader must make of them; README.md says how to read."
FULL: Final = recording.PLAIN_BYTES_PER_RECORD
INLINE_MAX_BYTES: Final = 256

# The two examples of RFC 8188, sections 3.1 and 3.2; the second has a padded record
RFC_8188: Final[list[Json]] = [
    {
        "name": "RFC 8188, 3.1",
        "ikm": "caa76567eb587a67e88129afed6b393d",
        "key_id": "",
        "record_bytes": 4096,
        "padded": False,
        "plain": b"I am the walrus".hex(),
        "sealed": "23506cc6d16db65bf7bbf3a8f78c679b0000100000f8d015b9bdaa160044b902916a9a19"
        "bbe231908bdadcc101d4f0fe972f138638",
    },
    {
        "name": "RFC 8188, 3.2",
        "ikm": "04edd954fc549672ce45b5463296d3d5",
        "key_id": "a1",
        "record_bytes": 25,
        "padded": True,
        "plain": b"I am the walrus".hex(),
        "sealed": "b8d0a45a2358cca4e704df638b7faa5800000019026131ce1bc721cff827be03aa746628"
        "bf1ca3baa4722458c40f2a05d45be48fa8503dd3c7239d4e114284a60cf74ac2d622a4bfb8",
    },
]

# The passphrase holds u + combining diaeresis: what is derived is its NFC form
PASSPHRASE: Final = "Gru\u0308ne Scheune 17"
KDF_SALT: Final = bytes(range(0x40, 0x50))
A, B = 12012692, 12012693

# name, key id, wrapping key, plain text: bytes as they are, or how many drawn from the name
FILES: Final[list[tuple[str, str, str, bytes | int]]] = [
    ("empty", f"{A}/chatTranscript{A}.txt", "default", b""),
    ("one byte", f"{A}/remoteDiagnostics.txt", "default", b"\x2a"),
    ("text", f"{A}/session{A}.properties", "default", "Größe=3 µm\n".encode()),
    ("text of zeros", f"{B}/remoteDiagnostics.txt", "default", bytes(20)),
    ("one record", f"{B}/remoteScreen{B}.g2a", "default", FULL),
    ("one record and one byte", f"{A}/remoteScreen{A}.g2a", "default", FULL + 1),
    ("three records", f"{A}/localScreen{A}.g2a", "default", 2 * FULL + 100),
    ("three records of another session", f"{B}/localScreen{B}.g2a", "default", 2 * FULL + 100),
    ("same secrets, another name", f"{A}/localScreen{A + 1}.g2a", "default", 2 * FULL + 100),
    ("security key", f"{B}/chatTranscript{B}.txt", "security", b"Who goes there?\n"),
]
SECRETS_OF: Final = {"same secrets, another name": "three records"}


def drawn(seed: str, size: int) -> bytes:
    """Draw plain text: SHA-256 of the seed and a counter (8 bytes, big-endian), block by block."""
    blocks = (
        hashlib.sha256(seed.encode() + index.to_bytes(8, "big")).digest()
        for index in range(-(-size // 32))
    )
    return b"".join(blocks)[:size]


def wrapping_keys() -> dict[str, Json]:
    kek = vault.derive_kek(PASSPHRASE, KDF_SALT)
    return {
        "default": {"kdf": recording.KDF_DEFAULT_KEY, "kek": drawn("default key", 16).hex()},
        "another": {"kdf": recording.KDF_DEFAULT_KEY, "kek": drawn("another key", 16).hex()},
        "security": {
            "kdf": recording.KDF_SECURITY_KEY,
            "passphrase": PASSPHRASE,
            "kdf_salt": KDF_SALT.hex(),
            "kek": kek.hex(),
        },
    }


def plain_of(name: str) -> bytes:
    """Plain text of one of our files."""
    given = next(plain for file, _, _, plain in FILES if file == name)
    return given if isinstance(given, bytes) else drawn(name, given)


def sealed_file(name: str, key_id: str, key: str, keks: dict[str, Json]) -> tuple[Json, bytes]:
    seed = SECRETS_OF.get(name, name)
    dek, salt = drawn(f"key of {seed}", 16), drawn(f"salt of {seed}", 16)
    plain = plain_of(name)
    sealed = vault.seal_bytes(dek, salt, key_id, plain)
    entry: Json = {
        "name": name,
        "key_id": key_id,
        "wrapping_key": key,
        "wrapped_key": vault.wrap(bytes.fromhex(keks[key]["kek"]), dek).hex(),
        "dek": dek.hex(),
        "salt": salt.hex(),
        "plain": _content(plain, seed=name),
        "sealed": _content(sealed, seed=None),
    }
    return entry, sealed


def document() -> tuple[Json, dict[str, bytes]]:
    """Make the vectors, and the bytes of every sealed and tampered file by name."""
    keks = wrapping_keys()
    made = [sealed_file(name, key_id, key, keks) for name, key_id, key, _ in FILES]
    entries = {entry["name"]: entry for entry, _ in made}
    files = {entry["name"]: sealed for entry, sealed in made}
    spoilt = list(tampered(entries, files))
    files |= {entry["name"]: assemble(entry["parts"], files) for entry in spoilt}
    vectors = {
        "about": ABOUT,
        "wrapping_keys": keks,
        "rfc8188": RFC_8188,
        "files": list(entries.values()),
        "tampered": spoilt,
    }
    return vectors, files


def _content(data: bytes, seed: str | None) -> Json:
    content: Json = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if len(data) <= INLINE_MAX_BYTES:
        return {**content, "hex": data.hex()}
    return content if seed is None else {**content, "seed": seed}


def main() -> None:
    """Rewrite the vectors; write the files too if a folder is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="write each sealed file here too")
    folder: Path | None = parser.parse_args().folder
    vectors, files = document()
    PATH.write_text(text_of(vectors), encoding="ascii")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / re.sub(r"\W+", "-", name).strip("-")).write_bytes(data)


def text_of(vectors: Json) -> str:
    """Give the vectors as they lie on disk."""
    return json.dumps(vectors, indent=1) + "\n"


if __name__ == "__main__":
    main()
