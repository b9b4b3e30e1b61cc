"""What the journal shows of an exchange: who, what, how long, what was wrong, what nobody read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.service.har import archive
from broker_sim.service.journal_lines import line_of
from broker_sim.service.seen import Seen
from broker_sim.tests.journal_entries import SESSIONS, exchange, journal_of
from broker_sim.tests.test_journal_leaks import SECRET

LOGON = exchange("logon", arguments={"username": "amy", "password": SECRET}, opened="id-1")


def only(**said: Any) -> Seen:
    """Give what a journal shows of one exchange."""
    (seen,) = journal_of(exchange(**said)).seen()
    return seen


def test_a_call_goes_by_its_login_and_an_invented_name_of_its_connection() -> None:
    """REC-7: the connection id itself is a secret."""
    call = exchange("logoff", arguments={"connection_id": "id-1"})
    stranger = exchange("logoff", arguments={"connection_id": "id-2"})
    seen = journal_of(LOGON, call, stranger, LOGON).seen()

    assert [one.login for one in seen] == ["amy", "amy", None, "amy"]
    assert [one.connection for one in seen] == [
        "connection-1",
        "connection-1",
        None,
        "connection-2",
    ]
    assert "id-1" not in str([one.told() for one in seen])


def test_what_a_tester_answers_in_a_logons_place_opens_nothing() -> None:
    """REC-7: were it read as ours, its bytes could be anything."""
    seen = only(
        operation="logon",
        arguments={"username": "amy"},
        response=b"<connectionId>\xff</connectionId>",
    )

    assert (seen.login, seen.connection) == ("amy", None)


def test_a_refused_logon_names_its_login_and_opens_nothing() -> None:
    """LOGON-2: who tried is of use; a connection there is none."""
    refused = exchange(
        "logon",
        status=500,
        fault="InvalidCredentials",
        arguments={"username": "amy", "password": "x"},
    )

    (seen,) = journal_of(refused).seen()

    assert (seen.login, seen.connection, seen.fault) == ("amy", None, "InvalidCredentials")


def test_arguments_go_by_their_names_on_the_wire_without_the_secret_ones() -> None:
    """REC-7: what is absent is left out, what is secret is struck out."""
    session = only(arguments={"connection_id": SECRET, "session_id": 5})
    logon = only(operation="logon", arguments={"username": "amy", "password": SECRET})

    assert session.arguments == {"connectionId": "[struck out]", "sessionId": 5}
    assert logon.arguments == {"username": "amy", "password": "[struck out]"}


@given(
    name=st.sampled_from(["password", "Key", "passphrase", "connectionid", "note"]),
    frame=st.sampled_from(["{}", "<password>{}</password>", "x?signature={}", '"key": "{}"']),
)
def test_no_field_of_a_form_shows_a_secret(name: str, frame: str) -> None:
    """REC-7: neither under a secret's name nor behind one inside a value."""
    text = frame.format(SECRET)
    seen = only(operation="page", door="/h", arguments={name: text})

    assert (SECRET in str(seen.told())) == (name == "note" and text == SECRET)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("wsdl", "wsdl"),
        ("WSDL12", "WSDL12"),
        (f"signature={SECRET}&expires=1", "signature=[struck out]&expires=[struck out]"),
        (SECRET, "[unreadable]=[struck out]"),
        (f"%3D{SECRET}=1", "[unreadable]=[struck out]"),
    ],
)
def test_a_query_is_shown_by_its_names_only(query: str, shown: str) -> None:
    """REC-7: links are signed in their query."""
    assert only(query=query).query == shown


def test_what_nobody_read_is_told() -> None:
    """Header blocks that were passed over, and an action that is not the call's."""
    headers = {"soapaction": '"urn:broker-sim:v1/Sessions/logoff"'}
    right = {"soapaction": '"urn:broker-sim:v1/Sessions/getSession"'}

    seen = only(ignored=("{urn:w}Trace",), headers=headers)

    assert seen.ignored == ("{urn:w}Trace", "SOAPAction urn:broker-sim:v1/Sessions/logoff")
    assert only(headers=right).ignored == ()


def test_a_plain_refusal_is_told_by_its_sentence() -> None:
    """FAULT-2: what is refused before the parser has no fault, but a reason."""
    plain = {"answered": (("Content-Type", "text/plain; charset=utf-8"),), "status": 415}

    assert only(response=b"Use text/xml.\n", **plain).refusal == "Use text/xml."
    assert only(response=b"Use text/xml.\n", **plain | {"status": 200}).refusal is None
    assert SECRET not in str(only(response=f"password={SECRET}".encode(), **plain).refusal)


def test_cookies_and_unknown_headers_of_an_answer_are_not_shown() -> None:
    """REC-7: a cookie opens what its owner may see."""
    answered = (("Set-Cookie", SECRET), ("Retry-After", "3"), ("X-Key", SECRET))

    assert only(answered=answered).answered == {"retry-after": "3"}


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            {"arguments": {"connection_id": "x", "session_id": 5}, "seconds": 0.00123},
            "    1  09:00:00.000  200    1.2 ms  getSession(sessionId=5)",
        ),
        (
            {"operation": None, "status": 415, "path": SESSIONS, "refusal": "No."},
            "    1  09:00:00.000  415    0.0 ms  POST /services/Sessions  No.",
        ),
        (
            {"operation": "download", "status": 0, "method": "GET", "path": "/recordings/1/a.g2a"},
            "    1  09:00:00.000  cut    0.0 ms  GET /recordings/1/a.g2a",
        ),
        (
            {"fault": "NoSuchSession", "status": 500, "provoked": ("f1",)},
            "    1  09:00:00.000  500    0.0 ms  getSession()  NoSuchSession  (provoked: f1)",
        ),
    ],
)
def test_an_exchange_fits_on_a_line(said: dict[str, Any], line: str) -> None:
    """For a terminal and for reports: what matters, in columns."""
    assert str(line_of(only(**said).summary())) == line


hidden = st.sampled_from(
    ["<password>{}</password>", "<a x:key = '{}'/>", "?signature={}", '"passphrase": "{}"']
).map(lambda frame: frame.format(SECRET))


@given(text=hidden, other=hidden, status=st.sampled_from([0, 200, 415, 500]))
def test_no_part_of_an_exchange_shows_a_secret(text: str, other: str, status: int) -> None:
    """REC-7: wherever a caller writes it; neither in the entry nor on its line."""
    seen = only(
        operation=None,
        status=status,
        request=text.encode(),
        response=other.encode(),
        path=f"/{text}",
        query=text,
        asked=f"{{urn:{text}}}x",
        refusal=f"There is no {text}",
        ignored=(text, other),
        headers={"content-type": text, "soapaction": other, "user-agent": text},
        answered=(("Content-Type", text), ("Location", other)),
        arguments={"note": text, "list": [other]},
    )

    assert SECRET not in str(seen.told())
    assert SECRET not in str(line_of(seen.summary()))
    assert SECRET not in str(archive([seen], "http://broker.example"))


@given(text=st.text(max_size=20))
def test_a_line_leaves_the_terminal_alone(text: str) -> None:
    """A customer may be called anything, a sequence that clears the screen too."""
    said = {"arguments": {"name": f"\x1b[2J{text}"}, "refusal": f"\r{text}", "ignored": (text,)}
    seen = only(operation="page", door="/h", path=f"/{text}\n", **said)

    assert str(line_of(seen.summary())).isprintable()
