"""REC-2 to REC-4, REC-8: what the broker seals opens, and nothing else does."""

import hashlib
import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broker_sim.adapters import vault
from broker_sim.contract import recording
from broker_sim.tests import recording_vectors
from broker_sim.tests.recording_tamperings import Json, Spoilt, intact_bytes, spoilings

VECTORS, FILES = recording_vectors.document()
FULL = recording.PLAIN_BYTES_PER_RECORD
KEY_ID = recording.key_id(12012692, "localScreen12012692.g2a")
DEK, SALT = bytes(range(16)), bytes(range(16, 32))
HEADER = recording.HEADER_BYTES_BEFORE_KEY_ID + len(KEY_ID)

# Three records, the same secrets under another name, and another text under this name
PLAIN = recording_vectors.drawn("plain", 2 * FULL + 40)
SEALED = vault.seal_bytes(DEK, SALT, KEY_ID, PLAIN)
OTHERS = (
    vault.seal_bytes(DEK, SALT, "12012693/localScreen12012693.g2a", PLAIN),
    vault.seal_bytes(SALT, DEK, KEY_ID, PLAIN[::-1]),
)

spoilt = spoilings(SEALED, HEADER, OTHERS)
sizes = st.sampled_from([0, 1, 40, FULL - 1, FULL, FULL + 1, 2 * FULL]) | st.integers(0, 2 * FULL)


def hand_on(texts: Iterable[bytes], into: list[bytes]) -> None:
    for text in texts:
        into.append(text)  # noqa: PERF402  what came before an error is kept


def chunked(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def test_the_vectors_on_disk_are_those_that_the_generator_writes() -> None:
    """REC-3: what other readers are held to is what the broker seals."""
    on_disk = recording_vectors.PATH.read_text(encoding="ascii")

    assert on_disk == recording_vectors.text_of(VECTORS), "run broker_sim.tests.recording_vectors"


@pytest.mark.parametrize("example", VECTORS["rfc8188"], ids=lambda example: example["name"])
def test_the_examples_of_the_rfc_open(example: Json) -> None:
    """REC-2: the format is the public one."""
    ikm, sealed = bytes.fromhex(example["ikm"]), bytes.fromhex(example["sealed"])
    key_id, size = example["key_id"].encode(), example["record_bytes"]
    opened = vault.decode(ikm, key_id, [sealed], record_bytes=size, padding=example["padded"])

    assert b"".join(opened).hex() == example["plain"]
    if not example["padded"]:
        plain = [bytes.fromhex(example["plain"])]
        written = vault.encode(ikm, sealed[:16], key_id, plain, record_bytes=size)
        assert b"".join(written) == sealed


def test_a_padded_record_is_not_ours() -> None:
    """REC-3: a range of a padded file would be the wrong bytes."""
    example = VECTORS["rfc8188"][1]
    ikm, sealed = bytes.fromhex(example["ikm"]), bytes.fromhex(example["sealed"])

    with pytest.raises(vault.Damaged, match="end of record 0"):
        list(vault.decode(ikm, b"a1", [sealed], record_bytes=25))


@pytest.mark.parametrize("entry", VECTORS["files"], ids=lambda entry: entry["name"])
def test_a_sealed_file_opens(entry: Json) -> None:
    """REC-4, REC-8: under its own key and name."""
    kek = bytes.fromhex(VECTORS["wrapping_keys"][entry["wrapping_key"]]["kek"])
    dek = vault.unwrap(kek, bytes.fromhex(entry["wrapped_key"]))
    opened = b"".join(vault.unseal(dek, entry["key_id"], [FILES[entry["name"]]]))

    assert opened == recording_vectors.plain_of(entry["name"])
    assert hashlib.sha256(opened).hexdigest() == entry["plain"]["sha256"]


@pytest.mark.parametrize("entry", VECTORS["tampered"], ids=lambda entry: entry["name"])
def test_every_tampering_is_found_before_its_damage_is_handed_on(entry: Json) -> None:
    """REC-3: the vectors."""
    kek = bytes.fromhex(VECTORS["wrapping_keys"][entry["wrapping_key"]]["kek"])
    plain = recording_vectors.plain_of(entry["plain_of"])
    texts: list[bytes] = []

    with pytest.raises((vault.Damaged, vault.WrongKey)):
        _open(kek, entry, texts)

    given_on = b"".join(texts)
    assert given_on == plain[: len(given_on)]
    assert len(given_on) <= entry["gives_at_most"]


def _open(kek: bytes, entry: Json, into: list[bytes]) -> None:
    dek = vault.unwrap(kek, bytes.fromhex(entry["wrapped_key"]))
    hand_on(vault.unseal(dek, entry["key_id"], [FILES[entry["name"]]]), into)


@given(spoilt=spoilt, chunk=st.sampled_from([7_000, 65_536, 200_000]))
def test_no_byte_of_a_damaged_record_is_handed_on(spoilt: Spoilt, chunk: int) -> None:
    """REC-3: whatever is changed, cut, added, reordered or taken from another file."""
    sealed = spoilt.data
    chunks = (sealed[at : at + chunk] for at in range(0, len(sealed), chunk))
    texts: list[bytes] = []

    with pytest.raises(vault.Damaged):
        hand_on(vault.unseal(DEK, KEY_ID, chunks), texts)

    given_on = b"".join(texts)
    assert given_on == PLAIN[: len(given_on)]
    assert len(given_on) <= intact_bytes(SEALED, sealed, HEADER)


def test_a_file_that_goes_on_behind_its_last_record_is_refused() -> None:
    """REC-3: each record verifies, but the first says that it is the last."""
    ended = vault.seal_bytes(DEK, SALT, KEY_ID, PLAIN[:FULL])
    joined = [ended, SEALED[len(ended) :]]

    with pytest.raises(vault.Damaged, match="end of record 0"):
        next(vault.unseal(DEK, KEY_ID, joined))


@given(size=sizes, cuts=st.lists(st.integers(0, 80_000), max_size=5))
def test_the_pieces_that_come_in_do_not_matter(size: int, cuts: list[int]) -> None:
    """REC-2: the sealed bytes depend on the text alone, and their size is told before."""
    plain = PLAIN[:size]
    sealed = list(vault.seal(DEK, SALT, KEY_ID, chunked(plain, cuts)))

    assert b"".join(sealed) == vault.seal_bytes(DEK, SALT, KEY_ID, plain)
    assert sum(map(len, sealed)) == recording.sealed_size(size, len(KEY_ID))
    assert all(len(piece) == 65_536 for piece in sealed[1:-1])
    assert b"".join(vault.unseal(DEK, KEY_ID, chunked(b"".join(sealed), cuts))) == plain


def test_an_empty_file_is_one_record_that_holds_a_delimiter() -> None:
    """REC-3: so that a file cut to its header is not taken for an empty one."""
    sealed = vault.seal_bytes(DEK, SALT, KEY_ID, b"")

    assert len(sealed) == HEADER + 17
    with pytest.raises(vault.Damaged):
        list(vault.unseal(DEK, KEY_ID, [sealed[:HEADER]]))


def test_sealing_and_opening_hold_a_few_records_only() -> None:
    """REC-2: constant memory, here 16 MB in less than 1 MB."""
    piece = bytes(100_000)
    tracemalloc.start()
    sealed = vault.seal(DEK, SALT, KEY_ID, (piece for _ in range(160)))
    size = sum(map(len, vault.unseal(DEK, KEY_ID, sealed)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 16_000_000
    assert peak < 1_000_000


def test_wrapping_is_that_of_the_rfc() -> None:
    """REC-8: RFC 3394, 4.1."""
    kek = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
    dek = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    wrapped = bytes.fromhex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")

    assert vault.wrap(kek, dek) == wrapped
    assert vault.unwrap(kek, wrapped) == dek


@given(kek=st.binary(min_size=16, max_size=16), other=st.binary(min_size=16, max_size=16))
def test_another_wrapping_key_fails_cleanly(kek: bytes, other: bytes) -> None:
    """REC-4: any other key is refused, and no key comes out."""
    assume(kek != other)

    with pytest.raises(vault.WrongKey):
        vault.unwrap(other, vault.wrap(kek, DEK))


@given(at=st.integers(0, 23), mask=st.integers(1, 255))
def test_a_changed_wrapped_key_does_not_open(at: int, mask: int) -> None:
    """REC-3: the wrapped key verifies itself."""
    wrapped = bytearray(vault.wrap(SALT, DEK))
    wrapped[at] ^= mask

    with pytest.raises(vault.WrongKey):
        vault.unwrap(SALT, bytes(wrapped))


def test_a_security_key_gives_one_wrapping_key_however_it_was_typed() -> None:
    """REC-4: composed and decomposed accents are the same; another salt is another key."""
    security = VECTORS["wrapping_keys"]["security"]
    salt = bytes.fromhex(security["kdf_salt"])

    assert vault.derive_kek("Gr\u00fcne Scheune 17", salt).hex() == security["kek"]
    assert vault.derive_kek("Gru\u0308ne Scheune 17", salt).hex() == security["kek"]
    assert vault.derive_kek("Gr\u00fcne Scheune 17", SALT).hex() != security["kek"]


@given(names=st.lists(st.text(max_size=20), min_size=2, max_size=2, unique=True))
def test_files_of_a_world_share_neither_key_nor_salt(names: list[str]) -> None:
    """REC-8: each file its own, the same each time, another in another world."""
    one, other = (vault.derive_file_secrets(DEK, name) for name in names)
    elsewhere = vault.derive_file_secrets(SALT, names[0])
    rewritten = [vault.derive_file_secrets(DEK, names[0], bytes([n]) * 32) for n in (1, 2)]

    assert one == vault.derive_file_secrets(DEK, names[0])
    assert len({*one, *other, *elsewhere, *rewritten[0], *rewritten[1]}) == 10
    assert {16} == {len(secret) for secret in one}


@pytest.mark.parametrize("size", [0, 15, 17, 24, 32])
def test_a_key_of_another_length_is_our_mistake(size: int) -> None:
    """REC-2: the product has AES-128, and says so at the call, not at the first byte."""
    wrong = bytes(size)
    for mistake in (
        lambda: vault.wrap(wrong, DEK),
        lambda: vault.wrap(DEK, wrong),
        lambda: vault.unwrap(wrong, bytes(24)),
        lambda: vault.seal(wrong, SALT, KEY_ID, []),
        lambda: vault.seal(DEK, wrong, KEY_ID, []),
        lambda: vault.unseal(wrong, KEY_ID, []),
    ):
        with pytest.raises(ValueError, match="has 16 bytes"):
            mistake()


def test_a_key_id_that_does_not_fit_is_our_mistake() -> None:
    """REC-8: 255 bytes fit, 256 do not."""
    longest = "a" * 255
    sealed = vault.seal_bytes(DEK, SALT, longest, b"text")

    assert b"".join(vault.unseal(DEK, longest, [sealed])) == b"text"
    assert len(sealed) == recording.sealed_size(4, 255)
    with pytest.raises(ValueError, match="256 bytes"):
        vault.seal(DEK, SALT, longest + "a", [])
    with pytest.raises(ValueError, match="256 bytes"):
        recording.sealed_size(4, 256)


def test_a_world_without_a_real_secret_is_refused() -> None:
    """REC-8: a short secret would give every world the same keys."""
    with pytest.raises(ValueError, match="needs 16 bytes"):
        vault.derive_file_secrets(b"short", KEY_ID)
