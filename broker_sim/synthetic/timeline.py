"""When the sessions of a past were posted, and which of them are linked by a transfer.

Ids grow with time: a later index is posted later. In every block of 64 indices one pair, an
even index and the next, is a case that was transferred. Sources: SESS-1, SESS-3.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from broker_sim.synthetic import course, week
from broker_sim.synthetic.chance import draw

_BLOCK: Final = 64
# An index is spread over so many steps, of which chance takes one.
_STEPS: Final = 1 << 16


class Span(NamedTuple):
    """How `total` sessions lie in time: `begin` and `whole` in units of business, `high` in ms."""

    total: int
    begin: int
    whole: int
    high: int


class _Gap(NamedTuple):
    """Where a block's transfer begins, how long it takes, what room there is; in ms."""

    first: int
    begin: int
    taken: int
    room: int


def posted_at(seed: int, index: int, count: int, start: datetime, end: datetime) -> datetime:
    """Tell when the `index`-th of `count` sessions was posted: in [`start`, `end`), growing.

    Busy hours have more of them. What a transfer made is posted at the transfer, as long as
    the past is not denser than about 300,000 sessions in 90 days.

    Raises:
        ValueError: no such index, or less than a millisecond for each session.
    """
    if not 0 <= index < count:
        msg = f"no session {index} of {count}"
        raise ValueError(msg)
    return week.from_ms(posted_ms(seed, index, span(count, start, end)))


def partner(seed: int, index: int, count: int | None = None) -> tuple[int, int] | None:
    """Give (first, second) of the transfer that the session is part of; None for most.

    Args:
        seed: of the world.
        index: of the session.
        count: how many sessions there are; a pair is one only if both are. May be left out
            where the number of sessions is even.
    """
    first = _first_of(seed, index // _BLOCK)
    if index not in (first, first + 1) or (count is not None and first + 1 >= count):
        return None
    return first, first + 1


def span(count: int, start: datetime, end: datetime) -> Span:
    """Lay `count` sessions into [`start`, `end`).

    Raises:
        ValueError: less than a millisecond for each session.
    """
    low, high = week.to_ms(start), week.to_ms(end)
    if high - low <= count:
        msg = f"no room for {count} sessions in {high - low} ms"
        raise ValueError(msg)
    begin = week.business(low)
    # One millisecond is kept for each session, so that no two share one.
    return Span(count, begin, week.business(high - count) - begin, high)


@lru_cache(maxsize=4096)
def _first_of(seed: int, block: int) -> int:
    # In the first half of its block, so that the rest of it can make room in time.
    return block * _BLOCK + draw(seed, "pair", block) % (_BLOCK // 4) * 2


def posted_ms(seed: int, index: int, lies: Span) -> int:
    """Tell when an index was posted, in milliseconds since 1970; as `posted_at`."""
    natural = _natural_ms(seed, index, lies)
    gap = _gap(seed, index // _BLOCK, lies)
    if gap is None or index <= gap.first:
        return natural
    if index == gap.first + 1:
        return gap.begin + gap.taken
    # What is posted behind a transfer moves so that the transfer's time stays free.
    behind = index - gap.first
    spare = natural - gap.begin - behind
    return gap.begin + gap.taken + behind - 1 + spare * (gap.room - gap.taken) // gap.room


def _natural_ms(seed: int, index: int, lies: Span) -> int:
    """Give the post of an index, transfers left aside; grows by a millisecond at least."""
    steps = index * _STEPS + draw(seed, "jitter", index) % _STEPS
    return week.at_business(lies.begin + steps * lies.whole // (lies.total * _STEPS)) + index


@lru_cache(maxsize=4096)
def _gap(seed: int, block: int, lies: Span) -> _Gap | None:
    """Give the room that a block makes for its transfer; None if there is none to make."""
    first = _first_of(seed, block)
    if first + 1 >= lies.total:
        return None
    behind = min((block + 1) * _BLOCK, lies.total)
    begin = _natural_ms(seed, first, lies)
    edge = _natural_ms(seed, behind, lies) if behind < lies.total else lies.high
    taken = course.first_leg_ms(seed, course.PAST, first)
    # Milliseconds that are not already spoken for by one per index.
    room = edge - begin - (behind - first)
    return _Gap(first, begin, taken, room) if room >= 2 * taken else None
