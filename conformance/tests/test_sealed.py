"""REC-3, REC-4: the suites' own reader sees every tampering, so that it can accuse a broker."""

import hashlib
import json
import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance import sealed
from conformance.sealed import Damaged
from conformance.tests.sealing import (
    TEXT_PER_RECORD,
    VECTORS,
    Json,
    Spoilt,
    assembled,
    drawn,
    keys_of,
    plain_of,
    seal,
    sealed_of,
    spoilings,
    wrap,
)

ROOT = Path(str(resources.files("conformance"))).parent
FILES = {entry["name"]: sealed_of(entry) for entry in VECTORS["files"]}
KEY_ID = "12012692/remoteScreen12012692.g2a"
HEADER = 21 + len(KEY_ID)
DEK, SALT, KEK = b"k" * 16, b"s" * 16, b"w" * 16
WRAPPED = wrap(KEK, DEK)
PLAIN = drawn("plain", 2 * TEXT_PER_RECORD + 40)
SEALED = seal(DEK, SALT, KEY_ID, PLAIN)
OTHERS = (
    seal(DEK, SALT, "12012693/remoteScreen12012693.g2a", PLAIN),
    seal(KEK, SALT, KEY_ID, PLAIN[::-1]),
)
spoilt = spoilings(SEALED, HEADER, OTHERS)
RECORDS = [SEALED[at : at + 65_536] for at in range(HEADER, len(SEALED), 65_536)]


@pytest.mark.parametrize("entry", VECTORS["files"], ids=lambda entry: entry["name"])
def test_a_sealed_file_opens(entry: Json) -> None:
    """REC-4: and it is the file that the vectors mean."""
    data = FILES[entry["name"]]
    opened = sealed.open_sealed(data, entry["key_id"], *keys_of(entry))

    assert hashlib.sha256(data).hexdigest() == entry["sealed"]["sha256"]
    assert opened == plain_of(entry)


@pytest.mark.parametrize("entry", VECTORS["tampered"], ids=lambda entry: entry["name"])
def test_every_tampering_of_the_vectors_is_found(entry: Json) -> None:
    """REC-3: nothing of the file comes out."""
    with pytest.raises(Damaged) as caught:
        sealed.open_sealed(assembled(entry, FILES), entry["key_id"], *keys_of(entry))

    assert caught.value.reason == str(caught.value) != ""


@pytest.mark.parametrize("example", VECTORS["rfc8188"], ids=lambda example: example["name"])
def test_the_examples_of_the_rfc_open(example: Json) -> None:
    """REC-3: the format is the public one, padding included."""
    data = bytes.fromhex(example["sealed"])
    header = sealed.read_header(data)
    records = sealed.read_records(data, bytes.fromhex(example["ikm"]))

    assert header.key_id == example["key_id"].encode()
    assert header.record_size == example["record_bytes"]
    assert sealed.joined(records).hex() == example["plain"]
    assert any(record.padding for record in records) is example["padded"]


@given(spoilt=spoilt)
def test_nothing_that_was_tampered_with_opens(spoilt: Spoilt) -> None:
    """REC-3: whatever is changed, cut, added, reordered or taken from another file."""
    with pytest.raises(Damaged):
        sealed.open_sealed(spoilt.data, KEY_ID, WRAPPED, KEK)


@given(size=st.integers(0, len(PLAIN)) | st.sampled_from([0, 1, 65_518, 65_519, 65_520]))
def test_whatever_its_size_a_file_opens(size: int) -> None:
    """REC-4: every byte, zeros at the end included."""
    plain = PLAIN[:size] + bytes(size % 3)
    data = seal(DEK, SALT, KEY_ID, plain)

    assert sealed.open_sealed(data, KEY_ID, WRAPPED, KEK) == plain


@given(other=st.binary(min_size=16, max_size=16), at=st.integers(0, 23), mask=st.integers(1, 255))
def test_neither_another_key_nor_a_changed_wrapped_key_opens(
    other: bytes, at: int, mask: int
) -> None:
    """REC-4: any other key fails cleanly."""
    assume(other != KEK)
    changed = WRAPPED[:at] + bytes([WRAPPED[at] ^ mask]) + WRAPPED[at + 1 :]

    for wrapped, kek in ((WRAPPED, other), (changed, KEK)):
        with pytest.raises(Damaged, match="does not open under this key"):
            sealed.unwrap_key(wrapped, kek)


def test_a_padded_file_is_not_ours() -> None:
    """REC-3: a range of it would be the wrong bytes, so no broker may send one."""
    padded = seal(DEK, SALT, KEY_ID, b"text", padding=3)

    with pytest.raises(Damaged, match="padded"):
        sealed.open_sealed(padded, KEY_ID, WRAPPED, KEK)


def test_a_file_that_goes_on_behind_its_last_record_is_found() -> None:
    """REC-3: each record verifies, but the first says that it is the last."""
    ended = seal(DEK, SALT, KEY_ID, PLAIN[:TEXT_PER_RECORD])

    with pytest.raises(Damaged, match="record 0 of 3 has delimiter 2"):
        sealed.open_sealed(ended + RECORDS[1] + RECORDS[2], KEY_ID, WRAPPED, KEK)


@pytest.mark.parametrize("size", [0, 1, 17])
def test_a_record_size_without_room_for_text_is_found(size: int) -> None:
    """REC-3: RFC 8188, 2.1."""
    with pytest.raises(Damaged, match="too small"):
        sealed.read_records(SEALED[:16] + size.to_bytes(4, "big") + SEALED[20:], DEK)


@pytest.mark.parametrize("size", [0, 8, 16, 32])
def test_a_wrapped_key_of_another_length_is_named(size: int) -> None:
    """REC-8: AES-128 wrapped is 24 bytes."""
    with pytest.raises(Damaged, match=f"of {size} bytes"):
        sealed.unwrap_key(bytes(size), KEK)


def test_unwrapping_is_that_of_the_rfc() -> None:
    """REC-8: RFC 3394, 4.1."""
    kek = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
    wrapped = bytes.fromhex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")

    assert sealed.unwrap_key(wrapped, kek).hex() == "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize("typed", ["Gr\u00fcne Scheune 17", "Gru\u0308ne Scheune 17"])
def test_a_security_key_opens_however_its_accents_were_typed(typed: str) -> None:
    """REC-4: composed and decomposed are the same key."""
    security = VECTORS["wrapping_keys"]["security"]

    assert sealed.derive_kek(typed, bytes.fromhex(security["kdf_salt"])).hex() == security["kek"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (SEALED[:HEADER], "no record"),
        (SEALED[: HEADER - 1], "ends within its header"),
        (SEALED[: HEADER + 65_536], "record 0 of 1 has delimiter 1"),
        (SEALED[:HEADER] + RECORDS[1] + RECORDS[0], "a record does not verify"),
        (SEALED[:16] + b"\x00\x01\x00\x01" + SEALED[20:], "record size 65537, not 65536"),
        (OTHERS[0], "another key id"),
    ],
)
def test_the_reason_tells_what_is_wrong(data: bytes, reason: str) -> None:
    """REC-3: the report quotes it."""
    with pytest.raises(Damaged, match=reason):
        sealed.open_sealed(data, KEY_ID, WRAPPED, KEK)


MANUAL = (ROOT / "docs/channel.md").read_text(encoding="utf-8")
VECTOR = json.loads(re.findall(r"```json\n(.*?)```", MANUAL, re.DOTALL)[0])
FRAME_KEY, FRAME = bytes.fromhex(VECTOR["key"]), bytes.fromhex(VECTOR["frame"])
BOUND = "{sessionId}/{party}/{source}/{n}".format_map(VECTOR).encode()


def test_a_frame_is_as_the_manual_has_it() -> None:
    """CHAN-1: byte by byte, to write and to read."""
    iv, plain = bytes.fromhex(VECTOR["iv"]), VECTOR["plain"].encode()

    assert sealed.seal_frame(FRAME_KEY, BOUND, iv, plain) == FRAME
    assert sealed.open_frame(FRAME_KEY, BOUND, FRAME) == plain


@given(at=st.integers(0, len(FRAME) - 1), bit=st.integers(0, 7))
def test_a_changed_frame_does_not_open(at: int, bit: int) -> None:
    """CHAN-1: any bit of IV, text or tag."""
    changed = FRAME[:at] + bytes([FRAME[at] ^ (1 << bit)]) + FRAME[at + 1 :]

    with pytest.raises(Damaged):
        sealed.open_frame(FRAME_KEY, BOUND, changed)


@pytest.mark.parametrize(
    ("key", "bound", "frame"),
    [
        (FRAME_KEY, BOUND + b"0", FRAME),
        (FRAME_KEY[::-1], BOUND, FRAME),
        (FRAME_KEY * 2, BOUND, FRAME),
        (FRAME_KEY, BOUND, FRAME[:28]),
        (FRAME_KEY, BOUND, b""),
    ],
)
def test_a_frame_of_another_place_or_key_does_not_open(
    key: bytes, bound: bytes, frame: bytes
) -> None:
    """CHAN-1: nor one that is cut, nor under a key of another length."""
    with pytest.raises(Damaged):
        sealed.open_frame(key, bound, frame)
