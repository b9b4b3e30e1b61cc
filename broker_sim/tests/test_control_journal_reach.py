"""What reaches the journal, over HTTP: unread fields, the front's refusals, who does not wait."""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

import pytest
import requests

from broker_sim.remote import Control
from broker_sim.testing import running_broker
from broker_sim.tests.journal_lab import ENVELOPE, Lab


def test_it_can_be_cleared_and_goes_on_behind() -> None:
    """The numbers never come again: who follows misses nothing."""
    with running_broker(seed=3) as broker:
        control = Control(broker.control_url, broker.control_token)
        requests.get(broker.url, timeout=10)
        cleared = control.delete("/journal")
        requests.get(broker.url, timeout=10)

        assert cleared == {"next": 1}
        assert [one["number"] for one in control.get("/journal")["entries"]] == [2]


def test_each_world_has_a_journal_of_its_own() -> None:
    """Paths are told below the world's own, and URLs with it."""
    with running_broker(seed=3) as broker:
        control = Control(broker.control_url, broker.control_token)
        url = control.post("/worlds", {"name": "blue"})["url"]
        requests.get(f"{url}/services/Sessions?wsdl", timeout=10)
        requests.get(f"{url}/nowhere", timeout=10)
        blue = control.of_world("blue")
        heard = [(one["path"], one["status"]) for one in blue.get("/journal")["entries"]]
        urls = [one["request"]["url"] for one in blue.get("/journal.har")["log"]["entries"]]

        assert heard == [("/services/Sessions", 200), ("/nowhere", 404)]
        assert urls[0] == f"{url}/services/Sessions?wsdl"
        assert control.get("/journal")["entries"] == []


def test_fields_of_a_form_that_nobody_reads_are_told() -> None:
    """PORTAL-1: a web site's own form, whose field has another name than the portal's."""
    with running_broker(seed=6) as broker:
        portal = broker.logins[0][0]
        fields = {"Question": "It is slow", "Nmae": "Amy", "<script>": "x"}
        answer = requests.post(
            f"{broker.url}/h/{portal}", fields, timeout=10, allow_redirects=False
        )
        entry = Control(broker.control_url, broker.control_token).get("/journal")["entries"][0]

    assert entry["ignored"] == ["field nmae", "field [unreadable]"]
    assert answer.headers["unread-fields"] == "nmae, [unreadable]"


def test_not_all_of_very_many_unread_fields_are_told() -> None:
    """FAULT-2: a head that every client takes, an entry of the journal that is no larger."""
    with running_broker(seed=6) as broker:
        fields = {f"a-rather-long-name-of-a-field-{n:09}": "" for n in range(290)}
        answer = requests.post(f"{broker.url}/h/{broker.logins[0][0]}", fields, timeout=10)
        entry = Control(broker.control_url, broker.control_token).get("/journal")["entries"][0]

    assert len(answer.headers["unread-fields"]) < 2000
    assert entry["ignored"][0] == "field a-rather-long-name-of-a-field-000000000"
    assert len(entry["ignored"]) < 50


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("Content-Length: 300000", b"", 413),
        ("Transfer-Encoding: chunked", b"zz\r\n", 400),
        ("Content-Length: 30", b"<half", 400),
    ],
)
def test_what_the_front_refuses_is_heard_at_its_door(head: str, body: bytes, status: int) -> None:
    """FAULT-2: a body that is too long, broken or half never reaches the service."""
    with running_broker(seed=6) as broker:
        place = urlsplit(broker.url)
        with socket.create_connection((place.hostname, place.port), timeout=10) as caller:
            line = "POST /services/Sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"
            caller.sendall(f"{line}{head}\r\n\r\n".encode() + body)
            caller.shutdown(socket.SHUT_WR)
            answer = caller.makefile("rb").read()
        (entry,) = Control(broker.control_url, broker.control_token).get("/journal")["entries"]

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert (entry["door"], entry["status"]) == ("/services/Sessions", status)
    assert entry["refusal"] in answer.decode()
    assert entry["headers"] == {"content-type": "text/xml"}


def test_a_caller_that_does_not_wait_is_heard_too() -> None:
    """What is slow here is given up there: the connection is reset, and no answer wanted."""
    with running_broker(seed=6) as broker:
        broker.faults.add("logon", effect="delay", seconds=30)
        place = urlsplit(broker.url)
        body = ENVELOPE.format(Lab(broker).logon("wrong")).encode()
        head = f"POST /services/Sessions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
        caller = socket.create_connection((place.hostname, place.port), timeout=10)
        caller.sendall(f"{head}\r\nContent-Type: text/xml\r\n\r\n".encode() + body)
        assert any(broker.faults.list()[0]["struck"] for _ in range(100_000)), "it is on its way"
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        caller.close()
        entries = next(filter(None, (broker.journal.after(0, 9) for _ in range(100_000))))

    assert (entries[0]["status"], entries[0]["door"]) == (499, "/services/Sessions")
    assert "went away" in entries[0]["refusal"]
    assert f"<username>{broker.logins[0][1]}</username>" in entries[0]["request"]
