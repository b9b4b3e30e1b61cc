"""The control API is as its document says, every call of it; and the document is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jsonschema
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.adapters.clocks import MODES
from broker_sim.contract import faults
from broker_sim.control import app, shapes
from broker_sim.control.answers import MODE
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.openapi_drawing import ANYTHING, EDGES, INSTANTS, right, spoilt
from broker_sim.tests.openapi_stage import Stage

_CHECKOUT: Final = Path(__file__).parents[2]
_DOCUMENT: Final[dict[str, Any]] = json.loads(json.dumps(app.published()))
_VALIDATOR: Final = jsonschema.Draft202012Validator
_CALLS: Final = [
    (method.upper(), path) for path, place in _DOCUMENT["paths"].items() for method in place
]
_QUICKLY: Final = settings(max_examples=max(10, settings().max_examples // 5))


def resolved(value: Any) -> Any:
    """Give a part of the document with what its references point at."""
    if isinstance(value, dict):
        if "$ref" in value:
            found = _DOCUMENT
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            return resolved(found)
        return {name: resolved(one) for name, one in value.items()}
    return [resolved(one) for one in value] if isinstance(value, list) else value


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = resolved(_DOCUMENT["paths"][path][method.lower()])
    return found


def is_right(shape: Mapping[str, Any], value: Any) -> bool:
    """Ask a judge that is not ours; instants from 1971 to 8999 only, as their shape says."""
    judge = jsonschema.FormatChecker(formats=())
    judge.checks("date-time")(lambda text: not isinstance(text, str) or _is_instant(text))
    return bool(_VALIDATOR(shape, format_checker=judge).is_valid(value))


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).year in range(1971, 9000)
    except ValueError:
        return False


def test_the_document_is_an_openapi_document() -> None:
    """By the schema that the OpenAPI Initiative publishes; its own shapes are schemas."""
    schema = json.loads((_CHECKOUT / "fixtures/openapi/schema.json").read_text(encoding="utf-8"))
    _VALIDATOR(schema).validate(_DOCUMENT)
    for shape in _DOCUMENT["components"]["schemas"].values():
        _VALIDATOR.check_schema(shape)
    names = [_DOCUMENT["paths"][path][method.lower()]["operationId"] for method, path in _CALLS]

    assert len(set(names)) == len(names) > 60
    with pytest.raises(jsonschema.ValidationError):
        _VALIDATOR(schema).validate({**_DOCUMENT, "paths": {"no slash": {}}})


def test_every_route_declares_what_it_gives() -> None:
    """And says in its docstring what it does, in a line."""
    for method, path in _CALLS:
        described = operation(method, path)
        (shape,) = (each["schema"] for each in described["responses"]["200"]["content"].values())
        assert shape, (method, path)
        assert len(described["summary"]) > 5, (method, path)


def test_the_modes_are_those_of_a_clock() -> None:
    """The control API may not import the adapters."""
    assert tuple(MODE["enum"]) == MODES


@pytest.fixture(scope="module")
def server() -> Iterator[RunningBroker]:
    with running_broker(seed=5, sessions=6, tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def http(server: RunningBroker) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.control_token}"
        yield session


def test_the_acts_are_those_that_can_be_done(server: RunningBroker) -> None:
    """No act is kept from HTTP, none is made up."""
    mapping = _DOCUMENT["components"]["schemas"]["Act"]["discriminator"]["mapping"]

    assert mapping.keys() == server.tester.acts.table.keys()


def test_every_registered_route_is_documented_and_the_other_way_round(
    server: RunningBroker,
) -> None:
    """What Flask answers at, and what the document has."""
    registered = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in app.create_app(server.worlds, "token").url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }

    assert registered == set(_CALLS)


def test_the_broker_gives_the_document_that_is_committed(
    server: RunningBroker, http: requests.Session
) -> None:
    """Byte for byte but for the spaces."""
    committed = json.loads((_CHECKOUT / "docs/control.openapi.json").read_text(encoding="utf-8"))

    assert http.get(f"{server.control_url}/_sim/openapi.json", timeout=10).json() == committed


# What makes a call succeed where an empty body does not; by the path below a world.
_GOOD: Final[Mapping[str, Any]] = {
    "PUT /rate": {"rate": 5, "burst": 2},
    "PUT /clock": {"mode": "frozen", "now": "2030-01-15T09:00:00Z"},
    "POST /clock/advance": {"seconds": 60},
    "POST /seed": {"sessions": 3, "days": 9},
    "POST /portals": {"name": "new", "username": "new-user", "password": "p"},
    "POST /logins": {"portal": "{portal}", "username": "another", "password": "p"},
    "PUT /portals/{name}/security-key": {"passphrase": "open sesame"},
    "POST /acts": {"act": "post", "portal": "{portal}", "subPortal": "{sub}", "question": "?"},
    "POST /representatives": {"email": "new@example.com", "password": "p", "portal": "{portal}"},
    "PUT /tls": {"certificate": "expired"},
    "POST /faults": {"effect": "status", "status": 503, "retryAfter": 5},
    "POST /journal/verify": {"operation": "logon", "exactly": 0},
}


@pytest.fixture(scope="module")
def stage(server: RunningBroker) -> Stage:
    return Stage(server)


def called(
    server: RunningBroker, http: requests.Session, method: str, path: str, **given: Any
) -> tuple[str, Any]:
    """Call, and hold the answer against what is documented; give status and answer."""
    answer = http.request(method, f"{server.control_url}{path}", timeout=30, **given)
    return str(answer.status_code), answer


def judged(described: Mapping[str, Any], status: str, answer: Any) -> None:
    """Hold an answer against what is documented."""
    assert status in described["responses"], (status, answer.text)
    ((media, documented),) = described["responses"][status]["content"].items()
    assert answer.headers["Content-Type"] == media
    _VALIDATOR(documented["schema"]).validate(answer.json())


@pytest.mark.parametrize(("method", "path"), _CALLS, ids=lambda one: one)
def test_each_call_can_be_made(
    server: RunningBroker, http: requests.Session, stage: Stage, method: str, path: str
) -> None:
    """With a body that is right it answers 200 and what is documented."""
    stage.set()
    there = stage.on(path)
    short = re.sub(r"^/_sim(/worlds/\{world\})?", "", path)
    text = json.dumps(_GOOD.get(f"{method} {short}", {}))
    for name, value in there.items():
        text = text.replace(f"{{{name}}}", value)
    body = json.loads(text) if "requestBody" in operation(method, path) else None
    status, answer = called(server, http, method, path.format(**there), json=body)

    judged(operation(method, path), status, answer)
    assert status == "200", answer.text


@pytest.mark.parametrize(("method", "path"), _CALLS, ids=lambda one: one)
def test_whatever_is_sent_the_answer_is_documented(
    server: RunningBroker, http: requests.Session, stage: Stage, method: str, path: str
) -> None:
    """Right or wrong: a documented status with its shape; what is wrong is never done."""
    described = operation(method, path)
    takes = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    asks = {one["name"]: one["schema"] for one in described["parameters"] if one["in"] == "query"}

    @_QUICKLY
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        there = stage.set() | stage.on(path)
        hints = _hints(there)
        parts = {name: data.draw(_part(there[name])) for name in re.findall(r"\{(\w+)\}", path)}
        query = data.draw(_query(asks))
        shape = takes.get("schema", {})
        body = data.draw(right(shape, hints) | spoilt(shape, hints), "body") if takes else {}
        status, answer = called(
            server, http, method, path.format(**parts), params=query, data=json.dumps(body).encode()
        )

        judged(described, status, answer)
        if not is_right(shape, body):
            assert status[0] == "4", (body, answer.text)

    holds()


def _part(there: str) -> st.SearchStrategy[str]:
    names = st.sampled_from([there, there, there, "nobody", "a b/c?", "ä", "x" * 300])
    return names.map(lambda name: quote(name, safe=""))


def _query(asks: Mapping[str, Any]) -> st.SearchStrategy[dict[str, str]]:
    known = {
        name: (right(shape, {}) | st.text(max_size=5)).map(str) for name, shape in asks.items()
    }
    odd = st.dictionaries(st.just("odd"), st.text(max_size=3), max_size=1)
    return st.builds(
        lambda said, more: {**said, **more}, st.fixed_dictionaries({}, optional=known), odd
    )


def _hints(there: Mapping[str, Any]) -> Mapping[str, st.SearchStrategy[Any]]:
    """Say what to draw by the name of a property: what exists, and no worlds without end."""
    return {
        "portal": st.sampled_from([there["portal"], "nobody"]),
        "subPortal": st.sampled_from([there["sub"], "nowhere"]),
        "sessionId": st.integers(1, 2**63 - 1) | st.integers(10_000_000, 10_000_020),
        "import": st.just(there["export"]) | ANYTHING,
        "sessions": st.integers(0, 9),
        "livePerHour": st.integers(0, 5),
        "seconds": st.integers(0, 600) | st.floats(0, 600),
        "now": INSTANTS | st.just("2030-01-15T09:00:00Z"),
        "to": INSTANTS | st.just("2031-01-15T09:00:00Z"),
        "code": st.sampled_from([*faults.BY_CODE, "Nothing"]),
        "email": st.sampled_from([there["email"], "nobody@example.com"]),
        "operation": st.sampled_from(["*", "logon", "Sessions.*", "download", "dance"]),
    }


_SHAPES: Final = sorted(
    name for name, shape in _DOCUMENT["components"]["schemas"].items() if name[0] != "_"
)


@pytest.mark.parametrize("name", _SHAPES)
def test_our_check_says_what_a_judge_of_schemas_says(name: str) -> None:
    """The few words of JSON Schema that we read mean what they mean to everybody."""
    shape = resolved(_DOCUMENT["components"]["schemas"][name])

    @_QUICKLY
    @given(right(shape, {}) | spoilt(shape, {}) | EDGES | ANYTHING)
    def agrees(value: Any) -> None:
        assert (not list(shapes.mistakes(shape, value, ""))) is is_right(shape, value)

    agrees()
