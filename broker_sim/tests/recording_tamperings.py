"""Every way to spoil a sealed file that the vectors know, as slices of sealed files.

A spoilt file is written as parts, put one behind the other: `{"of": file, "slice": [start, stop]}`,
a stop of null meaning the end, with `"xor": n` for a byte changed; or `{"hex": bytes}`. So whoever
reads the vectors needs no code of ours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st

from broker_sim.contract import recording
from broker_sim.contract.recording import RECORD_BYTES as RECORD

Json: TypeAlias = dict[str, Any]
Parts: TypeAlias = list[Json]

THREE: Final = "three records"
OTHER: Final = "three records of another session"
RENAMED: Final = "same secrets, another name"
TEXT: Final = "text"


def assemble(parts: Parts, files: dict[str, bytes]) -> bytes:
    """Put a file together from slices of sealed ones and bytes of its own."""
    return b"".join(_bytes_of(part, files) for part in parts)


def tampered(entries: dict[str, Json], files: dict[str, bytes]) -> Iterator[Json]:
    """Give each spoilt file: its parts, what it is read as, how much of it may be handed on."""
    three, other = entries[THREE], entries[OTHER]
    borders = Borders.of(files[THREE], three["key_id"])
    for name, parts in [*borders.flips(), *borders.cuts(), *borders.moves(), *borders.splices()]:
        intact = intact_bytes(files[THREE], assemble(parts, files), borders.first)
        yield _expected(name, parts, three, gives_at_most=intact)
    for name, parts in _record_sizes(files[TEXT]):
        yield _expected(name, parts, entries[TEXT])
    for name, parts in borders.swaps():
        yield _expected(name, parts, three)
        yield _expected(f"{name}, its wrapped key", parts, three, key_of=other)
    yield from _wrong_keys(three)


@dataclass(frozen=True, slots=True)
class Borders:
    """Where the three records of the spoilt file begin, and where it ends."""

    first: int
    second: int
    third: int
    end: int

    @classmethod
    def of(cls, sealed: bytes, key_id: str) -> "Borders":
        first = recording.HEADER_BYTES_BEFORE_KEY_ID + len(key_id)
        return cls(first, first + RECORD, first + 2 * RECORD, len(sealed))

    def flips(self) -> Iterator[tuple[str, Parts]]:
        places = {
            "salt": 0,
            "record size": 19,
            "length of key id": 20,
            "first byte of key id": 21,
            "last byte of key id": self.first - 1,
            "first byte of first record": self.first,
            "delimiter of first record": self.second - 17,
            "tag of first record": self.second - 1,
            "text of second record": self.second + 30_000,
            "delimiter of second record": self.third - 17,
            "tag of second record": self.third - 16,
            "text of last record": self.third,
            "delimiter of last record": self.end - 17,
            "tag of last record": self.end - 1,
        }
        for what, at in places.items():
            flipped = {"of": THREE, "slice": [at, at + 1], "xor": 1}
            yield f"flipped: {what}", [_part(THREE, 0, at), flipped, _part(THREE, at + 1, None)]

    def cuts(self) -> Iterator[tuple[str, Parts]]:
        places = {
            "to nothing": 0,
            "within the salt": 10,
            "within the key id": self.first - 1,
            "to the header": self.first,
            "within the first record": self.first + 1_000,
            "one byte before the second record": self.second - 1,
            "to the first record": self.second,
            "to less than a tag of the second record": self.second + 5,
            "to the second record": self.third,
            "the last record's tag": self.end - 16,
            "the last byte": self.end - 1,
        }
        for what, at in places.items():
            yield f"cut: {what}", [_part(THREE, 0, at)]

    def moves(self) -> Iterator[tuple[str, Parts]]:
        head, one, two, tail = self.pieces(THREE)
        zero = {"hex": "00"}
        yield "dropped: first record", [head, two, tail]
        yield "dropped: second record", [head, one, tail]
        yield "dropped: all but the last record", [head, tail]
        yield "swapped: first and second record", [head, two, one, tail]
        yield "swapped: second and last record", [head, one, tail, two]
        yield "twice: first record", [head, one, one, two, tail]
        yield "twice: last record", [head, one, two, tail, tail]
        yield "twice: header", [head, head, one, two, tail]
        yield "twice: file", [head, one, two, tail, head, one, two, tail]
        yield "appended: a zero", [head, one, two, tail, zero]
        yield "appended: a record's worth of it", [head, one, two, tail, one]
        yield "inserted: a zero before the first record", [head, zero, one, two, tail]
        yield "inserted: a zero before the last record", [head, one, two, zero, tail]

    def splices(self) -> Iterator[tuple[str, Parts]]:
        head, one, two, tail = self.pieces(THREE)
        for source in (OTHER, RENAMED):
            _, _, its_two, its_tail = self.pieces(source)
            yield f"spliced: second record of '{source}'", [head, one, its_two, tail]
            yield f"spliced: last record of '{source}'", [head, one, two, its_tail]

    def swaps(self) -> Iterator[tuple[str, Parts]]:
        salt, size, name = _part(OTHER, 0, 16), _part(OTHER, 16, 21), _part(THREE, 21, self.first)
        records = _part(OTHER, self.first, None)
        yield "another session's file", [_part(OTHER, 0, None)]
        yield "another session's file, relabelled", [salt, size, name, records]
        yield "another session's records behind this header", [_part(THREE, 0, self.first), records]

    def pieces(self, of: str) -> tuple[Json, Json, Json, Json]:
        """Header and records; the files spoilt here all have the same sizes."""
        return (
            _part(of, 0, self.first),
            _part(of, self.first, self.second),
            _part(of, self.second, self.third),
            _part(of, self.third, None),
        )


def intact_bytes(truth: bytes, spoilt: bytes, first: int) -> int:
    """Plain bytes of the whole records before the first difference; records begin at `first`."""
    shared = min(len(truth), len(spoilt))
    same = next((at for at in range(shared) if truth[at] != spoilt[at]), shared)
    if same == len(truth):  # something follows: the last record is no longer the last
        same -= 1
    return max(0, (same - first) // RECORD) * recording.PLAIN_BYTES_PER_RECORD


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


def _record_sizes(text: bytes) -> Iterator[tuple[str, Parts]]:
    """Change the record size of a file of one short record; RFC 8188 itself would not notice."""
    for size in ("00010001", "0000ffff", "01010000"):
        parts = [_part(TEXT, 0, 16), {"hex": size}, _part(TEXT, 20, len(text))]
        yield f"record size {size}", parts


def _wrong_keys(three: Json) -> Iterator[Json]:
    parts = [_part(THREE, 0, None)]
    wrapped = bytes.fromhex(three["wrapped_key"])
    for name, changed in (
        ("wrapped key: first bit flipped", bytes([wrapped[0] ^ 128]) + wrapped[1:]),
        ("wrapped key: last bit flipped", wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
        ("wrapped key: cut", wrapped[:16]),
        ("wrapped key: missing", b""),
    ):
        yield {**_expected(name, parts, three), "wrapped_key": changed.hex()}
    for key in ("another", "security"):
        yield {**_expected(f"wrapping key: {key}", parts, three), "wrapping_key": key}


def _expected(
    name: str,
    parts: Parts,
    read_as: Json,
    *,
    key_of: Json | None = None,
    gives_at_most: int = 0,
) -> Json:
    return {
        "name": name,
        "key_id": read_as["key_id"],
        "wrapping_key": read_as["wrapping_key"],
        "wrapped_key": (key_of or read_as)["wrapped_key"],
        "parts": parts,
        "expected": "damaged",
        "plain_of": read_as["name"],
        "gives_at_most": gives_at_most,
    }


def _bytes_of(part: Json, files: dict[str, bytes]) -> bytes:
    if "hex" in part:
        return bytes.fromhex(part["hex"])
    piece = files[part["of"]][slice(*part["slice"])]
    return bytes(byte ^ part["xor"] for byte in piece) if "xor" in part else piece


def _part(of: str, start: int, stop: int | None) -> Json:
    return {"of": of, "slice": [start, stop]}
