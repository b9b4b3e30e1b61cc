"""REC-3, REC-4: the client hands on nothing that it has not verified."""

import hashlib
import io
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from integration.errors import Distrust
from integration.tests.sealing import (
    FULL,
    VECTORS,
    Json,
    Spoilt,
    assemble,
    drawn,
    kek_of,
    plain_of,
    seal,
    sealed_files,
    spoilings,
    wrap,
)
from integration.wire import unseal
from integration.wire.unseal import WrongKey

FILES = sealed_files()
PLAINS = {entry["name"]: plain_of(entry) for entry in VECTORS["files"]}
KEY_ID = "12012692/localScreen12012692.g2a"
HEADER = 21 + len(KEY_ID)
DEK, SALT, KEK = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
WRAPPED = wrap(KEK, DEK)

# Three records, the same secrets under another name, and another text under this name
PLAIN = drawn("plain", 2 * FULL + 40)
SEALED = seal(DEK, SALT, KEY_ID, PLAIN)
OTHERS = (
    seal(DEK, SALT, "12012693/localScreen12012693.g2a", PLAIN),
    seal(KEK, SALT, KEY_ID, PLAIN[::-1]),
)

lengths = st.integers(0, 3 * FULL) | st.sampled_from([0, 1, FULL - 1, FULL, FULL + 1])
spoilt = spoilings(SEALED, HEADER, OTHERS)
offsets = lengths | st.sampled_from([len(PLAIN) - 1, len(PLAIN), len(PLAIN) + 1, 2 * FULL])


class Dribble:
    """A response that gives at most `most` bytes at a time, whatever it is asked for."""

    def __init__(self, data: bytes, most: int) -> None:
        self.data = io.BytesIO(data)
        self.most = most

    def read(self, size: int, /) -> bytes:
        return self.data.read(min(size, self.most))


def intact(sealed: bytes) -> int:
    """Plain bytes of the whole records before the first byte that is not as it was sealed."""
    low, high = 0, min(len(sealed), len(SEALED) - 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sealed[:middle] == SEALED[:middle] else (low, middle - 1)
    return max(0, (low - HEADER) // 65_536) * FULL


def hand_on(texts: Iterable[bytes], into: list[bytes]) -> None:
    for text in texts:
        into.append(text)  # noqa: PERF402  what came before an error is kept


def _read(entry: Json, sealed: bytes, into: list[bytes]) -> None:
    wrapped = bytes.fromhex(entry["wrapped_key"])
    hand_on(unseal.unseal(io.BytesIO(sealed), entry["key_id"], wrapped, kek_of(entry)), into)


@pytest.mark.parametrize("entry", VECTORS["files"], ids=lambda entry: entry["name"])
def test_a_sealed_file_opens(entry: Json) -> None:
    """REC-4: and it is the file that the vectors mean."""
    sealed, texts = FILES[entry["name"]], list[bytes]()
    _read(entry, sealed, texts)

    assert hashlib.sha256(sealed).hexdigest() == entry["sealed"]["sha256"]
    assert b"".join(texts) == PLAINS[entry["name"]]
    assert hashlib.sha256(b"".join(texts)).hexdigest() == entry["plain"]["sha256"]


@pytest.mark.parametrize("entry", VECTORS["tampered"], ids=lambda entry: entry["name"])
def test_every_tampering_is_found_before_its_damage_is_handed_on(entry: Json) -> None:
    """REC-3: the vectors."""
    texts: list[bytes] = []

    with pytest.raises(Distrust):
        _read(entry, assemble(entry, FILES), texts)

    handed_on = b"".join(texts)
    assert handed_on == PLAINS[entry["plain_of"]][: len(handed_on)]
    assert len(handed_on) <= entry["gives_at_most"]


@pytest.mark.parametrize("example", VECTORS["rfc8188"], ids=lambda example: example["name"])
def test_the_examples_of_the_rfc_open(example: Json) -> None:
    """REC-3: the format is the public one; padding opens only where it is allowed."""
    sealed, ikm = bytes.fromhex(example["sealed"]), bytes.fromhex(example["ikm"])
    key_id, size, padded = example["key_id"].encode(), example["record_bytes"], example["padded"]
    texts = unseal.open_records(io.BytesIO(sealed), ikm, key_id, record_bytes=size, padding=padded)

    assert b"".join(texts).hex() == example["plain"]
    if padded:
        strict = unseal.open_records(io.BytesIO(sealed), ikm, key_id, record_bytes=size)
        with pytest.raises(Distrust, match="does not end"):
            list(strict)


@given(spoilt=spoilt, most=st.sampled_from([1_000, 65_536, 200_000]))
def test_no_byte_of_a_damaged_record_is_handed_on(spoilt: Spoilt, most: int) -> None:
    """REC-3: whatever is changed, cut, added, reordered or taken from another file."""
    texts: list[bytes] = []

    with pytest.raises(Distrust):
        hand_on(unseal.unseal(Dribble(spoilt.data, most), KEY_ID, WRAPPED, KEK), texts)

    handed_on = b"".join(texts)
    assert handed_on == PLAIN[: len(handed_on)]
    assert len(handed_on) <= intact(spoilt.data)


@given(size=lengths, most=st.integers(1_000, 100_000))
def test_a_response_that_dribbles_opens_as_a_whole_one(size: int, most: int) -> None:
    """REC-3, C-NET-2: a short read is not an end."""
    plain = PLAIN[:size]
    sealed = seal(DEK, SALT, KEY_ID, plain)

    assert b"".join(unseal.unseal(Dribble(sealed, most), KEY_ID, WRAPPED, KEK)) == plain


@given(size=lengths, offset=offsets, length=lengths)
def test_a_range_is_a_slice(size: int, offset: int, length: int) -> None:
    """REC-6: past the end as well."""
    plain = PLAIN[:size]
    sealed = seal(DEK, SALT, KEY_ID, plain)

    assert _range(sealed, offset, length, len(sealed)) == plain[offset : offset + length]


@given(spoilt=spoilt, offset=offsets, length=lengths)
def test_a_range_is_right_or_refused(spoilt: Spoilt, offset: int, length: int) -> None:
    """REC-3: even where the size that is named is that of the tampered file."""
    try:
        given_on = _range(spoilt.data, offset, length, len(spoilt.data))
    except Distrust:
        return

    assert given_on == PLAIN[offset : offset + length]


@given(spoilt=spoilt, offset=offsets, length=lengths)
def test_a_range_of_a_file_of_another_size_is_refused(
    spoilt: Spoilt, offset: int, length: int
) -> None:
    """REC-3: a range cannot see a missing end, so it compares the size."""
    assume(len(spoilt.data) != len(SEALED))

    with pytest.raises(Distrust, match="the broker says"):
        _range(spoilt.data, offset, length, len(SEALED))


@pytest.mark.parametrize("size", [HEADER, HEADER + 16, HEADER + 65_536 + 16])
def test_a_range_of_a_file_that_ends_within_a_tag_is_refused(size: int) -> None:
    """REC-3: no sealed file has such a size, so the first record is not given either."""
    with pytest.raises(Distrust, match="whole records"):
        _range(SEALED[:size], 0, 1, size)


@pytest.mark.parametrize(("offset", "length"), [(len(PLAIN), 1), (10**9, 1), (0, 10**9)])
def test_a_range_that_meets_the_end_verifies_it(offset: int, length: int) -> None:
    """REC-3: "there is no more" is said of a verified last record only."""
    damaged = SEALED[:-1] + bytes([SEALED[-1] ^ 1])

    assert _range(SEALED, offset, length, len(SEALED)) == PLAIN[offset : offset + length]
    with pytest.raises(Distrust, match="record 2"):
        _range(damaged, offset, length, len(damaged))


def test_a_file_that_goes_on_behind_its_last_record_is_refused() -> None:
    """REC-3: each record verifies, but the first says that it is the last."""
    ended = seal(DEK, SALT, KEY_ID, PLAIN[:FULL])
    joined = io.BytesIO(ended + SEALED[len(ended) :])

    with pytest.raises(Distrust, match="record 0"):
        next(iter(unseal.unseal(joined, KEY_ID, WRAPPED, KEK)))


def _range(sealed: bytes, offset: int, length: int, size: int) -> bytes:
    return unseal.read_range(
        io.BytesIO(sealed), KEY_ID, WRAPPED, KEK, offset=offset, length=length, sealed_size=size
    )


def test_a_range_reads_the_header_and_its_records_only() -> None:
    """REC-6: a click on the slider must not read the file up to there."""
    reads: list[tuple[int, int]] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            reads.append((self.tell(), size or 0))
            return super().read(size)

    unseal.read_range(
        Watched(SEALED),
        KEY_ID,
        WRAPPED,
        KEK,
        offset=FULL + 10,
        length=100,
        sealed_size=len(SEALED),
    )

    assert reads == [(0, HEADER), (HEADER + 65_536, 65_536)]


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, -1)])
def test_a_range_below_nothing_is_our_mistake(offset: int, length: int) -> None:
    """REC-6: a slice would count from the end."""
    with pytest.raises(ValueError, match="not a range"):
        _range(SEALED, offset, length, len(SEALED))


@given(other=st.binary(min_size=16, max_size=16))
def test_another_key_fails_cleanly(other: bytes) -> None:
    """REC-4: told apart from a damaged file, and before anything is read."""
    assume(other != KEK)
    source = io.BytesIO(SEALED)

    with pytest.raises(WrongKey):
        unseal.unseal(source, KEY_ID, WRAPPED, other)

    assert source.tell() == 0


@pytest.mark.parametrize("size", [0, 15, 24, 32])
def test_a_wrapping_key_of_another_length_is_our_mistake(size: int) -> None:
    """REC-4: AES-128 it is; a longer key must not open anything."""
    with pytest.raises(ValueError, match="has 16 bytes"):
        unseal.unseal(io.BytesIO(SEALED), KEY_ID, WRAPPED, bytes(size))


def test_a_wrapped_key_of_another_length_is_not_a_file_key() -> None:
    """REC-3: wrapped under the right key, but not what the broker wraps."""
    with pytest.raises(Distrust, match="not a file's key"):
        unseal.unseal(io.BytesIO(SEALED), KEY_ID, wrap(KEK, bytes(32)), KEK)


@pytest.mark.parametrize("typed", ["Gr\u00fcne Scheune 17", "Gru\u0308ne Scheune 17"])
def test_a_security_key_opens_however_its_accents_were_typed(typed: str) -> None:
    """REC-4: composed and decomposed are the same key."""
    security = VECTORS["wrapping_keys"]["security"]

    assert unseal.derive_kek(typed, bytes.fromhex(security["kdf_salt"])).hex() == security["kek"]


def test_an_error_tells_no_key_and_no_text() -> None:
    """REC-7: it will stand in a log."""
    broken = SEALED[:-1] + bytes([SEALED[-1] ^ 1])

    with pytest.raises(Distrust) as caught:
        list(unseal.unseal(io.BytesIO(broken), KEY_ID, WRAPPED, KEK))

    assert str(caught.value) == "record 2 does not verify"
    assert caught.value.__cause__ is None


def test_a_long_file_opens_in_constant_memory() -> None:
    """REC-3: here 16 MB in less than 1 MB."""
    sealed = io.BytesIO(seal(DEK, SALT, KEY_ID, bytes(16_000_000)))
    tracemalloc.start()
    size = sum(len(text) for text in unseal.unseal(sealed, KEY_ID, WRAPPED, KEK))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 16_000_000
    assert peak < 1_000_000
