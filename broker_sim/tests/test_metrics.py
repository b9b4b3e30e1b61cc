"""The metrics as Prometheus reads them, and whether a world is ready."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from broker_sim.contract import limits
from broker_sim.control import metrics
from broker_sim.remote import Control
from broker_sim.service.exchange import Answer, Offload, Request
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.journal_entries import at, exchange
from broker_sim.web import health

_SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)')
Labels = frozenset[tuple[str, str]]


class Read:
    """A text in Prometheus's format, read by its rules.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/
    """

    def __init__(self, text: str) -> None:
        self.kinds: dict[str, str] = {}
        self.samples: dict[tuple[str, Labels], float] = {}
        assert text.endswith("\n")
        family = ""
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family = line.split(" ", 3)[2]
                assert family not in self.kinds, "a family stands in one piece"
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name == family
                self.kinds[name] = kind
            else:
                self._take(line, family)

    def _take(self, line: str, family: str) -> None:
        parts = _SAMPLE.fullmatch(line)
        assert parts is not None, line
        name, labels, value = parts.groups()
        suffixes = {"", "_bucket", "_sum", "_count"} if self.kinds[family] == "histogram" else {""}
        assert name in {family + suffix for suffix in suffixes}
        found = _LABEL.findall(labels or "")
        assert ",".join(f'{one}="{said}"' for one, said in found) == (labels or "")
        key = (name, frozenset(found))
        assert key not in self.samples, "a sample comes once"
        self.samples[key] = float(value)

    def value(self, name: str, **labels: str) -> float:
        """Give one sample."""
        return self.samples[name, frozenset(labels.items())]


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=7) as running:
        yield running


def scraped(broker: RunningBroker) -> Read:
    """Ask as Prometheus does."""
    headers = {"Authorization": f"Bearer {broker.control_token}"}
    answer = requests.get(f"{broker.control_url}/metrics", headers=headers, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Read(answer.text)


def test_what_was_asked_is_counted_by_world_and_operation(broker: RunningBroker) -> None:
    """Requests, faults and how long they took; what the world holds."""
    journal = broker.tester.journal
    for seconds in (0.0004, 0.0005, 0.3, 99.0):
        journal.add(exchange("logon", seconds=seconds), at(0))
    journal.add(exchange("logon", status=500, fault="LockedOut"), at(0))
    journal.add(exchange("download", door="/recordings", status=0), at(0))
    told = scraped(broker)
    logon = {"world": "default", "door": "/services/Sessions", "operation": "logon"}
    torn = {"world": "default", "door": "/recordings", "operation": "download"}

    assert told.value("broker_sim_requests_total", **logon) == 5
    assert told.value("broker_sim_faults_total", **logon, fault="LockedOut") == 1
    assert told.value("broker_sim_faults_total", **torn, fault="cut") == 1
    assert told.value("broker_sim_request_seconds_bucket", **logon, le="0.0005") == 3
    assert told.value("broker_sim_request_seconds_bucket", **logon, le="10") == 4
    assert told.value("broker_sim_request_seconds_bucket", **logon, le="+Inf") == 5
    assert told.value("broker_sim_request_seconds_count", **logon) == 5
    assert told.value("broker_sim_request_seconds_sum", **logon) == pytest.approx(99.3009)
    assert told.value("broker_sim_sessions", world="default") == 7
    assert told.value("broker_sim_journal_exchanges", world="default") == 6
    assert told.value("broker_sim_journal_bytes", world="default") > 6 * 1000
    assert told.value("process_resident_memory_bytes") > 10_000_000
    assert told.value("process_cpu_seconds_total") > 0


def test_connections_are_counted_while_they_live(broker: RunningBroker) -> None:
    """CONN-2: a connection that has idled away is none, though it may still be stored."""
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><logon'
        ' xmlns="urn:broker-sim:v1"><username>{}</username><password>{}</password></logon>'
        "</e:Body></e:Envelope>"
    )
    _, username, password = broker.logins[0]
    url, headers = broker.wsdl_url.partition("?")[0], {"Content-Type": "text/xml"}
    requests.post(url, envelope.format(username, password), headers=headers, timeout=10)
    counts = []
    second = timedelta(seconds=1)
    for wait in (timedelta(0), limits.CONNECTION_IDLE - second, second):
        broker.tester.advance(broker.tester.clock.now() + wait)
        counts.append(scraped(broker).value("broker_sim_connections", world="default"))

    assert counts == [1, 1, 0]


def test_many_worlds_are_summed_up(broker: RunningBroker) -> None:
    """Each world of two hundred tests would be hundreds of series."""
    control = Control(broker.control_url, broker.control_token)
    for _ in range(metrics.WORLDS_SHOWN + 4):
        name = control.post("/worlds", {"sessions": 1})["name"]
        requests.get(f"{broker.url}/w/{name}/", timeout=10)
    told = scraped(broker)
    page = {"door": "/", "operation": "page"}
    worlds = {value for _, labels in told.samples for name, value in labels if name == "world"}

    assert len(worlds) == metrics.WORLDS_SHOWN + 1
    assert told.value("broker_sim_worlds") == metrics.WORLDS_SHOWN + 5
    assert told.value("broker_sim_sessions", world=metrics.OTHERS) == 5
    assert told.value("broker_sim_requests_total", world=metrics.OTHERS, **page) == 5
    control.of_world(name).delete("")
    assert scraped(broker).value("broker_sim_sessions", world=metrics.OTHERS) == 4


def test_the_metrics_are_behind_the_token(broker: RunningBroker) -> None:
    """As all of the control door; and the product door has none."""
    url = f"{broker.control_url}/metrics"
    headers = {"Authorization": f"Bearer {broker.control_token}"}

    assert requests.get(url, timeout=10).status_code == 401
    assert requests.get(url, headers={"Authorization": "Bearer x"}, timeout=10).status_code == 401
    assert requests.post(url, headers=headers, timeout=10).status_code == 405
    assert requests.get(f"{broker.url}/metrics", headers=headers, timeout=10).status_code == 404


def test_no_label_breaks_the_format(broker: RunningBroker) -> None:
    """Whatever a door or a fault is called."""
    broker.tester.journal.add(exchange('a"b\\c\nd', status=500, fault='"}'), at(0))

    names = {value for _, labels in scraped(broker).samples for _, value in labels}

    assert r"a\"b\\c\nd" in names


def test_a_world_that_answers_is_ready(broker: RunningBroker) -> None:
    """For whoever starts a broker and waits; it tells nothing else, and is not journaled."""
    control = Control(broker.control_url, broker.control_token)
    control.post("/worlds", {"name": "blue"})
    asked = [requests.get(f"{broker.url}{at}/health", timeout=10) for at in ("", "/w/blue")]

    assert [answer.json() for answer in asked] == [{"status": "ready"}] * 2
    assert asked[0].headers["content-type"] == "application/json"
    assert requests.head(f"{broker.url}/health", timeout=10).status_code == 200
    assert requests.post(f"{broker.url}/health", timeout=10).status_code == 405
    assert control.get("/journal")["entries"] == []


def test_a_world_whose_store_is_gone_is_not_ready() -> None:
    """Ready means that a call would be answered."""
    with running_broker() as broker:
        handle = health.handler(broker.tester.world)
    asked = handle(Request("GET", health.PATH))
    assert isinstance(asked, Offload)
    answer = asked.then(asked.work())

    assert isinstance(answer, Answer)
    assert answer.status == 503
    assert answer.body == b'{"status": "the store does not answer"}'
