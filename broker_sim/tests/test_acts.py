"""SESS-4, FAULT-1, SESS-3: the acts of a tester, each argument good, bad and missing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import pytest

from broker_sim.contract import limits
from broker_sim.core.record import Event, Labelled
from broker_sim.service import managers
from broker_sim.service.storage import Portal
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.worlds import Hands, world


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def at(hands: Hands, act: str) -> int:
    """Give a session that stands where the act may come."""
    number = hands.post()
    ways = {"accept": 0, "decline": 0, "abandon": 0, "start": 1, "survey": 3, "record": 3}
    for step in ("accept", "start", "end")[: ways.get(act, 2)]:
        hands.act(step, sessionId=number)
    return number


PAIR: Final = {"label": "Name", "value": "Ann"}
# Every act with all its arguments, good ones; `post` needs no session.
GOOD: Final[dict[str, dict[str, Any]]] = {
    "post": {
        "question": "Why?",
        "smartBoxEntries": [PAIR, {"label": None, "value": ""}],
        "referenceId": "INC-1",
        "customerIp": "192.0.2.1",
        "locale": "de-AT",
        "mode": "Phone",
    },
    "accept": {},
    "decline": {},
    "abandon": {},
    "start": {},
    "chat": {"speaker": "representative", "text": "a\tb\r\nc \U0001f600"},
    "sendFile": {"name": "patch.zip", "size": 0},
    "pushUrl": {"url": "https://example.com/?a=b&c"},
    "takeDiagnostics": {},
    "screen": {"on": False},
    "reboot": {"reconnected": False},
    "fail": {"reason": "the line broke"},
    "end": {
        "resolution": "Resolved",
        "comment": "c",
        "endLabel": "l",
        "endData": "d",
        "repRatings": [PAIR],
    },
    "survey": {"customerRatings": [PAIR]},
    "record": {},
}
# Texts that a person typed somewhere, by act and argument.
TEXTS: Final = [
    (act, field)
    for act, given in GOOD.items()
    for field, value in given.items()
    if isinstance(value, str) and field not in {"speaker", "mode", "resolution"}
]
LISTS: Final = [
    ("post", "smartBoxEntries"),
    ("end", "repRatings"),
    ("survey", "customerRatings"),
]
NO_LISTS: Final[tuple[object, ...]] = ("text", 5, {"a": "b"}, [5], [{}])
NO_IDS: Final[tuple[object, ...]] = (None, "17", True, 1.0, 0, -1, 2**63, 10**30)
BAD: Final[list[tuple[str, str, object]]] = [
    *[(act, field, 5) for act, field in TEXTS],
    *[(act, field, bad) for act, field in LISTS for bad in NO_LISTS],
    *[(act, field, [{"label": 5, "value": "a"}]) for act, field in LISTS],
    ("post", "question", None),
    ("post", "mode", "Fax"),
    ("post", "subPortal", "nowhere"),
    ("post", "portal", "nowhere"),
    ("post", "portal", None),
    ("accept", "representative", 5),
    ("accept", "representative", "nobody@example.invalid"),
    ("chat", "speaker", "nobody"),
    ("chat", "text", None),
    ("sendFile", "size", -1),
    ("sendFile", "size", "1"),
    ("sendFile", "size", 1.5),
    ("sendFile", "size", True),
    ("sendFile", "size", None),
    ("screen", "on", "yes"),
    ("reboot", "reconnected", 1),
    ("end", "resolution", "Perhaps"),
    *[("start", "sessionId", bad) for bad in NO_IDS],
]


def given_for(hands: Hands, act: str, **other: object) -> dict[str, Any]:
    """Give all arguments of an act, one of them replaced."""
    given = {**GOOD[act], **other}
    if act != "post":
        return {"sessionId": at(hands, act), **given}
    return {"portal": hands.portal, "subPortal": _sub(hands), **given}


def _sub(hands: Hands) -> str:
    with hands.broker.store.reading() as tx:
        portal = tx.portal(hands.portal)
    assert portal is not None
    return portal.sub_portals[0]


@pytest.mark.parametrize("act", [act for act in GOOD if act not in {"record", "survey"}])
def test_what_was_given_is_on_the_record(hands: Hands, act: str) -> None:
    """SESS-4: byte for byte, by its field or among the events."""
    done = hands.act(act, **given_for(hands, act))

    told = {
        **{field.lower(): value for field, value in vars_of(done).items()},
        "events": [event.detail for event in done.events],
    }
    text = repr(told)
    for value in GOOD[act].values():
        if isinstance(value, str) and value != "representative":
            assert repr(value)[1:-1] in text


def vars_of(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in type(record).__dataclass_fields__}


def test_labels_and_values_come_back_in_their_order(hands: Hands) -> None:
    """SESS-4: a missing label stays missing, an empty value stays empty."""
    entries = (Labelled("Name", "Ann"), Labelled(None, ""))

    posted = hands.act("post", **given_for(hands, "post"))
    number = at(hands, "end")
    ended = hands.act("end", sessionId=number, repRatings=[PAIR])
    rated = hands.act("survey", sessionId=number, customerRatings=[PAIR, PAIR])

    assert posted.smart_box_entries == entries
    assert ended.rep_ratings == entries[:1]
    assert rated.customer_ratings == (entries[0], entries[0])


@pytest.mark.parametrize(("act", "field"), TEXTS, ids=str)
@pytest.mark.parametrize("bad", ["a\0", "\x1fb", "\ud800", "\uffff", "x" * (limits.TEXT_MAX + 1)])
def test_a_text_that_cannot_be_carried_is_refused(
    hands: Hands, act: str, field: str, bad: str
) -> None:
    """SESS-4: control characters and what is too long, at every text; nothing has happened."""
    given = given_for(hands, act, **{field: bad})
    before = hands.call("getLastUpdateId")

    refused = refusal_of(partial(hands.act, act, **given))

    assert refused is not None
    assert (refused.fault.code, refused.extra["field"]) == ("InvalidArgument", field)
    assert hands.call("getLastUpdateId") == before


@pytest.mark.parametrize(("act", "field"), LISTS)
@pytest.mark.parametrize("bad", [{"label": "\x01", "value": ""}, {"label": None, "value": "\x02"}])
def test_so_is_one_in_a_list(hands: Hands, act: str, field: str, bad: object) -> None:
    """SESS-4: labels and values alike."""
    given = given_for(hands, act, **{field: [PAIR, bad]})

    refused = refusal_of(partial(hands.act, act, **given))

    assert refused is not None
    assert refused.extra["field"] == field


def test_the_longest_text_is_taken(hands: Hands) -> None:
    """SESS-4: at the edge, not before it."""
    text = "x" * limits.TEXT_MAX

    assert hands.act("post", **given_for(hands, "post", question=text)).question == text


@pytest.mark.parametrize(("act", "field", "bad"), BAD)
def test_a_wrong_argument_is_named(hands: Hands, act: str, field: str, bad: object) -> None:
    """FAULT-1: InvalidArgument with its field, whatever else was given."""
    refused = refusal_of(partial(hands.act, act, **given_for(hands, act, **{field: bad})))

    assert refused is not None
    if field == "sessionId" and refused.fault.code == "NoSuchSession":
        assert isinstance(bad, int)
        return
    assert refused.fault.code == "InvalidArgument"
    assert refused.extra["field"] in {field, "label", "value"}


def test_an_unknown_act_is_told_the_known_ones(hands: Hands) -> None:
    """FAULT-1: a sentence a person can act on."""
    refused = refusal_of(partial(hands.act, "dance"))

    assert refused is not None
    assert all(act in refused.sentence for act in GOOD)


def test_every_act_is_tried_here(hands: Hands) -> None:
    """An act that is added gets its row."""
    assert set(hands.broker.acts.table) == {*GOOD, "transfer"}


def test_a_transfer_hands_on_to_a_sub_portal_that_there_is(hands: Hands) -> None:
    """SESS-3: the two records name each other at once; elsewhere nothing is linked."""
    number = at(hands, "transfer")
    wrong = partial(hands.act, "transfer", sessionId=number, subPortal="nowhere")
    assert code_of(wrong) == "InvalidArgument"

    successor = hands.act("transfer", sessionId=number, subPortal=_sub(hands))

    gone = hands.call("getSession", session_id=number)
    assert (gone.transferred_to, successor.transferred_from) == (successor.session_id, number)
    assert [event.kind for event in gone.events[-2:]] == [Event.TRANSFERRED, Event.ENDED]
    kinds = [(update.session_id, update.kind) for update in hands.call("getUpdates", since=3)]
    assert kinds == [
        (number, "Transferred"),
        (number, "Ended"),
        (successor.session_id, "Posted"),
    ]


def test_of_two_who_accept_the_first_has_it(hands: Hands) -> None:
    """PORTAL-3: the other is told that it is out of turn."""
    number = hands.post()
    emails = [rep["email"] for rep in hands.broker.tester.describe()["representatives"]]
    hands.act("accept", sessionId=number, representative=emails[1])

    again = partial(hands.act, "accept", sessionId=number, representative=emails[0])

    assert code_of(again) == "OutOfTurn"
    assert hands.call("getSession", session_id=number).representative == emails[1]


@pytest.mark.parametrize(
    ("name", "subs", "username"),
    [
        ("a\x01", ("a",), "u"),
        ("a", ("a\x01",), "u"),
        ("a", ("",), "u"),
        ("a", (), "u"),
        ("a", ("b", "b"), "u"),
        ("x" * 256, ("a",), "u"),
        ("a", ("x" * 256,), "u"),
        ("a", ("b",), "x" * 256),
        ("a", ("b",), " "),
        ("a", ("b",), "a\x01"),
    ],
)
def test_a_portal_that_the_wire_could_not_name_is_refused(
    hands: Hands, name: str, subs: tuple[str, ...], username: str
) -> None:
    """SESS-4, WIRE-1: names have 1 to 255 characters, and a portal has a sub-portal."""
    portal = Portal(name, name, "Example", "SmartBox", subs, hard_lockouts=False)

    refused = refusal_of(
        partial(managers.add_portal, hands.broker.world, portal, username, "secret")
    )

    assert refused is not None
    assert refused.fault.code == "InvalidArgument"
    with hands.broker.store.reading() as tx:
        assert tx.portal(name) is None
