"""FAULT-1, SESS-4: a message in a known form is read as if it were parsed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broker_sim.contract.agents import AGENTS
from broker_sim.contract.kinds import Endpoint, Kind, Operation
from broker_sim.contract.sessions import SESSIONS
from broker_sim.soap import familiar
from broker_sim.soap.envelope import SOAP11
from broker_sim.soap.familiar import Forms
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import Desk

PLAIN: Final = {
    Kind.TEXT: st.text("ab 1'\"=", max_size=5),
    Kind.NAME: st.text("ab 1'\"=", min_size=1, max_size=5),
    Kind.ID: st.integers(1, 10**9 - 1),
    Kind.COUNT: st.integers(0, 10**9 - 1),
    Kind.POSITION: st.integers(0, 10**9 - 1),
    Kind.INSTANT: st.integers(-(10**12), 10**13).map(
        lambda ms: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    ),
}
IDS: Final = {one.name: one for one in SESSIONS.operations}["getSessionIds"]
ID_ARGUMENTS: Final = {
    "connection_id": "connection-1",
    "start": datetime(2026, 1, 1, tzinfo=UTC),
    "end": datetime(2026, 1, 2, tzinfo=UTC),
    "by": None,
    "sub_portals": None,
    "after": 12012692,
    "limit": 50,
}
# Values that are none, or are written in an odd way, or end their element too soon.
ODD: Final = st.sampled_from(
    [
        *("", " ", "0", "-1", "+1", "007", " 7", "7 ", "7\n", "1e3", "9" * 9, "9" * 10, "9" * 19),
        *("9" * 30, "true", "TRUE", "x" * 255, "x" * 256, "x" * 1001, "&amp;", "&#55;", "&", "]]>"),
        *("<![CDATA[7]]>", "<!-- 7 -->", "7<!-- -->", "<?p 7?>", "7<b/>", "</after>", "\u0667"),
        *("\xe9", "\0", "\x01", "\r", "\t", ">", "'", '"', "2026-01-01T00:00:00Z"),
        *("2026-02-29T00:00:00Z", "2026-02-28T24:00:00Z", "2026-02-28T24:00:01Z"),
        *("2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.1234Z"),
        *("2026-04-31T00:00:00Z", "2028-02-29T00:00:00Z", "2026-01-01T00:00:00.1234567Z"),
        *("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00+02:00"),
        *("2026-01-01t00:00:00z", "-2026-01-01T00:00:00Z", "2026-1-1T00:00:00Z"),
    ]
)


def outcome(desk: Desk, forms: Forms, body: bytes) -> tuple[int, bytes, Mapping[str, Any]]:
    """Have a message read by a service that knows these forms."""
    desk.service._forms = forms
    desk.given = {}
    answer = desk.ask(body)
    return answer.status, answer.body, desk.given


def known_to(forms: Forms, body: bytes) -> bool:
    return forms.read(SOAP11, body) is not None


def message(operation: Operation, arguments: Mapping[str, Any]) -> bytes:
    return drawing.envelope(drawing.payload(operation, arguments))


@pytest.mark.parametrize(("endpoint", "operation"), drawing.CALLS, ids=drawing.CALL_IDS)
@drawing.FEW
@given(data=st.data())
def test_a_call_is_read_the_same_however_familiar(
    endpoint: Endpoint, operation: Operation, data: st.DataObject
) -> None:
    """SESS-4: the first of its form, and the next with other values."""
    desk, forms = Desk(endpoint=endpoint), Forms()
    calls = data.draw(st.lists(drawing.arguments(operation), min_size=2, max_size=4))
    plain = data.draw(drawing.arguments(operation, PLAIN))

    for arguments in (*calls, plain, plain):
        body = message(operation, arguments)
        assert outcome(desk, forms, body) == outcome(desk, Forms(), body)


def flat(operation: Operation) -> bool:
    return all(field.type in familiar._PLAIN and not field.many for field in operation.takes)


@pytest.mark.parametrize(
    "operation", [one for one in (*SESSIONS.operations, *AGENTS.operations) if flat(one)]
)
@drawing.FEW
@given(data=st.data())
def test_a_form_is_known_once_it_was_read(operation: Operation, data: st.DataObject) -> None:
    """SESS-4: or all this would prove nothing."""
    endpoint = SESSIONS if operation in SESSIONS.operations else AGENTS
    forms, first = Forms(), data.draw(drawing.arguments(operation, PLAIN))
    again = data.draw(drawing.arguments(operation, PLAIN))
    same = {name: again[name] if value is not None else None for name, value in first.items()}

    assert not known_to(forms, message(operation, first))
    outcome(Desk(endpoint=endpoint), forms, message(operation, first))
    if None not in same.values() and len(same) > 1:
        assert known_to(forms, message(operation, same))


@pytest.mark.parametrize("wire", ["connectionId", "from", "after", "max"])
@drawing.MODEST
@given(value=ODD, other=st.sampled_from(["1", "2026-01-01T00:00:00Z"]))
def test_an_odd_value_is_read_or_refused_as_ever(wire: str, value: str, other: str) -> None:
    """FAULT-1: word for word."""
    desk, forms, usual = Desk(), Forms(), message(IDS, ID_ARGUMENTS)
    outcome(desk, forms, usual)
    assert known_to(forms, usual)
    begin, end = f"{wire}>".encode(), f"</ns0:{wire}>".encode()
    head, _, rest = usual.partition(begin)
    tail = rest.partition(end)[2]

    for text in (value, other):
        odd = head + begin + text.encode() + end + tail
        assert outcome(desk, forms, odd) == outcome(desk, Forms(), odd)


@drawing.MODEST
@given(
    at=st.integers(0, 700),
    taken=st.integers(0, 3),
    put=st.binary(max_size=3) | st.sampled_from([b"<", b"/>", b' x="1"', b"&", b" ", b"<b/>"]),
)
@example(at=0, taken=0, put=b" ")
@example(at=700, taken=0, put=b"<!-- -->")
@example(at=700, taken=0, put=b"<b/>")
def test_a_damaged_message_is_read_or_refused_as_ever(at: int, taken: int, put: bytes) -> None:
    """FAULT-1, FAULT-2: whatever is written elsewhere than in a value."""
    desk, forms, usual = Desk(), Forms(), message(IDS, ID_ARGUMENTS)
    outcome(desk, forms, usual)
    assert known_to(forms, usual)
    damaged = usual[:at] + put + usual[at + taken :]

    assert outcome(desk, forms, damaged) == outcome(desk, Forms(), damaged)


@pytest.mark.parametrize(
    "body",
    [
        drawing.envelope(drawing.payload(drawing.LOGON, drawing.RIGHT), header="<e:Header/>"),
        message(drawing.LOGON, {**drawing.RIGHT, "password": "a&b"}),
        message(drawing.LOGON, drawing.RIGHT).replace(
            b"username>api", f'username xmlns:i="{drawing.XSI}" i:nil="false">api'.encode()
        ),
        message(drawing.LOGON, drawing.RIGHT).replace(b">api<", b"><!-- -->api<"),
        message(drawing.LOGON, drawing.RIGHT).replace(b"<e:Body>", b"<e:Body>" + b" " * 5000),
    ],
)
def test_what_has_more_than_values_is_parsed_every_time(body: bytes) -> None:
    """FAULT-1: headers, attributes, entities, comments, and what is too long to be kept."""
    desk, forms = Desk(), Forms()

    assert outcome(desk, forms, body)[0] in {200, 500}
    assert not known_to(forms, body)


def test_a_form_belongs_to_a_version_of_soap() -> None:
    """FAULT-1: the same bytes under the other content type are refused."""
    desk, forms, body = Desk(), Forms(), message(drawing.LOGON, drawing.RIGHT)
    outcome(desk, forms, body)

    assert desk.ask(body, drawing.SOAP12).status == 500


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "iso-8859-1", "utf-16", "utf-16le"])
@pytest.mark.parametrize("user", ["eva", "f\xfcr"])
def test_a_form_means_the_same_in_every_charset(charset: str, user: str) -> None:
    """FAULT-2: and a value beyond ASCII is what its own charset says, if it can say it."""
    desk, forms = Desk(), Forms()
    outcome(desk, forms, message(drawing.LOGON, drawing.RIGHT))
    text = message(drawing.LOGON, drawing.RIGHT).decode().replace(">api<", f">{user}<")
    sayable = user.isascii() or charset != "us-ascii"
    body = text.encode(charset if sayable else "utf-8")
    desk.given = {}

    assert desk.ask(body, f"text/xml; charset={charset}").status == (200 if sayable else 500)
    assert desk.given.get("username") == (user if sayable else None)


def test_what_is_not_ascii_is_no_form() -> None:
    """FAULT-2: its bytes may mean something else in the next caller's charset."""
    desk, forms = Desk(), Forms()
    body = message(drawing.LOGON, drawing.RIGHT).replace(b"ns0", "\xe4".encode())

    assert outcome(desk, forms, body)[0] == 200
    assert not known_to(forms, body)


def test_of_a_message_with_much_between_its_values_no_pattern_is_made() -> None:
    """FAULT-2: it takes longer to make than the message is worth, and asks for no logon."""
    desk, forms = Desk(), Forms()
    usual = message(drawing.LOGON, drawing.RIGHT)
    between = usual.index(b"</", usual.index(b"username>")) + len(b"</ns0:username>")
    blanks = b" " * familiar.BETWEEN_BYTES_MOST
    wide = usual[:between] + blanks + usual[between:]

    assert outcome(desk, forms, wide)[0] == 200
    assert not known_to(forms, wide)


def test_values_that_are_not_plain_teach_nothing_anew() -> None:
    """FAULT-2: the form is known, and is kept once."""
    desk, forms = Desk(), Forms()
    for user in ("f\xfcr", "f\xe9r", "x" * 200, "f\xfcr"):
        outcome(desk, forms, message(drawing.LOGON, {**drawing.RIGHT, "username": user}))

    assert sum(map(len, forms._by_end.values())) == 1


def test_of_forms_that_end_alike_the_last_few_are_tried() -> None:
    """FAULT-2: nobody makes every call try all forms that there are."""
    desk, forms = Desk(), Forms()
    usual = message(drawing.LOGON, drawing.RIGHT)
    bodies = [
        usual.replace(b"><", b">%b<" % (b" " * number), 1)
        for number in range(familiar.ALIKE_MOST + 1)
    ]
    for body in bodies:
        outcome(desk, forms, body)

    assert [known_to(forms, body) for body in bodies] == [False] + [True] * familiar.ALIKE_MOST


def test_forms_without_end_take_no_memory_without_end() -> None:
    """FAULT-2: with so many, all are forgotten, and learnt again."""
    desk, forms = Desk(), Forms()
    bodies = [
        message(drawing.LOGON, drawing.RIGHT).replace(b"ns0", b"n%d" % number)
        for number in range(familiar.FORMS_MOST + 1)
    ]
    for body in bodies:
        outcome(desk, forms, body)

    assert len(forms._by_end) == 1
    assert known_to(forms, bodies[-1])
