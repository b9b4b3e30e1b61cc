"""Sessions to try the synthetic files on: of the past, and odd ones that a tester may make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from broker_sim.core import chat, session
from broker_sim.core.record import Event, Labelled, Representative, Session
from broker_sim.synthetic import past
from broker_sim.synthetic.company import CompanyPlan, plan

START = datetime(2030, 1, 1, tzinfo=UTC)
END = START + timedelta(days=90)
FIRST_ID = 12_012_692
SEED = 7

# What XML 1.0 can carry, and so may stand in a session: SESS-4.
LEGAL = st.characters(
    exclude_categories=["Cs"],
    exclude_characters=[chr(n) for n in range(32) if n not in (9, 10, 13)] + ["\ufffe", "\uffff"],
)
texts = st.text(LEGAL, max_size=60) | st.sampled_from(
    ["", " ", "\n\n", "a: b", "x" * 3000, "Name(12:34:56)", "<b>&amp;]]>", "שלום", "😊" * 9]
)
seeds = st.integers(0, 2**64 - 1)
indices = st.integers(0, 10**6)


def whole(seed: int, index: int, posted: datetime = START) -> Session:
    """Give the session of a seed and an index, with ids that grow with the index."""
    return past.session(seed, plan(seed % 97), index, FIRST_ID + index, posted)


@cache
def some(count: int = 400) -> tuple[Session, ...]:
    """Give the first sessions of one world."""
    company: CompanyPlan = plan(SEED)
    return tuple(
        past.session(
            SEED,
            company,
            index,
            FIRST_ID + index,
            past.posted_at(SEED, index, count, START, END),
            count=count,
        )
        for index in range(count)
    )


def with_event(kind: Event) -> Session:
    """Give a session of that world in which something happened."""
    return next(one for one in some() if any(event.kind is kind for event in one.events))


DURING = (
    Event.FILE_SENT,
    Event.URL_PUSHED,
    Event.DIAGNOSTICS_TAKEN,
    Event.SCREEN_ON,
    Event.SCREEN_OFF,
    Event.REBOOTED,
    Event.RECONNECTED,
)


@st.composite
def live(draw: st.DrawFn) -> Session:
    """Make a session by the rules, with whatever people may type; over, or going on."""
    entries = draw(st.lists(st.builds(Labelled, st.none() | texts, texts), max_size=4))
    if draw(st.booleans()):
        entries.insert(0, Labelled("Name", draw(texts)))
    made = session.post(
        FIRST_ID,
        "portal",
        draw(st.sampled_from(["email", "elsewhere"])),
        draw(texts),
        START,
        smart_box_entries=tuple(entries),
        customer_ip=draw(st.none() | st.just("203.0.113.9")),
        locale=draw(st.sampled_from(["", "de_DE", "xx_XX"])),
    )
    rep = Representative("rep@example.com", draw(texts), draw(texts), "Team", "10.1.1.1")
    made = session.start(session.accept(made, rep, START), START)
    for act in draw(st.lists(st.sampled_from(["say", "ask", *DURING]), max_size=14)):
        made = _acted(draw, made, act)
    if draw(st.booleans()):
        now = made.events[-1].time
        made = session.end(made, now, resolution="Resolved", comment=draw(st.none() | texts))
    return made


def _acted(draw: st.DrawFn, made: Session, act: str) -> Session:
    now = made.events[-1].time
    now += timedelta(milliseconds=draw(st.sampled_from([0, 1, 700, 9_000, 400_000])))
    if act in DURING:
        return session.move(made, Event(act), now, draw(texts))
    name = chat.rep_name(made) if act == "say" else chat.customer_name(made)
    return chat.say(made, name, draw(texts), now)
