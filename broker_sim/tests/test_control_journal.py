"""The journal over HTTP: read by conditions, verified, exported; and what reaches it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from broker_sim.remote import ControlError
from broker_sim.testing import running_broker
from broker_sim.tests.har_shape import mistakes
from broker_sim.tests.journal_lab import BODY, ENVELOPE, Lab
from broker_sim.tests.sessions_of import SessionsOf


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_broker(seed=6, sessions=10) as broker:
        made = Lab(broker)
        made.ask()
        yield made


def test_every_door_is_heard(lab: Lab) -> None:
    """SOAP, downloads, pages, wrong paths, and what named no operation."""
    entries = lab.control.get("/journal", {"limit": 1000})["entries"]
    heard = {(entry["door"], entry["operation"], entry["status"]) for entry in entries}

    assert heard >= {
        ("/services/Sessions", "getSession", 200),
        ("/services/Sessions", "logon", 500),
        ("/services/Sessions", None, 415),
        ("/services/Sessions", None, 500),
        ("/recordings", "download", 200),
        ("/", "page", 200),
        ("", None, 404),
    }


def test_a_call_is_told_with_all_that_is_known(lab: Lab) -> None:
    """Whose it was, with what, how long it took, and nothing secret."""
    entry = lab.last(operation="getSession")

    assert entry["login"] == lab.login
    assert entry["connection"].startswith("connection-")
    assert isinstance(entry["arguments"]["sessionId"], int)
    assert entry["arguments"]["connectionId"] == "[struck out]"
    assert 0 < entry["seconds"] < 10
    assert entry["responseBytes"] > 100
    assert entry["time"] == "2030-01-15T09:00:00.000Z"
    assert entry["headers"]["content-type"].startswith("text/xml")


def test_what_the_broker_passed_over_is_told(lab: Lab) -> None:
    """Header blocks and fields of a query that nobody reads."""
    assert lab.last(operation="logon", fault="*")["ignored"] == [
        "{urn:w}Trace",
        "query field debug",
    ]
    assert lab.last(operation="download")["ignored"] == ["query field colour"]


def test_pages_of_the_journal_join_whatever_is_asked_for(lab: Lab) -> None:
    """`next` goes on behind what was looked at, found or not."""
    every = lab.control.get("/journal", {"limit": 1000})["entries"]
    for condition in ({}, {"fault": "*"}, {"operation": "getSession"}, {"status": "4xx"}):
        numbers: list[int] = []
        after = 0
        while page := lab.control.get("/journal", {"after": after, "limit": 2, **condition}):
            if page["next"] == after:
                break
            numbers += [entry["number"] for entry in page["entries"]]
            after = page["next"]
        matching = lab.control.get("/journal", {"limit": 1000, **condition})["entries"]

        assert numbers == [entry["number"] for entry in matching]
        assert after == every[-1]["number"]


@pytest.mark.parametrize("last", [0, 1, 3, 1000])
def test_the_last_ones_can_be_had(lab: Lab, last: int) -> None:
    """And who goes on behind them misses nothing."""
    every = lab.control.get("/journal", {"limit": 1000})
    page = lab.control.get("/journal", {"last": last, "limit": 1000})

    assert page["entries"] == every["entries"][max(0, len(every["entries"]) - last) :]
    assert page["next"] == every["next"]


def test_an_expectation_is_judged(lab: Lab) -> None:
    """Both ways; with the report that Python raises."""
    held = lab.control.post("/journal/verify", {"operation": "logon", "atLeast": 1})
    missed = lab.control.post(
        "/journal/verify",
        {"operation": "getSession", "arguments": {"sessionId": 1}, "exactly": 2},
    )

    assert held["held"]
    assert held["problem"] is None
    assert held["found"]
    assert not missed["held"]
    assert "wanted: exactly 2 getSession with sessionId=1" in missed["report"]
    assert missed["nearMisses"][0]["differences"][0]["field"] == "arguments.sessionId"


def test_a_mistyped_operation_is_a_near_miss(lab: Lab) -> None:
    """FAULT-1: by the name that was sent, and the broker's own sentence."""
    wanted = {"operation": "getSession", "fault": "none", "exactly": 90}
    misses = lab.control.post("/journal/verify", wanted)["nearMisses"]

    assert "Sessions has no operation getSesion" in str(misses)
    assert {"field": "operation", "wanted": "getSession", "given": "getSesion"} in misses[0][
        "differences"
    ]


@pytest.mark.parametrize(
    ("payload", "content_type", "difference", "refusal"),
    [
        (
            '<e:Body><getSession xmlns="urn:broker-sim:v2"/></e:Body>',
            "text/xml",
            "namespace: you sent urn:broker-sim:v2, wanted was urn:broker-sim:v1",
            "getSession must be in the namespace urn:broker-sim:v1",
        ),
        (
            BODY.format("getSession", "<connectionId>x</connectionId><sessionID>7</sessionID>"),
            "text/xml",
            "arguments.sessionId: you sent nothing, wanted was 7",
            "getSession has no such argument; it has connectionId, sessionId",
        ),
        (
            BODY.format("getSession", ""),
            "application/xml",
            "Content-Type: you sent application/xml, wanted was text/xml or",
            "must be one of text/xml, application/soap+xml",
        ),
    ],
)
def test_what_was_sent_wrongly_is_said_beside_what_was_wanted(
    lab: Lab, payload: str, content_type: str, difference: str, refusal: str
) -> None:
    """FAULT-1, FAULT-2: a namespace, an element, a content type."""
    mark = lab.broker.journal.last
    body = ENVELOPE.format(payload)
    lab.post(payload if content_type == "text/xml" else body, content_type)

    wanted = {"operation": "getSession", "arguments": {"sessionId": 7}, "after": mark}
    report = lab.control.post("/journal/verify", wanted)["report"]

    assert difference in report
    assert refusal in report


def test_an_order_is_judged(lab: Lab) -> None:
    """Steps by name or by conditions."""
    steps = ["logon", {"operation": "getSession", "login": lab.login}, "download"]
    held = lab.control.post("/journal/verify", {"steps": steps})
    missed = lab.control.post("/journal/verify", {"steps": steps[::-1], "within": 5})

    assert held["held"]
    assert not missed["held"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"operation": "getSesion"}, "did you mean getSession"),
        ({"atleast": 1}, "did you mean atLeast"),
        ({"steps": "logon"}, "must be a list"),
        ({"steps": []}, "at least one step"),
        ({"steps": ["logon"], "exactly": 1}, "no 'exactly'"),
        ({"steps": [7]}, "an operation or an object"),
        ({"operation": "logon", "after": -1}, "'after'"),
        ({"arguments": 5}, "'arguments' must be an object"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_a_sentence(
    lab: Lab, asked: dict[str, Any], said: str
) -> None:
    """As every wrong call: 400."""
    with pytest.raises(ControlError, match=said) as refused:
        lab.control.post("/journal/verify", asked)
    assert refused.value.status == 400


@pytest.mark.parametrize("query", [{"status": "abc"}, {"colour": "blue"}, {"since": "soon"}])
def test_a_condition_that_cannot_be_is_refused(lab: Lab, query: dict[str, str]) -> None:
    """A misspelt condition must not pass for one that everything meets."""
    with pytest.raises(ControlError) as refused:
        lab.control.get("/journal", query)
    assert refused.value.status == 400


def test_the_archive_is_a_har(lab: Lab) -> None:
    """HAR 1.2, and REC-7: no secret in it."""
    archive = lab.control.get("/journal.har")
    torn = next(one for one in archive["log"]["entries"] if one["response"]["status"] == 415)
    text = json.dumps(archive)

    assert list(mistakes(archive)) == []
    assert archive["log"]["version"] == "1.2"
    assert len(archive["log"]["entries"]) >= 7
    assert torn["request"]["url"] == lab.url
    assert torn["request"]["postData"] == {
        "mimeType": "application/json",
        "params": [],
        "text": "{}",
    }
    for secret in (lab.password, lab.connection):
        assert secret not in text


def test_what_is_no_har_is_seen_by_the_test_above() -> None:
    """A check that says yes to everything would be of no use."""
    wrong: dict[str, Any] = {
        "log": {"version": 1.2, "entries": [{"time": "0", "startedDateTime": "2030-01-15T09:00"}]}
    }

    said = " ".join(mistakes(wrong))

    assert list(mistakes([])) == ["$ is no object"]
    for part in ("version is 1.2", "no 'creator'", "time is no number", "has no zone", "'cache'"):
        assert part in said


def test_what_was_provoked_is_told_with_its_rule() -> None:
    """A fault, a cut, a torn download: each by the id of the tester's rule."""
    with running_broker(seed=6, sessions=10) as broker:
        lab = Lab(broker)
        url = SessionsOf(broker).first_finished().files[0].url
        fault = {"code": "ServerError", "fields": {"incidentId": "i"}}
        broker.faults.add("logon", effect="fault", id="refused", times=1, **fault)
        broker.faults.add("logon", effect="cut", id="gone", how="rst")
        broker.faults.add("download", effect="truncate", id="torn", keep=3)
        lab.post(lab.logon("wrong"))
        with pytest.raises(requests.exceptions.ConnectionError):
            lab.post(lab.logon("wrong"))
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(url, timeout=10)
        told = [broker.journal.find(provoked=rule)[0] for rule in ("refused", "gone", "torn")]

    assert [seen.status for seen in told] == [500, 0, 200]
    assert told[0].fault == "ServerError"
    assert told[2].response_bytes == 3
    assert told[2].refusal == "it broke off after 3 bytes"
