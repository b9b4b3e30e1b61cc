"""The relay: passes frames on, and knows of a channel only who may write and read there.

It holds no key of any session, so all that it can do to a frame is to keep it back. What it
keeps is bounded: of each channel the newest frames, for who is late; a channel that nobody
asks for is forgotten.

Source: CHAN-1.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock

from broker_sim.contract import limits
from broker_sim.core.channel import Party, Sealed
from broker_sim.service.exchange import Bell


class NotTaken(Exception):  # noqa: N818  a refusal, not our error
    """The relay does not take these frames."""


class Gap(NotTaken):
    """Frames are missing before these; `expected` is the number of the next one."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"the next frame is number {expected}")
        self.expected = expected


class TooFast(NotTaken):
    """This party sends more than it may; again in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many bytes in too little time")
        self.seconds = seconds


class Full(NotTaken):
    """There are as many channels as there may be."""


class Over(NotTaken):
    """The channel was closed: its session is over."""


@dataclass(frozen=True, slots=True)
class Page:
    """What there is behind a reader's place.

    Attributes:
        frames: in the order in which they came.
        at: the reader's next place.
        over: the channel is closed, so that no more will come.
        bell: rings when there is more.
    """

    frames: Sequence[Sealed]
    at: int
    over: bool
    bell: Bell


@dataclass(frozen=True, slots=True)
class News:
    """What a relay's tap tells: of which channels there are frames behind a place.

    Attributes:
        moved: their names.
        at: the next place; of the tap, and of no channel.
        known: how often the open channels have changed, and their names.
        bell: rings when there is more.
    """

    moved: Sequence[str]
    at: int
    known: tuple[int, Sequence[str]]
    bell: Bell


@dataclass(slots=True)
class _Line:
    """What is known of one channel."""

    at: int = 0
    moved: int = 0
    bytes: int = 0
    frames: deque[Sealed] = field(default_factory=deque)
    next: dict[Party, dict[str, int]] = field(default_factory=dict)
    full_at: dict[Party, float] = field(default_factory=dict)
    bell: Bell = field(default_factory=Bell)
    used: float = 0.0
    over: bool = False


class Relay:
    """The channels of one relay, by name.

    Args:
        epoch: tells this relay from those before it, which knew other places.
        tick: seconds that only grow.
    """

    def __init__(self, epoch: str, tick: Callable[[], float]) -> None:
        self.epoch = epoch
        self._tick = tick
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._lock = Lock()
        self._floor = 0
        self._moves = 0
        self._changes = 0
        self._bell = Bell()

    def post(
        self,
        name: str,
        party: Party,
        source: str,
        first: int,
        frames: Sequence[bytes],
        *,
        comes_back: bool = True,
    ) -> int:
        """Take a source's frames, the first of which has this number; give the next number.

        What was taken before is not taken again. Of a source that is not known, any number is
        the first.

        Raises:
            Gap: frames are missing before them.
            TooFast: it has to wait; nothing was taken.
            Over: the session is over.
            Full: there are too many channels.
        """
        with self._lock:
            line = self._line(name)
            if line.over:
                raise Over
            expected = line.next.get(party, {}).get(source, first)
            if first > expected:
                raise Gap(expected)
            fresh = frames[expected - first :]
            self._spend(line, party, sum(map(len, fresh)))
            for n, frame in enumerate(fresh, start=expected):
                self._keep(line, Sealed(line.at + 1, party, source, n, frame, comes_back))
            _note(line, party, source, expected + len(fresh))
            rung = self._moved(line) if fresh else ()
        for bell in rung:
            bell.ring()
        return expected + len(fresh)

    def read(self, name: str, since: int) -> Page:
        """Give what came behind a place; all that is kept for a place that never was.

        Raises:
            Full: there are too many channels.
        """
        with self._lock:
            return self._page(self._line(name), since)

    def behind(self, name: str, since: int) -> Page | None:
        """Give the same as `read` for a channel that is known; None for another."""
        with self._lock:
            line = self._lines.get(name)
            return None if line is None else self._page(line, since)

    def next_of(self, name: str, party: Party, source: str) -> int | None:
        """Give the number of a source's next frame; None for one that is not known."""
        with self._lock:
            line = self._lines.get(name)
            return None if line is None else line.next.get(party, {}).get(source)

    def at(self, name: str) -> int:
        """Give the place of the newest frame; 0 for none."""
        with self._lock:
            line = self._lines.get(name)
            return 0 if line is None else line.at

    def close(self, name: str) -> None:
        """Take no more of a channel's frames; those there are can be read for a while."""
        with self._lock:
            line = self._lines.get(name)
            if line is None or line.over:
                return
            line.over = True
            self._changes += 1
            rung = self._moved(line)
        for bell in rung:
            bell.ring()

    def news(self, since: int) -> News:
        """Tell which channels have moved behind a place of the tap; all for a place of none."""
        with self._lock:
            behind = since if since <= self._moves else -1
            moved = [name for name, line in self._lines.items() if line.moved > behind]
            known = (self._changes, [n for n, line in self._lines.items() if not line.over])
            return News(moved, self._moves, known, self._bell)

    def close_all(self) -> None:
        """Close every channel."""
        for name in tuple(self._lines):
            self.close(name)

    @property
    def channels(self) -> int:
        """How many channels are known."""
        return len(self._lines)

    def _line(self, name: str) -> _Line:
        """Give a channel, a new one where there is none, as the one used last."""
        now = self._tick()
        line = self._lines.get(name)
        if line is None:
            self._forget(now)
            if len(self._lines) >= limits.CHANNELS_MAX:
                raise Full
            line = self._lines[name] = _Line(self._floor)
            self._changes += 1
            rung, self._bell = self._bell, Bell()
            rung.ring()
        line.used = now
        self._lines.move_to_end(name)
        return line

    def _forget(self, now: float) -> None:
        """Forget the channels that nobody has asked for in a long time."""
        by = now - limits.CHANNEL_IDLE.total_seconds()
        while self._lines and next(iter(self._lines.values())).used <= by:
            _, gone = self._lines.popitem(last=False)
            self._floor = max(self._floor, gone.at)  # a channel that comes back has new places

    @staticmethod
    def _page(line: _Line, since: int) -> Page:
        known = line.at - len(line.frames) <= since <= line.at
        late = since - line.at + len(line.frames) if known else 0
        return Page(tuple(islice(line.frames, late, None)), line.at, line.over, line.bell)

    @staticmethod
    def _keep(line: _Line, one: Sealed) -> None:
        line.frames.append(one)
        line.at = one.at
        line.bytes += len(one.frame) + limits.FRAME_TAKES_BYTES
        while (
            line.bytes > limits.CHANNEL_KEPT_BYTES or len(line.frames) > limits.CHANNEL_KEPT_FRAMES
        ):
            line.bytes -= len(line.frames.popleft().frame) + limits.FRAME_TAKES_BYTES

    def _moved(self, line: _Line) -> Sequence[Bell]:
        """Note that there is news of a channel; give the bells that are to be rung now."""
        self._moves += 1
        line.moved = self._moves
        rung = (line.bell, self._bell)
        line.bell, self._bell = Bell(), Bell()
        return rung

    def _spend(self, line: _Line, party: Party, size: int) -> None:
        """Take bytes out of a party's bucket, kept as the moment at which it is full again."""
        now, takes = self._tick(), size / limits.CHANNEL_BYTES_PER_SECOND
        full = max(now, line.full_at.get(party, now)) + takes
        late = full - now - limits.CHANNEL_BURST_BYTES / limits.CHANNEL_BYTES_PER_SECOND
        if late > 0:
            raise TooFast(late)
        line.full_at[party] = full


def _note(line: _Line, party: Party, source: str, number: int) -> None:
    """Note the number of a source's next frame, which makes it the one used last."""
    sources = line.next.setdefault(party, {})
    sources.pop(source, None)
    sources[source] = number
    if len(sources) > limits.CHANNEL_SOURCES_MAX:
        del sources[next(iter(sources))]  # it is taken for a new one if it comes back
