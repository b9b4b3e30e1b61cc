"""A path below /w/NAME where there is no world of that name: said so, in the form asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
import requests
import zeep
from lxml import etree

from broker_sim.testing import RunningBroker, running_broker

BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ENVELOPES: Final = {
    "text/xml": "http://schemas.xmlsoap.org/soap/envelope/",
    "application/soap+xml": "http://www.w3.org/2003/05/soap-envelope",
}


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def asked(broker: RunningBroker, path: str, accept: str | None) -> requests.Response:
    return requests.get(f"{broker.url}{path}", headers={"Accept": accept}, timeout=10)


@pytest.mark.parametrize("path", ["/w/nosuch/", "/w/nosuch", "/w/nosuch/services/Sessions?wsdl"])
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "text/html"),
        ("application/json", "application/json"),
        ("application/json;q=0.9, text/html;q=0.1", "application/json"),
        ("*/*", "text/plain"),
        (None, "text/plain"),
    ],
)
def test_the_answer_names_the_world(
    broker: RunningBroker, path: str, accept: str | None, kind: str
) -> None:
    """WIRE-2: and says nothing of the doors of another world."""
    answer = asked(broker, path, accept)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith(kind)
    assert "no world" in answer.text
    assert "nosuch" in answer.text
    assert "/services" not in answer.text
    assert "Accept" in answer.headers["Vary"]
    if kind == "application/json":
        assert answer.json()["message"].startswith("There is no world")


@pytest.mark.parametrize("media_type", ENVELOPES)
def test_a_soap_caller_is_told_by_a_fault(broker: RunningBroker, media_type: str) -> None:
    """FAULT-1: of its version of SOAP; it is the caller who is wrong."""
    namespace = ENVELOPES[media_type]
    answer = requests.post(
        f"{broker.url}/w/nosuch/services/Sessions",
        f'<e:Envelope xmlns:e="{namespace}"><e:Body><x/></e:Body></e:Envelope>',
        headers={"Content-Type": media_type},
        timeout=10,
    )
    fault = etree.fromstring(answer.content).find(f".//{{{namespace}}}Fault")

    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (404, media_type)
    assert fault is not None
    said = " ".join(text for text in fault.itertext() if isinstance(text, str))
    assert "no world 'nosuch'" in said
    assert "Client" in said or "Sender" in said


def test_a_stack_shows_the_sentence(broker: RunningBroker) -> None:
    """WIRE-2: the world was dropped between two calls."""
    name = broker.worlds.new({"name": "gone"})
    told = broker.worlds.hand(name).describe()
    client = zeep.Client(told["services"]["Sessions"]["wsdl"])  # type: ignore[no-untyped-call]  # zeep has no types
    broker.worlds.drop(name)

    with pytest.raises(zeep.exceptions.Fault, match="no world 'gone'"):
        client.service.logon("a", "b")


def test_a_name_is_text_and_no_markup(broker: RunningBroker) -> None:
    """SEC-2: whatever stands in the path, of whatever length."""
    answer = asked(broker, "/w/%3Cscript%3Ealert(1)%3C/", BROWSER)
    long = asked(broker, f"/w/{'x' * 3000}/", BROWSER)

    assert (answer.status_code, long.status_code) == (404, 404)
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(long.text) < 1500


@pytest.mark.parametrize("path", ["/w/default/", "/w/", "/w"])
def test_the_default_world_is_at_the_root(broker: RunningBroker, path: str) -> None:
    """WIRE-2: it has no second address."""
    answer = asked(broker, path, BROWSER)

    assert answer.status_code == 404
    assert "at the root" in answer.text


def test_the_default_world_s_journal_has_it(broker: RunningBroker) -> None:
    """A tester who wonders finds the call that led nowhere."""
    asked(broker, "/w/nosuch/journalled", BROWSER)

    journal = broker.worlds.hand().tester.journal
    assert any(entry["path"] == "/w/nosuch/journalled" for entry in journal.after(0, 1000))
