"""CHAN-1: what is read of bodies and messages that anybody may have written."""

from __future__ import annotations

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.core import channel
from broker_sim.core.channel import FRAME_LEAST, Malformed, Party, Sealed, TooMuch

FRAME: Final = bytes(range(FRAME_LEAST))
SOURCE: Final = "a1b2c3d4e5f60718"
SOURCE_BYTES: Final = bytes([0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x07, 0x18])
sources = st.binary(min_size=8, max_size=8).map(bytes.hex)
frames = st.lists(st.binary(min_size=FRAME_LEAST, max_size=80), min_size=1, max_size=5)
sealed = st.builds(
    Sealed,
    at=st.integers(1, 2**53 - 1),
    party=st.sampled_from(Party),
    source=sources,
    n=st.integers(0, 2**64 - 1),
    frame=st.binary(max_size=80),
)


@given(sources, st.integers(0, 2**40), frames)
def test_what_is_packed_is_unpacked(source: str, first: int, sent: list[bytes]) -> None:
    """CHAN-1: source, number and frames, byte for byte."""
    assert channel.unpacked(channel.packed(source, first, sent)) == (source, first, sent)


def test_a_body_is_two_times_8_bytes_and_frames_behind_4_of_their_length() -> None:
    """CHAN-1: source and number as in docs/channel.md, most significant byte first."""
    body = channel.packed(SOURCE, 258, [FRAME])

    assert body == SOURCE_BYTES + bytes([0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, FRAME_LEAST]) + FRAME


@given(st.lists(sealed, max_size=5))
def test_what_is_listed_is_unlisted(sent: list[Sealed]) -> None:
    """CHAN-1: place, sender, source, number and frame of each, in order."""
    assert channel.unlisted(channel.listed(sent)) == sent


def test_a_list_is_frames_behind_29_bytes() -> None:
    """CHAN-1: place, sender, source, number and length, most significant byte first."""
    body = channel.listed([Sealed(258, Party.REP, SOURCE, 3, b"ab")])

    head = bytes([0, 0, 0, 0, 0, 0, 1, 2, 2]) + SOURCE_BYTES
    assert body == head + bytes([*[0] * 7, 3, 0, 0, 0, 2]) + b"ab"


@given(st.lists(sealed, min_size=1, max_size=3), st.data())
def test_a_list_that_is_cut_is_none(sent: list[Sealed], data: st.DataObject) -> None:
    """CHAN-1: unless it is cut between two frames."""
    body = channel.listed(sent)
    whole = {len(channel.listed(sent[:count])) for count in range(len(sent) + 1)}
    cut = data.draw(st.integers(0, len(body) - 1).filter(lambda size: size not in whole))
    with pytest.raises(Malformed, match=r"^frames, each behind 29 bytes of place, sender, source"):
        channel.unlisted(body[:cut])


def test_a_list_names_one_of_three_senders() -> None:
    """CHAN-1: 3 is nobody."""
    body = bytearray(channel.listed([Sealed(1, Party.REP, SOURCE, 0, FRAME)]))
    body[8] = len(Party)
    with pytest.raises(Malformed, match="29 bytes"):
        channel.unlisted(bytes(body))


def body_of(first: int, size: int, frame: bytes) -> bytes:
    """Write a body with a length that may be a lie."""
    return SOURCE_BYTES + first.to_bytes(8, "big") + size.to_bytes(4, "big") + frame


@pytest.mark.parametrize(
    "body",
    [
        body_of(0, FRAME_LEAST - 1, FRAME[:-1]),
        body_of(0, FRAME_LEAST + 1, FRAME),
        body_of(0, limits.FRAME_MAX_BYTES + 1, bytes(limits.FRAME_MAX_BYTES + 1)),
        body_of(0, 0, b""),
    ],
    ids=["a byte too short", "longer than what comes", "a byte too long", "empty"],
)
def test_a_frame_has_a_size_between_the_limits(body: bytes) -> None:
    """CHAN-1: the sentence names both."""
    sentence = f"^a frame has {FRAME_LEAST} to {limits.FRAME_MAX_BYTES} bytes$"
    with pytest.raises(Malformed, match=sentence):
        channel.unpacked(body)


@pytest.mark.parametrize(
    "body", [b"", bytes(15), bytes(16), body_of(2**53 - 1, FRAME_LEAST, FRAME)]
)
def test_a_body_has_frames_and_numbers_that_a_browser_can_count(body: bytes) -> None:
    """CHAN-1: the last number is 2**53 - 2, so that the next can be said."""
    with pytest.raises(Malformed, match=r"^source and number of 8 bytes each, then frames, each"):
        channel.unpacked(body)
    last = body_of(2**53 - 2, FRAME_LEAST, FRAME)
    assert channel.unpacked(last) == (SOURCE, 2**53 - 2, [FRAME])


def test_more_than_goes_into_one_post_is_too_much() -> None:
    """CHAN-1: a frame less would go."""
    most = limits.FRAMES_POST_MAX
    assert len(channel.unpacked(channel.packed(SOURCE, 0, [FRAME] * most))[2]) == most
    with pytest.raises(TooMuch, match=f"^{most} frames of {limits.FRAMES_POST_BYTES} bytes in all"):
        channel.unpacked(channel.packed(SOURCE, 0, [FRAME] * (most + 1)))


@pytest.mark.parametrize("plain", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_message_is_json(plain: bytes) -> None:
    """CHAN-1: and the reason says so."""
    with pytest.raises(Malformed, match=r"^a message is JSON$"):
        channel.message(plain, Party.REP)


@pytest.mark.parametrize("said", [[], "chat", None, 7, {}, {"kind": None}, {"kind": ["chat"]}])
def test_a_message_is_an_object_with_a_kind(said: object) -> None:
    """CHAN-1: whatever else JSON has."""
    with pytest.raises(Malformed, match=r"^no message of a rep$"):
        channel.message(json.dumps(said).encode(), Party.REP)


@given(
    st.sampled_from(Party), st.sampled_from(sorted({k for s in channel.KINDS.values() for k in s}))
)
def test_a_party_sends_its_kinds_and_no_others(party: Party, kind: str) -> None:
    """CHAN-1: nobody speaks for somebody else."""
    plain = channel.written({"kind": kind, "text": "Grüße"})
    if kind in channel.KINDS[party]:
        assert channel.message(plain, party) == {"kind": kind, "text": "Grüße"}
        return
    with pytest.raises(Malformed, match=f"^no message of a {party}$"):
        channel.message(plain, party)


def test_a_message_is_written_short_and_in_its_own_letters() -> None:
    """CHAN-1: no blanks, and no escapes for what UTF-8 can say."""
    assert channel.written({"a": "ü", "b": [1, 2]}) == '{"a":"ü","b":[1,2]}'.encode()


def test_the_largest_frame_goes_by_itself() -> None:
    """CHAN-1: whatever a POST may have otherwise."""
    largest = bytes(limits.FRAME_MAX_BYTES)

    assert channel.unpacked(channel.packed(SOURCE, 0, [largest])) == (SOURCE, 0, [largest])
    assert channel.fitting([largest]) == channel.fitting([largest, FRAME]) == 1
    assert channel.fitting([]) == 0


@pytest.mark.parametrize(("more", "fit"), [(-1, 4), (0, 4), (1, 3)])
def test_a_post_has_so_many_bytes_with_what_each_frame_takes_besides(more: int, fit: int) -> None:
    """CHAN-1: to the last byte of the limit."""
    quarter = limits.FRAMES_POST_BYTES // 4 - limits.FRAME_TAKES_BYTES
    sent = [bytes(quarter)] * 3 + [bytes(quarter + more), FRAME]

    assert channel.fitting(sent) == fit


def test_a_length_that_no_frame_has_is_read_whole() -> None:
    """CHAN-1: all four bytes of it."""
    body = bytearray(channel.listed([Sealed(1, Party.REP, SOURCE, 0, b"")]))
    body[25] = 1
    with pytest.raises(Malformed, match="29 bytes"):
        channel.unlisted(bytes(body))
