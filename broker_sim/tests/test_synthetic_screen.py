"""Screen recordings can be played from the first frame to the last, by a strict reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from broker_sim.core import chat, session
from broker_sim.core.record import Event, Labelled, Representative, Session
from broker_sim.synthetic import glyphs, scenery, screen, week
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.desktop import Desktop
from broker_sim.synthetic.pen import Pen, Rect
from broker_sim.synthetic.reel import Reel
from broker_sim.tests.guacamole import Player
from broker_sim.tests.synthetic_sessions import SEED, START, live, some, texts, with_event

Film = Callable[[int, Session], Iterator[bytes]]
films = pytest.mark.parametrize("film", [screen.remote, screen.local])


def played(film: Film, one: Session) -> Player:
    return Player().play(b"".join(film(SEED, one)))


@films
@pytest.mark.parametrize("kind", [
    Event.REBOOTED, Event.DIAGNOSTICS_TAKEN, Event.FILE_SENT, Event.URL_PUSHED,
    Event.SCREEN_OFF, Event.TRANSFERRED, Event.ENDED,
])  # fmt: skip
def test_a_session_replays_from_its_start_to_its_end(film: Film, kind: Event) -> None:
    """REC-1: the first frame is at the start, the last at the end, time never goes back."""
    one = with_event(kind)
    assert one.started
    assert one.ended
    player = played(film, one)

    assert player.syncs[0] == week.to_ms(one.started)
    assert player.syncs[-1] == week.to_ms(one.ended)
    assert (player.layers[0].width, player.layers[0].height) == (1024, 768)


@films
@given(one=live())
@settings(max_examples=25, deadline=None)
def test_any_live_session_can_be_played(film: Film, one: Session) -> None:
    """REC-1: odd names, odd texts, no time between events, still going on: all of it plays."""
    assert played(film, one).syncs[-1] >= week.to_ms(START)


@films
def test_recordings_keep_their_usual_size_and_move(film: Film) -> None:
    """REC-1: 100 to 180 KB for a whole talk, with hundreds of frames and a pointer that moves."""
    whole = [one for one in some(60) if one.started and one.resolution == "Resolved"][:12]
    for one in whole:
        stream = b"".join(film(SEED, one))
        player = Player().play(stream)
        assert 95_000 < len(stream) < 185_000
        assert len(player.syncs) > 80
        assert len(set(player.pointers)) > 30
        assert 1 < player.counts["img"] + 1 <= 3


@films
def test_a_talk_without_end_does_not_fill_the_disk(film: Film) -> None:
    """REC-1: of many lines the last ones are short, then left out; all of it stays bounded."""
    made = session.post(1, "p", "email", "", START, smart_box_entries=(Labelled("Name", "Ann"),))
    rep = Representative("r@example.com", "Bob", "Bob", "T", "10.1.1.1")
    made = session.start(session.accept(made, rep, START), START)
    for nth in range(300):
        made = chat.say(made, "Ann", "word " * 300, START + timedelta(seconds=nth))

    assert len(b"".join(film(1, made))) < 260_000
    assert played(film, made).syncs[-1] == week.to_ms(START) + 299_000


def test_the_stream_comes_in_pieces_and_twice_the_same() -> None:
    """REC-6: the same session gives the same bytes; nothing of a film is kept between two."""
    one = some()[3]
    first, again = (list(screen.remote(SEED, one)) for _ in range(2))

    assert first == again
    assert len(first) > 10
    assert max(map(len, first)) < 80_000
    assert b"".join(first) != b"".join(screen.remote(SEED + 1, one))


def test_a_session_that_never_started_has_no_film() -> None:
    """REC-1: there is nothing to show."""
    waiting = session.post(1, "p", "s", "", START)
    with pytest.raises(ValueError, match="has not started"):
        screen.remote(1, waiting)
    with pytest.raises(ValueError, match="has not started"):
        screen.local(1, waiting)


def test_an_end_before_its_last_event_keeps_the_frames_in_order() -> None:
    """REC-1: a film never runs behind the session's end."""
    one = with_event(Event.ENDED)
    assert one.started
    cut = replace(one, ended=one.started + timedelta(seconds=30))

    assert played(screen.local, cut).syncs[-1] == week.to_ms(one.started) + 30_000


def test_what_lies_outside_is_cut_off() -> None:
    """A drawing that is too large, or a pointer sent too far, stays inside all the same."""
    pen = Pen()
    scenery.pointer(pen)
    desk = Desktop(pen, scenery.THEMES[0])
    desk.refresh()
    reel = Reel(desk, 0, 5_000, Draws(1, "edge"))
    window = desk.open(Rect(900, 600, 300, 300), "Half of it is off the screen")
    window.fill(Rect(-50, -50, 5_000, 5_000), (1, 2, 3))
    window.fill(Rect(400, 400, 10, 10), (1, 2, 3))
    for y in (-30, 10, 290, 900):
        window.text(8, y, "a line")
        window.text(295, y, "no room")
    reel.point(5_000, -70, 2_000)
    reel.point(-9, 3_000, 4_000)
    desk.close(window)
    reel.frame(9_000)

    player = Player().play(pen.take())
    assert player.syncs[-1] == 5_000
    assert {(1023, 0), (0, 767)} <= set(player.pointers)


@given(texts)
def test_a_fitted_text_fits(text: str) -> None:
    """A line never runs out of its window, whatever letters it has."""
    for room in (20, 60, 300):
        assert glyphs.width(glyphs.fitted(text, room)) <= room
        lines = glyphs.wrapped(text, room, 3)
        assert len(lines) <= 3
        assert all(glyphs.width(line) <= room for line in lines)


def test_a_text_that_fits_is_shown_whole() -> None:
    """Wrapping loses no word as long as there are rows."""
    text = "the quick brown fox jumps over the lazy dog " * 3
    lines = glyphs.wrapped(text, 200, 20)

    assert " ".join(lines) == text.strip()
    assert glyphs.wrapped("", 100, 3) == []
    assert glyphs.fitted("short", 100) == "short"
    assert glyphs.fitted("much too long for that", 60).endswith("…")
