"""REC-3, REC-4: the decryptors of the manual are run as they stand on the page."""

import base64
import io
import re
import runpy
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from broker_sim.tests import recording_vectors
from broker_sim.tests.recording_tamperings import Json

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recordings.md"
VECTORS, FILES = recording_vectors.document()
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = {".py": [sys.executable], ".mjs": ["node"], ".sh": ["sh"]}
NEEDS = {".py": (), ".mjs": ("node",), ".sh": ("sh", "openssl", "od", "head", "tail", "cut")}
# one of each kind: starting a program for each of them all would take long
SPOILT = (
    "flipped: text of second record",
    "flipped: record size",
    "cut: to the header",
    "cut: to the second record",
    "swapped: first and second record",
    "appended: a zero",
    "another session's file, relabelled",
    "record size 00010001",
    "wrapping key: another",
)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay every named block of the page into a folder of its own."""
    folder = tmp_path_factory.mktemp("page")
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(script: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    for program in NEEDS[script.suffix]:
        if shutil.which(program) is None:
            pytest.fail(f"{script.name} cannot be run: install {program}")
    command = [*COMMANDS[script.suffix], str(script), *arguments]
    return subprocess.run(command, capture_output=True, timeout=30, check=False)


def hand_on(texts: Iterable[bytes], into: list[bytes]) -> None:
    for text in texts:
        into.append(text)  # noqa: PERF402  what came before an error is kept


def entry_named(name: str) -> Json:
    return next(entry for entry in VECTORS["files"] + VECTORS["tampered"] if entry["name"] == name)


def keys_of(entry: Json) -> tuple[bytes, bytes]:
    kek = VECTORS["wrapping_keys"][entry["wrapping_key"]]["kek"]
    return bytes.fromhex(entry["wrapped_key"]), bytes.fromhex(kek)


def unseal(script: Path, entry: Json, folder: Path) -> "subprocess.CompletedProcess[bytes]":
    sealed = folder / "sealed"
    sealed.write_bytes(FILES[entry["name"]])
    keys = (base64.b64encode(key).decode() for key in keys_of(entry))
    return run(script, str(sealed), entry["key_id"], *keys)


def opens_every_file(script: Path, folder: Path) -> None:
    for entry in VECTORS["files"]:
        done = unseal(script, entry, folder)

        assert (done.returncode, done.stderr) == (0, b""), entry["name"]
        assert done.stdout == recording_vectors.plain_of(entry["name"]), entry["name"]


def refuses_what_was_spoilt(script: Path, folder: Path) -> None:
    for entry in map(entry_named, SPOILT):
        done = unseal(script, entry, folder)

        assert done.returncode != 0, entry["name"]
        plain = recording_vectors.plain_of(entry["plain_of"])
        assert done.stdout == plain[: len(done.stdout)], entry["name"]
        assert len(done.stdout) <= entry["gives_at_most"], entry["name"]


def makes_the_wrapping_key(script: Path, *, normalise: bool = False) -> None:
    key = VECTORS["wrapping_keys"]["security"]
    typed = unicodedata.normalize("NFC", key["passphrase"]) if normalise else key["passphrase"]
    done = run(script, typed, base64.b64encode(bytes.fromhex(key["kdf_salt"])).decode())

    assert (done.returncode, done.stderr) == (0, b"")
    assert base64.b64decode(done.stdout).hex() == key["kek"]


def test_the_python_decryptor_opens_every_file(scripts: Path, tmp_path: Path) -> None:
    """REC-4: the right key opens the file."""
    opens_every_file(scripts / "unseal.py", tmp_path)


@pytest.mark.parametrize("entry", VECTORS["tampered"], ids=lambda entry: entry["name"])
def test_the_python_decryptor_refuses_every_tampering(scripts: Path, entry: Json) -> None:
    """REC-3: nothing of a damaged record is handed on."""
    decryptor: Any = runpy.run_path(str(scripts / "unseal.py"))["unseal"]
    sealed = io.BytesIO(FILES[entry["name"]])
    texts: list[bytes] = []

    with pytest.raises((ValueError, InvalidTag, InvalidUnwrap)):
        hand_on(decryptor(sealed, entry["key_id"], *keys_of(entry)), texts)

    given = b"".join(texts)
    assert given == recording_vectors.plain_of(entry["plain_of"])[: len(given)]
    assert len(given) <= entry["gives_at_most"]


def test_python_makes_the_wrapping_key(scripts: Path) -> None:
    """REC-4: a security key opens the file however its accents were typed."""
    makes_the_wrapping_key(scripts / "wrapping_key.py")


@pytest.mark.foreign
def test_the_javascript_decryptor_opens_every_file(scripts: Path, tmp_path: Path) -> None:
    """REC-4: the right key opens the file."""
    opens_every_file(scripts / "unseal.mjs", tmp_path)


@pytest.mark.foreign
def test_the_javascript_decryptor_refuses_what_was_spoilt(scripts: Path, tmp_path: Path) -> None:
    """REC-3: nothing of a damaged record is handed on."""
    refuses_what_was_spoilt(scripts / "unseal.mjs", tmp_path)


@pytest.mark.foreign
def test_javascript_makes_the_wrapping_key(scripts: Path) -> None:
    """REC-4: a security key opens the file however its accents were typed."""
    makes_the_wrapping_key(scripts / "wrapping_key.mjs")


@pytest.mark.foreign
def test_the_shell_decryptor_opens_every_file(scripts: Path, tmp_path: Path) -> None:
    """REC-4: the right key opens the file."""
    opens_every_file(scripts / "unseal.sh", tmp_path)


@pytest.mark.foreign
def test_the_shell_decryptor_skips_the_tag_check_as_the_page_says(
    scripts: Path, tmp_path: Path
) -> None:
    """REC-3: what the page warns of is true, so the warning has to stay."""
    entry = entry_named("flipped: text of second record")
    done = unseal(scripts / "unseal.sh", entry, tmp_path)
    plain = recording_vectors.plain_of(entry["plain_of"])

    assert done.returncode == 0
    assert len(done.stdout) == len(plain)
    assert sum(a != b for a, b in zip(done.stdout, plain, strict=True)) == 1
    assert "skips the tag check" in PAGE.read_text(encoding="utf-8")


@pytest.mark.foreign
def test_the_shell_makes_the_wrapping_key(scripts: Path) -> None:
    """REC-4: from a security key in NFC."""
    makes_the_wrapping_key(scripts / "wrapping_key.sh", normalise=True)
