"""A fault rule in words: all that is wrong is named when the rule is added."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.core.effects import Delay, Garbage, Refuse, Sever, Truncate
from broker_sim.core.provocation import Called, Like, Strike
from broker_sim.service import wording
from broker_sim.service.provoking import Faults
from broker_sim.tests.worlds import Hands, world

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LOGON = ENDPOINTS[0].operations[0]


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def desk(hands: Hands) -> Faults:
    """Give rules of their own for one and the same world."""
    return Faults(hands.broker.world, lambda: 7)


effects = st.one_of(
    st.fixed_dictionaries(
        {"effect": st.just("status"), "status": st.sampled_from([429, 503])},
        optional={"retryAfter": st.integers(0, 60)},
    ),
    st.fixed_dictionaries(
        {"effect": st.sampled_from(["delay", "drip"]), "seconds": st.floats(0, 9)}
    ),
    st.fixed_dictionaries(
        {"effect": st.just("truncate")},
        optional={"keep": st.integers(0, 99), "how": st.sampled_from(["rst", "fin"])},
    ),
    st.fixed_dictionaries(
        {"effect": st.just("garbage")}, optional={"size": st.integers(1, 9), "raw": st.booleans()}
    ),
    st.just({"effect": "empty"}),
    st.just({"effect": "fault", "code": "ServerError", "fields": {"incidentId": "i-1"}}),
    st.just({"effect": "fault", "code": "InvalidArgument"}),
)
rules = st.tuples(
    effects,
    st.fixed_dictionaries(
        {},
        optional={
            "operation": st.sampled_from(["*", "getSession", "Sessions.getSession", "Sessions.*"]),
            "login": st.sampled_from(["API ", "api"]),
            "match": st.sampled_from(
                [{"sessionId": 7}, {"sessionId": "7"}, {"connectionId": {"like": "a*"}}]
            ),
            "skip": st.integers(0, 9),
            "times": st.integers(1, 9),
            "probability": st.floats(0, 1),
            "seed": st.integers(0, 9),
        },
    ),
).map(lambda two: two[1] | two[0])


@given(found=st.lists(rules, max_size=5), calls=st.integers(0, 20))
def test_what_was_saved_goes_on_as_if_nothing_had_been(
    found: list[Any], calls: int, hands: Hands
) -> None:
    """Rules, counts and chance; through JSON, into another world's rules."""
    one, other = desk(hands), desk(hands)
    for rule in found:
        one.add_said(rule)
    asked = ("Sessions", ENDPOINTS[0].operations[3], {"connection_id": "api", "session_id": 7})
    assert asked[1].name == "getSession"
    for _ in range(calls):
        one.strike(*asked)

    other.restore(json.loads(json.dumps(one.saved())))

    assert other.saved() == one.saved()
    assert [other.strike(*asked) for _ in range(9)] == [one.strike(*asked) for _ in range(9)]
    assert other.add("*", effect="empty")["id"] == one.add("*", effect="empty")["id"]


@given(given=rules)
def test_the_words_of_a_rule_make_the_same_rule(given: Any, hands: Hands) -> None:
    """What GET tells can be given to POST."""
    said = desk(hands).add_said(given)
    again = {name: value for name, value in said.items() if name not in {"fitted", "struck"}}

    assert desk(hands).add_said(again) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'effect' must be one of fault, status, delay"),
        ({"effect": "explode"}, "'effect' must be one of fault, status, delay"),
        ({"effect": ["cut"]}, "'effect' must be one of"),
        ({"effect": "cut", "hwo": "rst"}, "'hwo' is nothing that a rule with effect 'cut' takes: "),
        ({"effect": "cut", "how": "bang"}, "'how' must be one of rst, fin; not 'bang'"),
        ({"effect": "cut", "operation": "getSesion"}, "'operation' must be an operation like"),
        ({"effect": "cut", "operation": 7}, "'operation' must be a text"),
        ({"effect": "cut", "skip": -1}, "'skip' must be a whole number from 0 to"),
        ({"effect": "cut", "skip": True}, "'skip' must be a whole number from 0 to"),
        ({"effect": "cut", "times": 0}, "'times' must be a whole number from 1 to"),
        ({"effect": "cut", "times": 1.5}, "'times' must be a whole number from 1 to"),
        ({"effect": "cut", "probability": 2}, "'probability' must be a number from 0 to 1"),
        ({"effect": "cut", "when": "during"}, "'when' must be one of before, after"),
        ({"effect": "cut", "id": "a b"}, "'id' must have 1 to 63 letters"),
        ({"effect": "cut", "match": []}, "'match' must be an object"),
        (
            {"effect": "cut", "operation": "logon", "match": {"usrname": "x"}},
            "'match.usrname' is no field of 'logon', which has ",
        ),
        (
            {"effect": "cut", "match": {"sessionId": {"regex": "(a+)+"}}},
            "'match.sessionId' must be a text, a number, true, false, or",
        ),
        ({"effect": "status"}, "'status' is missing"),
        ({"effect": "status", "status": 200}, "'status' must be one of 400"),
        ({"effect": "status", "status": True}, "'status' must be one of 400"),
        ({"effect": "status", "status": 503, "retryAfter": "5"}, "'retryAfter' must be a whole"),
        ({"effect": "delay"}, "'seconds' is missing"),
        ({"effect": "delay", "seconds": 601}, "'seconds' must be a number from 0 to 600"),
        ({"effect": "delay", "seconds": float("nan")}, "'seconds' must be a number from 0 to 600"),
        ({"effect": "drip", "seconds": 1, "when": "before"}, "'when' must be 'after' for effect"),
        ({"effect": "garbage", "size": 0}, "'size' must be a whole number from 1"),
        ({"effect": "garbage", "raw": 1}, "'raw' must be true or false"),
        ({"effect": "contentType", "contentType": "a\r\nb: c"}, "'contentType' must have"),
        ({"effect": "fault"}, "'code' is missing"),
        (
            {"effect": "fault", "code": "NoSuchSession", "operation": "logon"},
            "'code' must be a fault that the operation can answer (AlreadyLoggedOn, ",
        ),
        (
            {"effect": "fault", "code": "LockedOut", "fields": {"seconds": 1}},
            "'fields.seconds' is no field of LockedOut; it has secondsLeft",
        ),
        (
            {"effect": "fault", "code": "LockedOut", "fields": {"secondsLeft": "soon"}},
            "'fields.secondsLeft' must be a whole number from 0",
        ),
        (
            {"effect": "fault", "code": "SessionPurged", "fields": {"purgedAt": "once"}},
            "'fields.purgedAt' must be an instant like",
        ),
        (
            {"effect": "fault", "code": "InvalidArgument", "fields": {"reason": "\x00"}},
            "'fields.reason' must be a text of 1 to 1000 printable characters",
        ),
        (
            {"effect": "fault", "code": "ServerError", "operation": "download"},
            "try a status",
        ),
        ({"effect": "cut", "operation": "download", "login": "api"}, "'login' cannot be told"),
        (
            {"effect": "cut", "operation": "download", "match": {"file": "x"}},
            "'match.file' is no field of 'download', which has name, sessionId",
        ),
    ],
)
def test_a_mistake_is_named_with_what_was_wanted(given: Any, said: str, hands: Hands) -> None:
    """FAULT-1: at once, not when the rule fails to strike."""
    broken = desk(hands)
    with pytest.raises(ValueError, match=re.escape(said)):
        broken.add_said(given)

    assert broken.list() == []
    assert not broken.armed


def test_every_declared_fault_can_be_asked_for_with_its_fields(hands: Hands) -> None:
    """FAULT-1: each field of each fault takes a value of its kind."""
    values = {"instant": "2030-01-01T00:00:00Z", "text": "t", "name": "n"}
    declared = {
        fault
        for endpoint in ENDPOINTS
        for operation in endpoint.operations
        for fault in (*operation.faults, *faults.ALWAYS)
    }
    for fault in declared:
        fields = {one.wire: values.get(getattr(one.type, "value", ""), 9) for one in fault.extra}
        said = desk(hands).add("*", effect="fault", code=fault.code, fields=fields)

        assert set(said["fields"]) == set(fields)


def test_rules_are_bounded_and_their_ids_are_one_each(hands: Hands) -> None:
    """The hundred and first is refused, and so is a second of one name."""
    full = desk(hands)
    for _ in range(100):
        full.add("*", effect="empty")

    with pytest.raises(ValueError, match="100 rules at most"):
        full.add("*", effect="empty")
    full.remove("fault-7")
    assert full.add("*", effect="empty", id="mine")["id"] == "mine"
    full.remove("fault-8")
    with pytest.raises(ValueError, match="must be new"):
        full.add("*", effect="empty", id="mine")
    with pytest.raises(LookupError, match="no rule 'fault-7'"):
        full.remove("fault-7")
    full.clear()
    assert (full.list(), full.armed) == ([], False)
    assert full.add("*", effect="empty")["id"] == "fault-1"


def test_python_names_and_what_a_rule_sees_of_a_call(hands: Hands) -> None:
    """A login is canonical; fields are matched as texts by their wire names."""
    rules = desk(hands)
    rules.add("logon", effect="status", status=429, retry_after=3, login=" API")
    rules.add("download", effect="truncate", match={"name": {"like": "*.g2a"}}, keep=3)
    rules.add("getUpdates", effect="cut", match={"max": 10})
    rules.add(
        "getSessionIds",
        effect="garbage",
        match={"subPortals": "b", "from": "2030-01-01T12:00:00.000Z"},
    )

    by_name = {one.name: one for one in ENDPOINTS[0].operations}
    listing = {"sub_portals": ("a", "b"), "start": NOON, "end": NOON}

    assert rules.strike("Sessions", LOGON, {"username": "Api", "password": "x"}).rules
    assert not rules.strike("Sessions", LOGON, {"username": "other", "password": "x"}).rules
    assert rules.strike_download(7, "a.g2a").effect == Truncate(3)
    assert rules.strike_download(7, "a.txt") == Strike()
    assert rules.strike("Sessions", by_name["getUpdates"], {"limit": 10}).effect == Sever()
    assert rules.strike("Sessions", by_name["getUpdates"], {"limit": None}) == Strike()
    assert rules.strike("Sessions", by_name["getSessionIds"], listing).effect == Garbage()


def test_a_call_on_a_connection_is_its_logins(hands: Hands) -> None:
    """The login is looked up where a rule asks for one."""
    rules = desk(hands)
    rules.add("getPortal", effect="delay", seconds=2, login=hands.username)
    get_portal = next(one for one in ENDPOINTS[0].operations if one.name == "getPortal")
    connection = hands.connection or hands.logon()

    assert rules.strike("Sessions", get_portal, {"connection_id": connection}).wait_before == 2
    assert rules.strike("Sessions", get_portal, {"connection_id": "other"}) == Strike()


def test_a_rule_is_read_as_it_is_meant() -> None:
    """Defaults, patterns and canonical logins."""
    rule = wording.rule_of(
        {"effect": "delay", "seconds": 1, "login": " API", "match": {"sessionId": {"like": "1*"}}},
        "r",
    )
    refused = wording.rule_of(
        {
            "effect": "fault",
            "code": "LockedOut",
            "fields": {"secondsLeft": 3},
            "operation": "logon",
        },
        "r",
    )

    assert (rule.effect, rule.login, rule.match) == (Delay(1), "api", {"sessionId": Like("1*")})
    assert (rule.operation, rule.skip, rule.times, rule.when) == ("*", 0, None, "before")
    assert refused.effect == Refuse("LockedOut", {"seconds_left": 3})
    assert Called("", "download").refusals == frozenset()
