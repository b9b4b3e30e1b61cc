"""CHAN-1: the relay against a naive one, its bounds, and its tickets at their edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from broker_sim.contract import limits
from broker_sim.core.channel import (
    PARTIES,
    Malformed,
    Party,
    Sealed,
    listed,
    packed,
    unlisted,
    unpacked,
)
from broker_sim.service.relay import Full, Gap, Over, Relay, TooFast
from broker_sim.service.tickets import TAP, Tickets

TICK = timedelta(milliseconds=1)
NAMES = ("blue", "green", "red")
parties = st.sampled_from(PARTIES)
names = st.sampled_from(NAMES)
ONE, OTHER = "0123456789abcdef", "00000000000000ff"
sources = st.sampled_from([ONE, OTHER])


class Carrying(RuleBasedStateMachine):
    """A relay beside a model that keeps everything for ever."""

    @initialize()
    def begin(self) -> None:
        self.now = 0.0
        self.relay = Relay("e", lambda: self.now)
        self.sent: dict[str, list[tuple[Party, str, int, bytes]]] = {name: [] for name in NAMES}
        self.read: dict[str, tuple[int, int]] = dict.fromkeys(NAMES, (0, 0))
        self.over: set[str] = set()
        self.serial = 0

    def of(self, name: str, party: Party, source: str) -> list[bytes]:
        return [one[3] for one in self.sent[name] if one[:2] == (party, source)]

    def fresh(self, size: int) -> list[bytes]:
        self.serial += size
        return [b"frame %d" % n for n in range(self.serial - size, self.serial)]

    @rule(name=names, party=parties, source=sources, size=st.integers(1, 4))
    def send(self, name: str, party: Party, source: str, size: int) -> None:
        first, frames = len(self.of(name, party, source)), self.fresh(size)
        if name in self.over:
            with pytest.raises(Over):
                self.relay.post(name, party, source, first, frames)
            return
        assert self.relay.post(name, party, source, first, frames) == first + size
        self.sent[name] += [(party, source, first + at, one) for at, one in enumerate(frames)]

    @rule(
        name=names, party=parties, source=sources, again=st.integers(1, 5), size=st.integers(0, 2)
    )
    def send_again(self, name: str, party: Party, source: str, again: int, size: int) -> None:
        mine = self.of(name, party, source)
        again = min(again, len(mine))
        if not again or name in self.over:
            return
        frames, first = [*mine[-again:], *self.fresh(size)], len(mine) - again
        assert self.relay.post(name, party, source, first, frames) == len(mine) + size
        new = frames[again:]
        self.sent[name] += [(party, source, len(mine) + n, one) for n, one in enumerate(new)]

    @rule(name=names, party=parties, source=sources, beyond=st.integers(1, 3))
    def leave_some_out(self, name: str, party: Party, source: str, beyond: int) -> None:
        count = len(self.of(name, party, source))
        if count and name not in self.over:  # before its first, any number is the first
            with pytest.raises(Gap) as gap:
                self.relay.post(name, party, source, count + beyond, self.fresh(1))
            assert gap.value.expected == count

    @rule(name=names)
    def read_on(self, name: str) -> None:
        place, seen = self.read[name]
        page = self.relay.read(name, place)
        got = [(one.party, one.source, one.n, one.frame) for one in page.frames]
        assert got == self.sent[name][seen:]
        assert page.over is (name in self.over)
        self.read[name] = (page.at, len(self.sent[name]))

    @rule(name=names)
    def close(self, name: str) -> None:
        if self.sent[name]:
            self.relay.close(name)
            self.over.add(name)

    @rule(seconds=st.sampled_from([0.1, 60.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for name in NAMES:  # so that none of them is idle for long
            self.read_on(name)

    @invariant()
    def the_tap_knows_the_open_ones(self) -> None:
        _, known = self.relay.news(0).known
        assert not self.over & set(known)
        assert {name for name in NAMES if self.sent[name]} - self.over <= set(known)


TestCarrying = Carrying.TestCase
TestCarrying.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("late", [-0.001, 0.0, 0.001])
def test_a_channel_is_forgotten_when_nobody_asks_for_it(late: float) -> None:
    """CHAN-1: after its time, not before; then its places are of no use, and all is new."""
    now = [0.0]
    relay = Relay("e", lambda: now[0])
    relay.post("blue", Party.REP, ONE, 7, [b"one"])
    place = relay.at("blue")
    now[0] = limits.CHANNEL_IDLE.total_seconds() + late
    relay.read("green", 0)
    gone = late >= 0
    assert relay.next_of("blue", Party.REP, ONE) == (None if gone else 8)
    relay.post("blue", Party.REP, ONE, 8, [b"two"])
    assert [one.frame for one in relay.read("blue", place).frames] == [b"two"]
    assert relay.at("blue") > place


def test_what_is_kept_of_a_channel_is_bounded_in_bytes_and_frames() -> None:
    """CHAN-1: the newest stay; memory is flat whatever is sent."""
    now = [0.0]
    relay = Relay("e", lambda: now[0])
    large = bytes(limits.FRAME_MAX_BYTES)
    for n in range(40):
        now[0] += 1.0
        relay.post("blue", Party.CUSTOMER, ONE, n, [large])
    assert [one.n for one in relay.read("blue", 0).frames] == [39]
    for n in range(2 * limits.CHANNEL_KEPT_FRAMES):
        relay.post("green", Party.REP, ONE, n, [b"x"])
    kept = relay.read("green", 0).frames
    assert len(kept) == limits.CHANNEL_KEPT_FRAMES
    assert kept[-1].n == 2 * limits.CHANNEL_KEPT_FRAMES - 1


def test_there_are_only_so_many_channels() -> None:
    """CHAN-1: one more is refused until one was forgotten."""
    now = [0.0]
    relay = Relay("e", lambda: now[0])
    for n in range(limits.CHANNELS_MAX):
        relay.read(f"c{n}", 0)
    with pytest.raises(Full):
        relay.read("more", 0)
    now[0] = limits.CHANNEL_IDLE.total_seconds()
    relay.read("more", 0)
    assert relay.channels == 1


@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
def test_a_party_sends_no_faster_than_it_may(more: int, taken: bool) -> None:
    """CHAN-1: a burst, then so many bytes a second; refused frames leave no trace."""
    now = [0.0]
    relay = Relay("e", lambda: now[0])
    relay.post("blue", Party.REP, ONE, 0, [bytes(limits.CHANNEL_BURST_BYTES)])
    now[0] = 1.0
    frame = bytes(limits.CHANNEL_BYTES_PER_SECOND + more)
    if taken:
        assert relay.post("blue", Party.REP, ONE, 1, [frame]) == 2
        return
    with pytest.raises(TooFast) as slow:
        relay.post("blue", Party.REP, ONE, 1, [frame])
    assert 0 < slow.value.seconds < 0.001
    assert relay.next_of("blue", Party.REP, ONE) == 1
    assert relay.post("blue", Party.CUSTOMER, ONE, 0, [frame]) == 1


@pytest.mark.parametrize("early", [-TICK, timedelta(0), TICK])
def test_a_ticket_opens_until_its_end(early: timedelta) -> None:
    """CHAN-1: [from, to)."""
    now = [datetime(2030, 1, 15, 9, tzinfo=UTC)]
    tickets = Tickets(_signed, lambda text, given: given == _signed(text), lambda: now[0])
    ticket = tickets.make("blue", "rep")
    now[0] += limits.TICKET_VALID_FOR + early
    assert tickets.check("blue", "rep", ticket) is (early < timedelta(0))


def test_a_ticket_is_of_one_channel_and_one_party() -> None:
    """CHAN-1."""
    now = datetime(2030, 1, 15, 9, tzinfo=UTC)
    tickets = Tickets(_signed, lambda text, given: given == _signed(text), lambda: now)
    ticket = tickets.make("blue", "rep")
    assert tickets.check("blue", "rep", ticket)
    for channel, party in (("blue", "customer"), ("green", "rep"), (TAP, TAP)):
        assert not tickets.check(channel, party, ticket)
    ends, _, signature = ticket.partition(".")
    later = f"{int(ends) + 1}.{signature}"
    for forged in ("", signature, later, f"{ends}.{signature}x", f"9{ticket}"):
        assert not tickets.check("blue", "rep", forged)
    never = "9" * 16
    assert not tickets.check("blue", "rep", f"{never}.{_signed(f'relay blue rep {never}')}")


@pytest.mark.parametrize("ends", [253_402_300_800_000, 260_000_000_000_000, 2**48 - 1])
@pytest.mark.parametrize("signed", [True, False])
def test_a_ticket_ends_while_there_are_dates(ends: int, signed: bool) -> None:
    """CHAN-1: anybody may send one that ends behind the year 9999; it is refused as any other."""
    now = datetime(2030, 1, 15, 9, tzinfo=UTC)
    tickets = Tickets(_signed, lambda text, given: given == _signed(text), lambda: now)
    signature = _signed(f"relay blue rep {ends}") if signed else "A" * 43
    assert not tickets.check("blue", "rep", f"{ends}.{signature}")


def _signed(text: str) -> str:
    return text.encode().hex()[-99:]


frames = st.lists(st.binary(min_size=29, max_size=60), min_size=1, max_size=5)
any_source = st.binary(min_size=8, max_size=8).map(bytes.hex)


@given(source=any_source, first=st.integers(0, 2**53 - 10), sent=frames)
def test_what_is_packed_is_unpacked(source: str, first: int, sent: list[bytes]) -> None:
    """CHAN-1."""
    assert unpacked(packed(source, first, sent)) == (source, first, sent)


places = st.integers(1, 2**53)


@given(st.lists(st.builds(Sealed, places, parties, any_source, st.integers(0, 2**53), st.binary())))
def test_what_is_listed_is_unlisted(sent: list[Sealed]) -> None:
    """CHAN-1."""
    assert unlisted(listed(sent)) == sent


@given(st.binary(max_size=200))
def test_noise_is_no_body(noise: bytes) -> None:
    """CHAN-1: it is refused, or read as what it says; nothing else happens."""
    for reader in (unpacked, unlisted):
        try:
            found: Any = reader(noise)
        except Malformed:
            continue
        again = packed(*found) if reader is unpacked else listed(found)
        assert again == noise


@pytest.mark.parametrize("size", [28, limits.FRAME_MAX_BYTES + 1])
def test_a_frame_has_its_bounds(size: int) -> None:
    """CHAN-1: an IV, a tag and something between them; and not too much."""
    with pytest.raises(Malformed):
        unpacked(packed(ONE, 0, [bytes(size)]))
    inside = min(max(size, 29), limits.FRAME_MAX_BYTES)
    assert unpacked(packed(ONE, 0, [bytes(inside)])) == (ONE, 0, [bytes(inside)])


def test_two_sources_of_a_party_send_again_in_any_order() -> None:
    """CHAN-1: at a relay that was started anew; neither stands in the other's way."""
    relay = Relay("e", lambda: 0.0)
    assert relay.post("blue", Party.REP, ONE, 3, [b"three"]) == 4
    assert relay.post("blue", Party.REP, OTHER, 2, [b"two", b"also three"]) == 4
    assert relay.post("blue", Party.REP, ONE, 2, [b"before", b"three", b"four"]) == 5
    kept = [(one.source, one.n) for one in relay.read("blue", 0).frames]
    assert kept == [(ONE, 3), (OTHER, 2), (OTHER, 3), (ONE, 4)]


def test_only_so_many_sources_of_a_party_are_known() -> None:
    """CHAN-1: those used last; one that was forgotten begins anew, and the other party's stay."""
    relay, most = Relay("e", lambda: 0.0), limits.CHANNEL_SOURCES_MAX
    sources = [f"{n:016x}" for n in range(most)]
    relay.post("blue", Party.CUSTOMER, ONE, 0, [b"stays"])
    for source in (*sources, sources[0], ONE):
        relay.post("blue", Party.REP, source, 0, [b"x"])
    known = [relay.next_of("blue", Party.REP, one) for one in (*sources, ONE)]
    assert known == [1, None, *[1] * (most - 1)]
    assert relay.next_of("blue", Party.CUSTOMER, ONE) == 1
    assert relay.post("blue", Party.REP, sources[1], 7, [b"x"]) == 8
