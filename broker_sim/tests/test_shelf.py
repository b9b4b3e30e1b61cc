"""REC-1, REC-6: bodies made when asked for, the last of them kept at hand, never too many."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.core import session
from broker_sim.core.record import Representative, Session
from broker_sim.synthetic.shelf import Shelf
from broker_sim.tests.stores import START
from broker_sim.tests.test_store_races import at_once


def finished(number: int) -> Session:
    rep = Representative("rita@example.com", "Rita Roe", "Rita", "Blue", "192.0.2.7")
    posted = session.post(number, "alpha", "print", "Why?", START)
    return session.end(session.start(session.accept(posted, rep, START), START), START)


def test_every_file_of_rec_1_has_a_body() -> None:
    """REC-1: its names are the contract's; one that never started has none."""
    shelf, one = Shelf(7), finished(17)

    names = dict(shelf.names(one))

    assert [name for _, name in shelf.names(one)] == [
        "chatTranscript17.txt",
        "remoteDiagnostics.txt",
        "remoteDiagnostics17.xml",
        "remoteScreen17.g2a",
        "localScreen17.g2a",
        "session17.properties",
    ]
    assert set(names) == {"Chat", "Diagnostics", "RemoteScreen", "LocalScreen", "Properties"}
    assert all(shelf.body(one, name) for _, name in shelf.names(one))
    assert list(shelf.names(replace(one, started=None))) == []


@settings(max_examples=25)
@given(
    asked=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), max_size=25),
    room=st.sampled_from([0, 1000, 40_000, 10**9]),
)
def test_what_is_kept_changes_nothing_of_what_is_given(
    asked: list[tuple[int, int]], room: int
) -> None:
    """REC-6: the same bytes for the same session, made or kept; the room is never exceeded."""
    shelf, fresh = Shelf(7, room), Shelf(7, 0)
    for number, place in asked:
        one = finished(number)
        _, name = shelf.names(one)[place]
        assert shelf.body(one, name) == fresh.body(one, name)
        assert sum(map(len, shelf._bodies.values())) <= room


def test_an_unknown_name_is_an_error() -> None:
    """REC-1: there are these files and no others."""
    with pytest.raises(KeyError, match="other"):
        Shelf(7).body(finished(17), "other.txt")


def test_several_may_ask_at_once() -> None:
    """REC-8: all are given the same."""
    shelf, one = Shelf(7, 100_000), finished(17)
    asks = [partial(shelf.body, one, name) for _, name in shelf.names(one)] * 3

    got = at_once(*asks)

    assert got[:6] == got[6:12] == got[12:]
    assert sum(map(len, shelf._bodies.values())) == 100_000 - shelf._room
