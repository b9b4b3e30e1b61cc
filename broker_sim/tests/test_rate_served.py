"""RATE-1: the limit of calls over the wire: told, set anew, kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from broker_sim.core.rate import Rate
from broker_sim.testing import running_broker
from broker_sim.tests.stores import START


def test_over_the_wire_the_fault_and_the_header_say_the_same() -> None:
    """RATE-1, FAULT-1: HTTP 500, a typed detail, Retry-After; who obeys goes on."""
    with running_broker(rate=0.5, burst=3) as broker:
        _, username, password = broker.logins[0]
        known = _logged_on(broker.url, username=username, password=password)
        asked = [_ask(broker.url, "getLastUpdateId", connectionId=known) for _ in range(4)]
        limited = asked[-1]

        assert [answer.status_code for answer in asked] == [200, 200, 200, 500]
        assert limited.headers["Retry-After"] == "2"
        assert "<code>RateLimited</code>" in limited.text
        assert "<retryAfterSeconds>2</retryAfterSeconds>" in limited.text
        broker.tester.advance(START + timedelta(seconds=2))
        assert _ask(broker.url, "getLastUpdateId", connectionId=known).content == asked[0].content


def test_a_made_world_is_limited_if_asked_for() -> None:
    """RATE-1: whatever the process was told for its own world."""
    with running_broker(rate=0.5, burst=1) as broker:
        for wish, limited in (({"rate": 1, "burst": 2}, True), ({}, False), ({"rate": 0}, False)):
            made = requests.post(
                f"{broker.control_url}/_sim/worlds",
                json=wish,
                headers={"Authorization": f"Bearer {broker.control_token}"},
                timeout=10,
            ).json()
            known = _logged_on(made["url"], **made["portals"][0]["logins"][0])
            codes = [
                _ask(made["url"], "getLastUpdateId", connectionId=known).status_code
                for _ in range(3)
            ]
            assert codes == ([200, 200, 500] if limited else [200] * 3)


def test_a_tester_changes_the_limit_of_a_world() -> None:
    """RATE-1: from now on, under a clock that stands still, for one world; and takes it off."""
    with running_broker() as broker:
        door = f"{broker.control_url}/_sim/rate"
        token = {"Authorization": f"Bearer {broker.control_token}"}
        _, username, password = broker.logins[0]
        known = _logged_on(broker.url, username=username, password=password)

        def codes(many: int) -> list[int]:
            asked = (_ask(broker.url, "getLastUpdateId", connectionId=known) for _ in range(many))
            return [answer.status_code for answer in asked]

        def put(**wish: int) -> dict[str, Any]:
            told: dict[str, Any] = requests.put(door, json=wish, headers=token, timeout=10).json()
            return told

        assert requests.get(door, headers=token, timeout=10).json() == {"rate": 0, "burst": None}
        assert codes(50) == [200] * 50
        assert put(rate=2, burst=3) == {"rate": 2, "burst": 3}
        assert codes(5) == [200, 200, 200, 500, 500]
        broker.tester.advance(START + timedelta(milliseconds=499))
        assert codes(1) == [500]
        broker.tester.advance(START + timedelta(milliseconds=500))
        assert codes(2) == [200, 500]
        assert put(rate=0) == {"rate": 0, "burst": None}
        assert codes(50) == [200] * 50
        assert requests.put(door, json={"rate": -1}, headers=token, timeout=10).status_code == 400


def test_a_world_that_begins_again_has_rested_connections() -> None:
    """RATE-1: one seed and the same calls give the same, after a reset and after a restore."""
    with running_broker() as broker, broker.world(seed=5) as one:
        snapshots = broker.worlds.hand(one.name).snapshots
        one.tester.world.throttle.change(Rate(1, 3))
        snapshots.take("new")

        def lived() -> list[object]:
            _, username, password = one.logins[0]
            known = _logged_on(one.url, username=username, password=password)
            asked = (_ask(one.url, "getLastUpdateId", connectionId=known) for _ in range(4))
            return [known, *(answer.status_code for answer in asked)]

        first = lived()
        one.tester.reset()
        after_reset = lived()
        snapshots.restore("new")
        after_restore = lived()

    assert first[1:] == [200, 200, 200, 500]
    assert after_reset == after_restore == first


@pytest.mark.parametrize("limit", [Rate(2, 3), Rate(0.5, 1), None])
def test_a_snapshot_and_an_export_keep_the_limit_that_was_set(limit: Rate | None) -> None:
    """RATE-1: also that there is none where a world would have one; older exports have none."""
    with running_broker(rate=7, burst=9) as broker:
        held = broker.worlds.hand(broker.worlds.new({"rate": 5, "burst": 6}))
        throttle = held.broker.world.throttle
        held.snapshots.take("as-it-began")
        throttle.change(limit)
        held.snapshots.take("set")
        document = json.loads(json.dumps(held.export(), default=str))
        throttle.change(Rate(1, 1))

        held.snapshots.restore("set")
        assert throttle.limit == limit
        held.snapshots.restore("as-it-began")
        assert throttle.limit == Rate(5, 6)

        other = broker.worlds.hand(broker.worlds.new({"import": document}))
        assert other.broker.world.throttle.limit == limit
        del document["beside"]["rate"]
        older = broker.worlds.hand(broker.worlds.new({"import": document}))
        assert older.broker.world.throttle.limit is None


@pytest.mark.parametrize(
    "saved",
    [{}, {"rate": -1, "burst": 1}, {"rate": "x"}, [], {"rate": 1}, {"rate": 1, "burst": 10**15}],
)
def test_an_export_whose_limit_is_none_makes_no_world(saved: object) -> None:
    """RATE-1: it is told, and nothing half made stays behind."""
    with running_broker() as broker:
        document = {**broker.worlds.hand().export()}
        document["beside"] = {**document["beside"], "rate": saved}
        with pytest.raises(ValueError, match="contradicts itself"):
            broker.worlds.new({"import": json.loads(json.dumps(document, default=str))})
        assert broker.worlds.names() == ["default"]


def _logged_on(url: str, username: str, password: str) -> str:
    said = _ask(url, "logon", username=username, password=password).text
    return said.partition("<connectionId>")[2].partition("<")[0]


def _ask(url: str, operation: str, **arguments: str) -> requests.Response:
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in arguments.items())
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<{operation} xmlns="urn:broker-sim:v1">{inside}</{operation}></e:Body></e:Envelope>'
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    address = f"{url}/services/Sessions"
    return requests.post(address, body.encode(), headers=headers, timeout=10)
