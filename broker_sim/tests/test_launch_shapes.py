"""PORTAL-1: a request is launched by every shape of link and form that web sites were seen with."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests

from broker_sim.core.record import Session
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.browser import JSON, Browser

ASK = {"Name": "Zoë", "Question": "Größe “9”?"}
# What forms carry that the broker knows nothing of.
FOREIGN = {"Template": "query.tmpl", "Form": "f1", "JavaScript": "1", "submit.x": "7", "": "?"}
FORM = "application/x-www-form-urlencoded"
ACTIONS = ["/ds/queryPost.flow", "/servlet/dispatch/ds/queryPost.flow"]
HOMES = ["/h/{}", "/sb/{}", "/h", "/sb"]


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def send(
    broker: RunningBroker, method: str, path: str, encoding: str = "utf-8", **more: str
) -> requests.Response:
    """Send a launch; `more` are further fields, and `kind` is the type of a body."""
    portal, kind = broker.logins[0][0], more.pop("kind", FORM)
    fields = urlencode({"Portal": portal, **ASK, **FOREIGN, **more}, encoding=encoding)
    url = f"{broker.url}{path.format(portal)}"
    if method == "GET":
        return requests.get(f"{url}?{fields}", headers=JSON, timeout=10)
    headers = {**JSON, "Content-Type": kind}
    return requests.post(url, fields.encode("ascii"), headers=headers, timeout=10)


def launched(broker: RunningBroker, answer: requests.Response) -> Session:
    assert answer.status_code == 201, answer.text
    with broker.tester.world.store.reading() as tx:
        held = tx.held(answer.json()["sessionId"])
    assert held is not None
    return held.session


def check(broker: RunningBroker, answer: requests.Response) -> None:
    """The texts are as they were typed, and nothing that nobody asked for is kept."""
    found = launched(broker, answer)
    assert found.question == ASK["Question"]
    entries = [(entry.label, entry.value) for entry in found.smart_box_entries]
    assert entries == [("Name", ASK["Name"])]


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ACTIONS)
def test_an_action_launches(broker: RunningBroker, path: str, method: str, end: str) -> None:
    """PORTAL-1: by link and by form, with a slash behind it or none."""
    check(broker, send(broker, method, path + end))


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", HOMES)
@pytest.mark.parametrize("target", ["ds/queryPost.flow", "/servlet/dispatch/ds/queryPost.FLOW"])
def test_a_home_with_a_target_launches(
    broker: RunningBroker, path: str, method: str, end: str, target: str
) -> None:
    """PORTAL-1: where the target is an action; the portal by its path or its field."""
    check(broker, send(broker, method, path + end, Target=target))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", HOMES)
def test_a_target_that_is_a_page_shows_the_form(
    broker: RunningBroker, path: str, method: str
) -> None:
    """PORTAL-1: with what was carried filled in, and nothing queued."""
    before = broker.tester.world.clock.now(), count(broker)
    answer = send(broker, method, path, Target="query.tmpl")

    assert answer.status_code == 200
    assert "fields" in answer.json()
    assert (broker.tester.world.clock.now(), count(broker)) == before


def count(broker: RunningBroker) -> int:
    with broker.tester.world.store.reading() as tx:
        return tx.count_sessions()


@pytest.mark.parametrize("path", HOMES)
def test_a_form_posted_to_a_home_launches(broker: RunningBroker, path: str) -> None:
    """PORTAL-1: without a target, too."""
    check(broker, send(broker, "POST", path))


@pytest.mark.parametrize(
    ("encoding", "more"),
    [
        ("utf-8", {}),
        ("utf-8", {"_charset_": "UTF-8"}),
        ("utf-8", {"kind": f"{FORM}; charset=UTF-8"}),
        ("cp1252", {}),
        ("cp1252", {"_charset_": "ISO-8859-1"}),
        ("cp1252", {"kind": f'{FORM}; charset="iso-8859-1"'}),
        ("cp1252", {"kind": f"{FORM};charset=windows-1252"}),
    ],
)
@pytest.mark.parametrize("path", [*ACTIONS, "/h/{}"])
def test_old_and_new_pages_are_read_alike(
    broker: RunningBroker, path: str, encoding: str, more: dict[str, str]
) -> None:
    """PORTAL-1: ISO-8859-1 as browsers write it, and UTF-8, whether the form says so or not."""
    check(broker, send(broker, "POST", path, encoding, **more))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_links_are_read_like_forms(broker: RunningBroker, encoding: str) -> None:
    """PORTAL-1: a link says nothing of its charset."""
    check(broker, send(broker, "GET", "/ds/queryPost.flow", encoding))


@pytest.mark.parametrize("host", ["LocalHost", "LOCALHOST:1", "127.0.0.1", "Broker.Example.COM."])
def test_hosts_come_in_any_case(broker: RunningBroker, host: str) -> None:
    """PORTAL-1: as web sites wrote them; where the links lead is the broker's own address."""
    url, portal = f"{broker.url}/ds/queryPost.flow", broker.logins[0][0]
    headers = {**JSON, "Host": host}
    answer = requests.post(url, {"Portal": portal, **ASK}, headers=headers, timeout=10)

    check(broker, answer)
    assert answer.json()["links"]["session"].startswith(f"{broker.url}/cs/")
    shown = requests.get(url.upper().replace("/DS/QUERYPOST.FLOW", f"/h/{portal}"), timeout=10)
    assert shown.status_code == 200


def test_a_browser_goes_on_to_the_session(broker: RunningBroker) -> None:
    """PORTAL-1: a form on any web site ends on the waiting page, whatever it carries besides."""
    portal = broker.logins[0][0]
    there = Browser().post(f"{broker.url}/h/{portal}/", **ASK, **FOREIGN, Target="x.flow")

    assert there.title == "Please wait"
    assert urlsplit(there.answer.url).path.startswith("/cs/")


def test_the_first_of_a_field_is_the_query_and_the_last_counts(broker: RunningBroker) -> None:
    """PORTAL-1: a form's action may carry fields of its own; what was typed goes before them."""
    portal = broker.logins[0][0]
    url = f"{broker.url}/h/{quote(portal)}?Name=Nobody&SubPortal=none"
    sub_portals = requests.get(f"{broker.url}/h/{portal}", headers=JSON, timeout=10).json()
    chosen = sub_portals["subPortals"][-1]
    answer = requests.post(url, {**ASK, "subportal": chosen}, headers=JSON, timeout=10)

    check(broker, answer)
    assert answer.json()["subPortal"] == chosen


@pytest.mark.parametrize("path", ["/h", "/sb/", "/ph", "/ds/queryPost.flow"])
def test_without_a_portal_there_is_a_sentence(broker: RunningBroker, path: str) -> None:
    """FAULT-1: and no page that nobody understands."""
    for fields in ({}, {"Portal": "nobody"}):
        answer = requests.get(broker.url + path, fields, headers=JSON, timeout=10)
        assert answer.status_code == 404
        assert answer.json()["message"] == "There is no portal of that name."
