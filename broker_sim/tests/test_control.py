"""The control API: what a tester may do over HTTP, and how it refuses."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import zeep

from broker_sim.bootstrap.worlds import START
from broker_sim.testing import RunningBroker, running_broker

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=20) as running:
        yield running


@pytest.fixture(scope="module")
def ask(broker: RunningBroker) -> Iterator[Ask]:
    with requests.Session() as http:
        http.headers["Authorization"] = f"Bearer {broker.control_token}"

        def asked(method: str, path: str, body: object = None) -> requests.Response:
            url = f"{broker.control_url}/_sim/{path}"
            return http.request(method, url, json=body, timeout=10)

        yield asked


def test_the_world_is_told_whole(broker: RunningBroker, ask: Ask) -> None:
    """A tester needs URLs, portals, logins with passwords, representatives, the time."""
    world = ask("GET", "world").json()
    portal = world["portals"][0]
    names = {portal["name"]: portal["logins"] for portal in world["portals"]}

    assert world["seed"] == 5
    assert world["clock"] == {"mode": "frozen", "now": "2030-01-15T09:00:00.000Z"}
    assert world["services"]["Sessions"]["wsdl"] == broker.wsdl_url
    assert portal["keyVersion"] == 1
    assert not portal["securityKeySet"]
    for name, username, password in broker.logins:
        assert {"username": username, "password": password} in names[name]
    assert len(world["representatives"]) == 12
    assert all(rep["password"] and rep["desks"] for rep in world["representatives"])
    assert world["sessions"] == 20


def test_what_is_the_worlds_own_is_told_first(broker: RunningBroker, ask: Ask) -> None:
    """Programs without a JSON reader search for the first of a name: docs/embedding.md."""
    said = ask("GET", "world").text
    world = json.loads(said)

    first = {name: re.search(f'"{name}": *"([^"]*)"', said) for name in ("name", "url", "username")}

    found = {name: match[1] for name, match in first.items() if match}
    login = world["portals"][0]["logins"][0]
    assert found == {"name": "default", "url": broker.url, "username": login["username"]}
    assert list(world)[:2] == ["name", "url"]


def test_a_representative_is_hired_and_works(broker: RunningBroker, ask: Ask) -> None:
    """AGENT-1: whoever is hired for a sub-portal may log on and accept what waits there."""
    portal = ask("GET", "world").json()["portals"][0]
    sub_portal = portal["subPortals"][-1]
    new = {"email": "New@example.com", "password": "Secret.12", "portal": portal["name"]}
    hired = ask("POST", "representatives", {**new, "subPortals": [sub_portal]}).json()
    agents = zeep.Client(f"{broker.url}/services/Agents?wsdl").service  # type: ignore[no-untyped-call]  # zeep has no types
    connection = agents.logon("new@example.com", "Secret.12")
    agents.setAvailability(connection, available=True)
    asked = {"portal": portal["name"], "subPortal": sub_portal, "question": "New here?"}
    number = ask("POST", "acts", {"act": "post", **asked}).json()["sessionId"]
    agents.acceptRequest(connection, number)

    assert hired["desks"] == [{"portal": portal["name"], "subPortal": sub_portal}]
    assert ask("POST", "representatives", new).status_code == 409
    assert ask("POST", "representatives", {**new, "portal": "none"}).status_code == 409
    assert ask("POST", "representatives", {**new, "subPortals": ["none"]}).status_code == 409


def test_a_locked_representative_is_let_in_again(broker: RunningBroker, ask: Ask) -> None:
    """LOGON-3, LOGON-4: an administrator opens the lock."""
    rep = ask("GET", "world").json()["representatives"][0]
    agents = zeep.Client(f"{broker.url}/services/Agents?wsdl").service  # type: ignore[no-untyped-call]  # zeep has no types
    for _ in range(3):
        with pytest.raises(zeep.exceptions.Fault):
            agents.logon(rep["email"], "wrong")
    with pytest.raises(zeep.exceptions.Fault, match="locked"):
        agents.logon(rep["email"], rep["password"])
    ask("POST", f"representatives/{rep['email']}/unlock")

    assert agents.logon(rep["email"], rep["password"])


def test_what_is_said_of_codes_is_kept_and_nothing_else(broker: RunningBroker, ask: Ask) -> None:
    """PHONE-2: settings of a portal; what is null or not said stays, what cannot be is refused."""
    name = ask("GET", "world").json()["portals"][0]["name"]
    changed = ask("PATCH", f"portals/{name}", {"codesPerRep": 3, "codeSeconds": None}).json()
    too_long = ask("PATCH", f"portals/{name}", {"codeSeconds": 2**62})

    assert (changed["codesPerRep"], changed["codeSeconds"]) == (3, 900)
    assert too_long.status_code == 400
    assert "codeSeconds" in too_long.json()["error"]
    assert ask("PATCH", f"portals/{name}", {"codesPerRep": 8}).json()["codeSeconds"] == 900


def test_the_clock_is_set_and_advanced(ask: Ask) -> None:
    """Time stands still, moves when told, never back by an advance."""
    moved = ask("POST", "clock/advance", {"seconds": 1.5}).json()
    to = ask("POST", "clock/advance", {"to": "2030-01-15T09:01:00Z"}).json()
    back = ask("POST", "clock/advance", {"seconds": -1})
    shifted = ask("PUT", "clock", {"mode": "shifted", "now": "2030-02-01T00:00:00+01:00"}).json()
    frozen = ask("PUT", "clock", {"mode": "frozen", "now": START.isoformat()}).json()

    assert moved == {"mode": "frozen", "now": "2030-01-15T09:00:01.500Z"}
    assert to["now"] == "2030-01-15T09:01:00.000Z"
    assert (back.status_code, "time moves on" in back.json()["error"]) == (400, True)
    assert shifted["mode"] == "shifted"
    assert shifted["now"].startswith("2030-01-31T23:00:0")
    assert frozen["now"] == "2030-01-15T09:00:00.000Z"


def test_a_session_is_lived_by_acts(ask: Ask) -> None:
    """SESS-2: every act goes through its use case, which may refuse it."""
    portal = {"name": "acts", "subPortals": ["a", "b"], "username": "acts", "password": "x"}
    assert ask("POST", "portals", portal).status_code == 200
    request = {
        "act": "post",
        "portal": "acts",
        "subPortal": "a",
        "question": "?",
        "smartBoxEntries": [{"label": None, "value": "v"}],
    }
    posted = ask("POST", "acts", request).json()
    number = {"sessionId": posted["sessionId"]}
    too_soon = ask("POST", "acts", {"act": "start", **number})
    acts: list[dict[str, Any]] = [
        {"act": "accept"},
        {"act": "start"},
        {"act": "chat", "speaker": "representative", "text": "hello"},
        {"act": "chat", "text": "hi"},
        {"act": "sendFile", "name": "patch.exe", "size": 5},
        {"act": "pushUrl", "url": "https://help.example/"},
        {"act": "takeDiagnostics"},
        {"act": "screen", "on": True},
        {"act": "screen", "on": False},
        {"act": "reboot", "reconnected": True},
        {"act": "transfer", "subPortal": "b"},
    ]
    done = [ask("POST", "acts", {**act, **number}) for act in acts]
    successor = done[-1].json()["sessionId"]
    ended = ask("POST", "acts", {"act": "end", **number})

    assert posted["updateId"] == 1
    assert (too_soon.status_code, too_soon.json()["fault"]) == (409, "OutOfTurn")
    assert {answer.status_code for answer in done} == {200}
    assert successor > posted["sessionId"]
    assert ended.status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "acts", {"act": "dance"}, 400),
        ("POST", "acts", {"act": "accept", "sessionId": "1"}, 400),
        ("POST", "acts", {"act": "accept", "sessionId": 1}, 409),
        ("POST", "acts", {}, 400),
        ("POST", "acts", [], 400),
        ("POST", "seed", {}, 400),
        ("POST", "seed", {"sessions": -1}, 400),
        ("POST", "seed", {"sessions": 5, "portal": "none"}, 409),
        ("POST", "clock/advance", {}, 400),
        ("POST", "clock/advance", {"seconds": "1"}, 400),
        ("POST", "clock/advance", {"seconds": 1e300}, 400),
        ("PUT", "clock", {"mode": "odd"}, 400),
        ("PUT", "clock", {"mode": "frozen", "now": "yesterday"}, 400),
        ("POST", "portals", {"name": "p"}, 400),
        ("POST", "logins", {"portal": "none", "username": "u", "password": "p"}, 409),
        ("PUT", "portals/none/security-key", {"passphrase": "x"}, 409),
        ("PATCH", "portals/none", {"hardLockouts": True}, 409),
        ("PATCH", "portals/none", {"codesPerRep": 2}, 404),
        ("GET", "portals/none", None, 404),
        ("DELETE", "world", None, 405),
    ],
)
def test_bad_input_gets_a_sentence(
    ask: Ask, method: str, path: str, body: object, status: int
) -> None:
    """FAULT-1: never a stack trace, always what to do."""
    answer = ask(method, path, body)
    told = answer.json()

    assert answer.status_code == status
    assert len(told.get("error") or told["message"]) > 10
    assert "Traceback" not in answer.text


def test_a_body_counts_whatever_content_type_a_client_says_by_itself(
    broker: RunningBroker, ask: Ask
) -> None:
    """What `curl -d` and urllib send they call a form; it was taken for no body at all."""
    url = f"{broker.control_url}/_sim/clock/advance"
    said = {"Authorization": f"Bearer {broker.control_token}"}
    said["Content-Type"] = "application/x-www-form-urlencoded"
    before = datetime.fromisoformat(ask("GET", "clock").json()["now"])

    moved = requests.post(url, '{"seconds": 60}', headers=said, timeout=10)
    wrong = requests.post(f"{broker.control_url}/_sim/worlds", "{bad", headers=said, timeout=10)

    assert datetime.fromisoformat(moved.json()["now"]) == before + timedelta(seconds=60)
    assert (wrong.status_code, wrong.json()) == (
        400,
        {"error": "the body must be JSON that can be read"},
    )


def test_an_unknown_call_is_told_where_the_calls_are_listed(ask: Ask) -> None:
    """A misspelt path, and a method that its path does not take."""
    unknown, other = ask("GET", "nothing"), ask("DELETE", "world")

    assert unknown.status_code == 404
    assert unknown.json()["error"] == (
        "there is no call GET /_sim/nothing; GET /_sim/openapi.json lists all"
    )
    assert (other.status_code, other.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert other.json()["error"] == "/_sim/world takes GET, HEAD, OPTIONS; not DELETE"


def test_text_that_xml_forbids_is_refused(ask: Ask) -> None:
    """SESS-4: a control character is refused at this door too, with its field."""
    given = {"act": "post", "portal": "acts", "subPortal": "a", "question": "a\x01b"}
    answer = ask("POST", "acts", given)

    assert answer.status_code == 409
    assert answer.json()["field"] == "question"


def test_keys_logins_and_locks(ask: Ask) -> None:
    """REC-4, LOGON-4: a key counts versions up; hard lockouts and unlocking are told."""
    ask("POST", "portals", {"name": "keyed", "username": "keyed", "password": "x"})
    first = ask("PUT", "portals/keyed/security-key", {"passphrase": "open sesame"}).json()
    second = ask("DELETE", "portals/keyed/security-key").json()
    hard = ask("PATCH", "portals/keyed", {"hardLockouts": True}).json()
    codes = ask("PATCH", "portals/keyed", {"codesPerRep": 2, "codeSeconds": 90}).json()
    fewer = ask("PATCH", "portals/keyed", {"codesPerRep": 1}).json()
    more = ask("POST", "logins", {"portal": "keyed", "username": "Second", "password": "y"}).json()
    taken = ask("POST", "logins", {"portal": "keyed", "username": "SECOND ", "password": "y"})
    unlocked = ask("POST", "logins/second/unlock").json()

    assert (first["keyVersion"], second["keyVersion"]) == (2, 3)
    assert hard["hardLockouts"]
    assert (hard["codesPerRep"], hard["codeSeconds"]) == (8, 900)
    assert (codes["codesPerRep"], codes["codeSeconds"]) == (2, 90)
    assert (fewer["codesPerRep"], fewer["codeSeconds"], fewer["hardLockouts"]) == (1, 90, True)
    assert [login["username"] for login in more["logins"]] == ["keyed", "second"]
    assert taken.status_code == 409
    assert unlocked == {"unlocked": "second"}


def test_a_reset_begins_anew_and_the_same_seed_gives_the_same_world() -> None:
    """One seed decides everything: two resets to it give worlds that are alike."""
    with running_broker(seed=1, sessions=10) as broker:
        headers = {"Authorization": f"Bearer {broker.control_token}"}

        def reset(**given: Any) -> Any:
            url = f"{broker.control_url}/_sim/reset"
            return requests.post(url, json=given, headers=headers, timeout=10).json()

        before = reset(seed=2, sessions=5, now="2030-03-01T00:00:00Z")
        broker.tester.add_past(4, 10)
        after = reset(seed=2, sessions=5, now="2030-03-01T00:00:00Z")
        other = reset(seed=3, sessions=0)
        bare = reset()

        assert before == after
        assert before["sessions"] == 5
        assert (other["seed"], other["sessions"]) == (3, 0)
        assert other["company"] != before["company"]
        assert (bare["seed"], bare["sessions"], bare["clock"]) == (3, 10, other["clock"])
        assert broker.tester.clock.now() == datetime(2030, 3, 1, tzinfo=UTC)


def test_what_time_takes_is_swept(ask: Ask) -> None:
    """RET-2: ninety days on, every session of the past is purged."""
    with running_broker(seed=5, sessions=15) as broker:
        headers = {"Authorization": f"Bearer {broker.control_token}"}
        url = f"{broker.control_url}/_sim"
        days = {"seconds": 90 * 86400}
        requests.post(f"{url}/clock/advance", json=days, headers=headers, timeout=10)
        swept = requests.post(f"{url}/sweep", headers=headers, timeout=10).json()
        world = requests.get(f"{url}/world", headers=headers, timeout=10).json()

        assert swept == {"purged": 0}  # the advance has done it
        assert world["sessions"] == 0
