"""The hostile profile over a real socket: what it does to a world, and who lives with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
import requests
import zeep
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from zeep.helpers import serialize_object

from broker_sim.contract import ENDPOINTS
from broker_sim.core import hostility
from broker_sim.core.dice import Dice
from broker_sim.soap.wsdl import schema
from broker_sim.testing import running_broker
from broker_sim.testing.running import RunningBroker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests import soap_drawing
from broker_sim.tests.soap_drawing import SOAP11, SOAP12

SEEDS: Final = range(6)


@dataclass(frozen=True)
class Before:
    """A world, zeep's services for both versions of SOAP, and all that was read of it."""

    world: BrokerWorld
    services: Sequence[Any]
    plain: Any


@pytest.fixture(scope="module")
def served() -> Iterator[RunningBroker]:
    with running_broker(seed=3) as broker:
        yield broker


@pytest.fixture
def world(served: RunningBroker) -> Iterator[BrokerWorld]:
    with served.world(seed=3, sessions=6) as world:
        yield world


@pytest.fixture(scope="module")
def read_before(served: RunningBroker) -> Iterator[Before]:
    """Give a world that has been read while it was plain."""
    with served.world(seed=3, sessions=12) as world:
        services = [service(world), service(world, newer=True)]
        yield Before(world, services, seen(world, services[0]))


def service(world: BrokerWorld, *, newer: bool = False) -> Any:
    url = world.wsdl + ("12" if newer else "")
    client: Any = zeep.Client(url)  # type: ignore[no-untyped-call]  # zeep has no types
    return client.service


def all_ids(client: Any, connection: str, now: datetime, most: int) -> list[int]:
    """List as the contract says: a page shorter than both max and pageMax is the last."""
    ids: list[int] = []
    start = now - timedelta(days=89)
    while True:
        after = ids[-1] if ids else None
        page = client.getSessionIds(connection, start, now, after=after) or []
        assert len(page) <= most
        ids += page
        if len(page) < most:
            return ids


def all_updates(client: Any, connection: str, most: int) -> list[int]:
    found: list[int] = []
    while True:
        page = client.getUpdates(connection, found[-1] if found else 0) or []
        found += [update.updateId for update in page]
        if len(page) < most:
            return found


def seen(world: BrokerWorld, client: Any) -> Any:
    """Read all that a world has, as zeep understands it."""
    connection = client.logon(*world.logins[0][1:])
    portal = client.getPortal(connection)
    ids = all_ids(client, connection, portal.brokerTime, portal.pageMax)
    sessions = [client.getSession(connection, number) for number in ids]
    updates = all_updates(client, connection, portal.pageMax)
    with pytest.raises(zeep.exceptions.Fault) as refused:
        client.getSession(connection, 1)
    client.logoff(connection)
    # a URL's signature is of its instant, which is the same while the clock stands still
    return (
        sorted(portal.subPortals.Name),
        ids,
        [sorted_files(one) for one in sessions],
        updates,
        str(refused.value.message),
    )


def sorted_files(read: Any) -> Any:
    session: Any = serialize_object(read)  # type: ignore[no-untyped-call]  # zeep has no types
    files = (session["files"] or {}).get("SessionFile", [])
    session["files"] = sorted(files, key=lambda file: file["name"])
    return {**session, "remoteReplayUrl": None, "localReplayUrl": None}


@pytest.mark.parametrize("seed", SEEDS)
def test_zeep_reads_the_same_under_every_seed(read_before: Before, seed: int) -> None:
    """WIRE-2: the whole profile, SOAP 1.1 and 1.2; not a value differs."""
    world = read_before.world
    world.faults.hostility.on(seed)

    for client in read_before.services:
        assert seen(world, client) == read_before.plain
    assert len(read_before.plain[1]) > 3


@pytest.mark.parametrize("name", [one.name for one in hostility.ALL])
def test_zeep_reads_the_same_under_each_provocation_alone(read_before: Before, name: str) -> None:
    """WIRE-2: switched on by its name, it is in every answer."""
    world = read_before.world
    world.faults.hostility.on(only=[name])

    assert seen(world, read_before.services[0]) == read_before.plain
    assert world.faults.hostility.told()["provocations"] == [name]
    assert world.faults.hostility.told()["answers"] > 5


def test_every_answer_is_valid_for_the_published_schema(world: BrokerWorld) -> None:
    """WIRE-1: as it comes over the wire, whatever was asked; faults too."""
    checked = schema(ENDPOINTS[0])
    with requests.Session() as session:

        def ask(media: str, inner: str) -> etree._Element:
            body = soap_drawing.envelope(inner, media)
            url = world.wsdl.removesuffix("?wsdl")
            said = session.post(url, body, headers={"Content-Type": media}, timeout=10)
            parser = etree.XMLParser(remove_comments=True)
            root = etree.fromstring(said.content, parser)
            (payload,) = root[-1]
            is_fault = payload.tag.endswith("}Fault")
            checked.assertValid(payload[-1][0] if is_fault else payload)
            assert not list(root.iter(etree.ProcessingInstruction))
            return payload

        asked = 'xmlns="urn:broker-sim:v1"'
        _, username, password = world.logins[0]
        for seed in SEEDS:
            world.faults.hostility.on(seed)
            for media in (SOAP11, SOAP12):
                given = f"<username>{username}</username><password>{password}</password>"
                opened = ask(media, f"<logon {asked}>{given}</logon>")
                known = opened.findtext("{*}connectionId")
                connection = f"<connectionId>{known}</connectionId>"
                for name in ("getPortal", "getLastUpdateId", "getSession", "logoff"):
                    ask(media, f"<{name} {asked}>{connection}</{name}>")


def test_the_same_seed_gives_the_same_bytes(served: RunningBroker) -> None:
    """One seed decides: the same calls in two worlds, byte for byte."""

    def bodies(seed: int) -> list[bytes]:
        with served.world(seed=9) as world, requests.Session() as session:
            world.faults.hostility.on(seed)
            url = world.wsdl.removesuffix("?wsdl")
            call = soap_drawing.envelope('<getPortal xmlns="urn:broker-sim:v1"/>')
            head = {"Content-Type": SOAP11}
            return [session.post(url, call, headers=head, timeout=9).content for _ in range(9)]

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)
    assert len(set(bodies(1))) > 5


def test_replay_urls_are_there_where_there_are_screens_unless_the_profile_leaves_them_out(
    world: BrokerWorld,
) -> None:
    """SESS-4: optional elements that a client may not count on."""
    client = service(world)
    connection = client.logon(*world.logins[0][1:])
    now = client.getPortal(connection).brokerTime
    ids = all_ids(client, connection, now, 1000)
    told = [client.getSession(connection, one) for one in ids]
    world.faults.hostility.on(1, ["no-replay-urls"])
    untold = client.getSession(connection, next(one.sessionId for one in told if one.files))

    for url, channel in (("remoteReplayUrl", "RemoteScreen"), ("localReplayUrl", "LocalScreen")):
        assert any(one[url] for one in told)
        assert all(
            bool(one[url])
            == any(
                file.channel == channel
                for file in (one.files or {"SessionFile": []})["SessionFile"]
            )
            for one in told
        )
        assert untold[url] is None
    assert f"/sessions/{untold.sessionId}/replay/" not in str(untold)


def test_the_control_api_switches_and_tells(world: BrokerWorld) -> None:
    """PUT, GET, DELETE; a wrong name is named with all that there are."""
    head = {"Authorization": f"Bearer {world.control_token}"}
    url = f"{world.control_url}/hostile"

    def call(method: str, given: Any = None) -> requests.Response:
        return requests.request(method, url, json=given, headers=head, timeout=10)

    whole = call("PUT", {"seed": 5}).json()
    only = call("PUT", {"only": ["cdata"]}).json()
    wrong = call("PUT", {"only": ["cdta"]})
    asked = call("GET").json()
    off = call("DELETE").json()

    assert (whole["seed"], len(whole["provocations"])) == (5, len(hostility.ALL))
    assert only == asked == {"on": True, "seed": 0, "provocations": ["cdata"], "answers": 0}
    assert wrong.status_code == 400
    assert "cdata" in wrong.json()["error"]
    assert off["on"] is False


@given(st.integers(0, 99), st.integers(1, 12), st.lists(st.integers(), max_size=9))
def test_dice_throw_alike_for_one_source(seed: int, bound: int, these: Sequence[int]) -> None:
    """Chance is a function: in its bounds, the same again, a shuffle loses nothing."""
    one, other = Dice(seed, "x"), Dice(seed, "x")

    throws = [one.below(bound) for _ in range(20)]

    assert throws == [other.below(bound) for _ in range(20)]
    assert set(throws) <= set(range(bound))
    assert sorted(one.shuffled(these)) == sorted(these)


def test_dice_are_fair_enough() -> None:
    """Each side of six about a sixth of the time."""
    dice = Dice("fair")
    throws = [dice.below(6) for _ in range(6000)]

    assert all(850 < throws.count(side) < 1150 for side in range(6))
