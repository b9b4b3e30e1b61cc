"""On demand: all and only the range (C-TIME-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.scene import Scene

_START: Final = datetime(2030, 1, 15, 9, 0, tzinfo=UTC)
# In Berlin the hour from 2:00 to 3:00 came twice that night: 0:00 to 2:00 in UTC.
_TWICE: Final = datetime(2029, 10, 28, 0, 0, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MORE_THAN_A_PAGE: Final = 1003
_SAYINGS: Final = ("retention", "edge", "invalidrange", "90 days", "too old", "purged")


def _ended_at(scene: Scene, *instants: datetime) -> list[int]:
    """Make sessions that end at these instants, in order."""
    place, ids = scene.place, []
    for at in instants:
        number = place.begin()
        place.tell("POST", "clock", "advance", to=at)
        place.act("end", sessionId=number)
        place.act("record", sessionId=number)
        scene.did("session_ends", session_id=number, at=at.isoformat())
        ids.append(number)
    return ids


def _only(scene: Scene, wanted: list[int], case: str) -> None:
    found = scene.store.ids()
    more = sorted(found.keys() - set(wanted))
    lacking = [number for number in wanted if found[number] != 1]
    received = f"{len(lacking)} lacking or double, {len(more)} of another time"
    expected = f"exactly the {len(wanted)} sessions of the range"
    scene.expect("C-TIME-1", not more and not lacking, expected, received, case)


@judges({"C-TIME-1": ("sessions at both edges",)}, "fetch")
def a_range_is_half_open(scene: Scene) -> None:
    """C-TIME-1: [from, to): the first instant belongs to it, the last does not."""
    scene.open(_START)
    # no whole seconds: who leaves out their fractions asks for another range
    start = _START + timedelta(minutes=10, milliseconds=250)
    end = _START + timedelta(minutes=20, milliseconds=750)
    instants = (start - _MILLISECOND, start, end - _MILLISECOND, end)
    _, first, last, _ = _ended_at(scene, *instants)
    scene.place.advance(minutes=5)
    done(scene, scene.fetch(start, end))
    _only(scene, [first, last], "sessions at both edges")


@judges({"C-TIME-1": ("more than a page",)}, "fetch", "channels", long=True)
def a_range_goes_over_pages(scene: Scene) -> None:
    """C-TIME-1: a range of more sessions than one page holds is whole."""
    place = scene.open(_START)
    ids = [place.bare() for _ in range(_MORE_THAN_A_PAGE)]
    scene.did("sessions_end", count=len(ids), at="one instant")
    place.advance(seconds=1)
    program = scene.fetch(
        _START - timedelta(hours=1), place.now(), "channels", values={"channels": "Chat"}
    )
    done(scene, program, 200.0)
    _only(scene, ids, "more than a page")


@judges({"C-TIME-1": ("the hour that comes twice",)}, "fetch")
def the_clocks_change(scene: Scene) -> None:
    """C-TIME-1: where local time comes twice, the range is still the one asked for."""
    scene.open(_TWICE - timedelta(hours=1))
    instants = [_TWICE + timedelta(minutes=minutes) for minutes in (30, 90, 150)]
    ids = _ended_at(scene, *instants)
    scene.place.advance(minutes=30)
    zone: Mapping[str, str] = {"TZ": "Europe/Berlin"}
    start, end = _TWICE + timedelta(minutes=60), _TWICE + timedelta(minutes=120)
    done(scene, scene.fetch(start, end, environment=zone))
    _only(scene, [ids[1]], "the hour that comes twice")


@judges({"C-TIME-1": ("a range before the edge of retention",)}, "fetch")
def it_says_what_is_gone(scene: Scene) -> None:
    """C-TIME-1: a range that begins before retention does is not passed off as fetched."""
    place = scene.open(_START)
    scene.whole()
    place.advance(days=95)
    scene.whole()
    place.advance(seconds=1)
    program = scene.fetch(_START - timedelta(hours=1), place.now())
    scene.need(lambda: place.calls("getSessionIds", "getPortal"), "a call about the range", program)
    code = program.wait(40.0)
    said = program.said.lower()
    held = code is not None and (code != 0 or any(word in said for word in _SAYINGS))
    received = "no end" if code is None else f"exit {code}, said: {program.last_words()}"
    expected = "another exit code than 0, or a word about it"
    scene.expect("C-TIME-1", held, expected, received, "a range before the edge of retention")
