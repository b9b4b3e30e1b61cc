"""The hostile profile over a real socket: what it does to a world, and who lives with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest
import requests
import zeep
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from zeep.helpers import serialize_object

from broker_sim.contract import ENDPOINTS, limits
from broker_sim.core import hostility
from broker_sim.core.dice import Dice
from broker_sim.core.hostility import PAGE_LEAST, PAGE_MOST, manners, profile
from broker_sim.core.record import Change, Labelled, Session
from broker_sim.service import customers
from broker_sim.soap.wsdl import schema
from broker_sim.testing import running_broker
from broker_sim.testing.running import RunningBroker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests import soap_drawing
from broker_sim.tests.refusals import code_of
from broker_sim.tests.soap_drawing import SOAP11, SOAP12
from broker_sim.tests.worlds import Hands
from broker_sim.tests.worlds import world as hands_on

SEEDS: Final = range(6)
MINUTE: Final = timedelta(minutes=1)
RATINGS: Final = [Labelled("how", "well")]


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


def wait(hands: Hands, by: timedelta) -> None:
    """Let time pass, and keep the connection alive."""
    while by > 10 * MINUTE:
        hands.pass_time(10 * MINUTE)
        hands.call("getLastUpdateId")
        by -= 10 * MINUTE
    hands.pass_time(by)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with hands_on() as made:
        made.logon()
        yield made


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


def test_a_portal_tells_its_small_pages_and_keeps_to_them(hands: Hands) -> None:
    """SESS-5, UPD-1: complete and in order over small pages, whatever max is asked for."""
    for _ in range(12):
        hands.post()
    ids = hands.call(
        "getSessionIds",
        start=hands.broker.clock.now(),
        end=hands.broker.clock.now() + MINUTE,
        by="Posted",
    )
    for seed in SEEDS:
        hands.broker.faults.hostility.on(seed, ["small-pages"])
        most = hands.call("getPortal").page_max
        found: list[int] = []
        for limit in (None, 1000, 1, most, most + 1) * 12:
            page = hands.call(
                "getSessionIds",
                start=hands.broker.clock.now(),
                end=hands.broker.clock.now() + MINUTE,
                by="Posted",
                after=found[-1] if found else None,
                limit=limit,
            )
            assert len(page) <= min(most, limit or 1000)
            found += page
        updates = hands.call("getUpdates", since=0)

        assert PAGE_LEAST <= most <= PAGE_MOST
        assert found == list(ids)
        assert len(updates) == most
        for wrong in (0, 1001):
            asked = partial(hands.call, "getUpdates", since=0, limit=wrong)
            assert code_of(asked) == "InvalidArgument"


def ended(hands: Hands) -> int:
    number = hands.post()
    for act in ("accept", "start", "end"):
        hands.act(act, sessionId=number)
    return number


def answer(hands: Hands, number: int) -> Session:
    """Answer the survey as a customer does."""
    return customers.rate(hands.broker.world, number, RATINGS)


def changes(hands: Hands, number: int) -> list[str]:
    return [one.kind for one in hands.call("getUpdates", since=0) if one.session_id == number]


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_late_recording_is_ready_at_its_instant(hands: Hands, side: int) -> None:
    """UPD-2: later than the usual five seconds, and not a millisecond before its time."""
    hands.broker.faults.hostility.on(3, ["late-recordings"])
    number = ended(hands)
    takes = manners(profile(3)).recording_takes(number)
    wait(hands, takes + side * timedelta(milliseconds=1))

    read = hands.call("getSession", session_id=number)

    assert limits.RECORDING_TAKES < takes <= timedelta(minutes=15, seconds=6)
    assert bool(read.files) is (side >= 0)
    assert (Change.RECORDING_READY in changes(hands, number)) is (side >= 0)


def test_the_testers_hand_is_never_late(hands: Hands) -> None:
    """PORTAL-5: the act `survey` says when it arrives."""
    hands.broker.faults.hostility.on(5, ["late-surveys"])
    number = ended(hands)
    given = [{"label": "how", "value": "well"}]
    hands.act("survey", sessionId=number, customerRatings=given)

    assert Change.SURVEY_RECEIVED in changes(hands, number)


@pytest.mark.parametrize("first", ["recording", "survey"])
def test_a_late_survey_arrives_once_at_its_instant(hands: Hands, first: str) -> None:
    """PORTAL-5, UPD-2: not before, whole, its update with it; a second one is refused."""
    only = ["late-surveys"] if first == "recording" else ["late-surveys", "late-recordings"]
    hands.broker.faults.hostility.on(5, only)
    number = ended(hands)
    takes = manners(profile(5, only)).survey_takes(number)
    answer(hands, number)
    again = code_of(lambda: answer(hands, number))

    wait(hands, takes - timedelta(milliseconds=1))
    before = hands.call("getSession", session_id=number)
    hands.pass_time(timedelta(milliseconds=1))
    after = hands.call("getSession", session_id=number)
    wait(hands, 20 * MINUTE)

    assert again == "OutOfTurn"
    assert (before.customer_ratings, len(after.customer_ratings)) == ((), 1)
    assert changes(hands, number).count(Change.SURVEY_RECEIVED) == 1
    assert changes(hands, number).count(Change.RECORDING_READY) == 1
    assert code_of(lambda: answer(hands, number)) == ("OutOfTurn")


def test_what_was_late_still_comes_when_the_profile_is_switched_off(hands: Hands) -> None:
    """UPD-2: nothing that was promised gets lost."""
    hands.broker.faults.hostility.on(5, ["late-surveys", "late-recordings"])
    number = ended(hands)
    answer(hands, number)
    hands.broker.faults.hostility.off()
    wait(hands, 20 * MINUTE)

    assert len(hands.call("getSession", session_id=number).customer_ratings) == 1
    assert {Change.SURVEY_RECEIVED, Change.RECORDING_READY} <= set(changes(hands, number))


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


def test_the_profile_outlives_its_process_and_goes_with_a_snapshot(hands: Hands) -> None:
    """One switch: what is kept says the same as what is on."""
    rules = hands.broker.faults
    rules.hostility.on(4, ["bom", "small-pages"])
    for _ in range(3):
        rules.hostility.draw()
    saved = json.loads(json.dumps(rules.saved()))
    drawn = [rules.hostility.draw()[1].below(1000) for _ in range(5)]
    rules.hostility.off()

    assert hands.call("getPortal").page_max == 1000
    rules.restore(saved)
    assert hands.call("getPortal").page_max < 10
    assert rules.hostility.told()["answers"] == 3
    assert [rules.hostility.draw()[1].below(1000) for _ in range(5)] == drawn
    rules.hostility.resume()
    assert rules.hostility.told()["provocations"] == ["bom", "small-pages"]


def test_a_reset_is_plain_again(hands: Hands) -> None:
    """A world begins as it began."""
    hands.broker.faults.hostility.on(4)
    hands.broker.tester.reset()

    assert hands.broker.faults.hostility.told() == {
        "on": False,
        "seed": None,
        "provocations": [],
        "answers": 0,
    }


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


def test_wrong_profiles_are_refused(hands: Hands) -> None:
    """The name that is wrong is named."""
    switch: Callable[..., object] = hands.broker.faults.hostility.on

    with pytest.raises(ValueError, match="not 'bomb'"):
        switch(1, ["bomb"])
    assert not hands.broker.faults.hostility.is_on
