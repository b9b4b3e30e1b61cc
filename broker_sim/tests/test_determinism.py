"""One seed decides everything: the same calls get the same bytes, in two runs."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest

from broker_sim.contract import ENDPOINTS, limits
from broker_sim.contract.kinds import Endpoint, Operation
from broker_sim.testing import RunningBroker, running_broker

_KEPT_OUT = {"date"}
_LIFE = (
    ("clock/advance", {"seconds": 90}),
    ("acts", {"act": "accept"}),
    ("acts", {"act": "start"}),
    ("acts", {"act": "chat", "text": "Grüße \U0001f600 & <so>"}),
    ("acts", {"act": "takeDiagnostics"}),
    ("acts", {"act": "end", "resolution": "Resolved"}),
    ("clock/advance", {"seconds": 60}),
)


class _Caller:
    """Makes one call after another on one connection and remembers what came back."""

    def __init__(self, broker: RunningBroker, world: str) -> None:
        self._product = HTTPConnection(urlsplit(broker.url).netloc, timeout=10)
        self._control = HTTPConnection(urlsplit(broker.control_url).netloc, timeout=10)
        self._token = broker.control_token
        self._world = world
        self.heard: list[tuple[str, int, list[tuple[str, str]], str]] = []

    def close(self) -> None:
        self._product.close()
        self._control.close()

    def soap(self, endpoint: Endpoint, operation: Operation, *values: object) -> str:
        """Call an operation with values for its first fields, in order."""
        inner = "".join(
            f"<{field.wire}>{escape(str(value))}</{field.wire}>"
            for field, value in zip(operation.takes, values, strict=False)
        )
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<{operation.name} xmlns="{limits.NAMESPACE}">{inner}</{operation.name}>'
            "</e:Body></e:Envelope>"
        )
        path = f"/w/{self._world}{endpoint.path}"
        return self._ask(self._product, "POST", path, body.encode(), {"content-type": "text/xml"})

    def get(self, path: str) -> str:
        return self._ask(self._product, "GET", path, b"", {})

    def control(self, path: str, given: object) -> Any:
        headers = {"authorization": f"Bearer {self._token}"}
        place = f"/_sim/worlds/{self._world}/{path}"
        return json.loads(
            self._ask(self._control, "POST", place, json.dumps(given).encode(), headers)
        )

    def _ask(
        self, door: HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> str:
        door.request(method, path, body, headers)
        answer = door.getresponse()
        content = answer.read()
        told = [(n.lower(), v) for n, v in answer.getheaders() if n.lower() not in _KEPT_OUT]
        digest = hashlib.sha256(content).hexdigest()
        self.heard.append((f"{method} {path} {body[:300]!r}", answer.status, told, digest))
        return content.decode(errors="replace")


def _lived(broker: RunningBroker) -> Any:
    """Let a seeded world live for a while; give all that was heard."""
    name = broker.worlds.new({"name": "twin", "seed": 21, "sessions": 6})
    caller = _Caller(broker, name)
    try:
        for endpoint in ENDPOINTS:
            caller.get(f"/w/{name}{endpoint.path}?wsdl")
        _live(broker, caller)
        return caller.heard
    finally:
        caller.close()
        broker.worlds.drop(name)


def _live(broker: RunningBroker, caller: _Caller) -> None:
    plan = broker.worlds.hand("twin").broker.plan
    portal = plan.portals[0]
    asked = {"portal": portal.name, "subPortal": portal.sub_portals[0], "question": "Wie?"}
    number = caller.control("acts", {"act": "post", **asked})["sessionId"]
    for path, given in _LIFE:
        caller.control(path, {**given, "sessionId": number} if path == "acts" else given)
    sessions, *others = ENDPOINTS
    operations = {operation.name: operation for operation in sessions.operations}
    wrong = caller.soap(sessions, operations["logon"], portal.login.username, "wrong")
    assert "InvalidCredentials" in wrong
    said = caller.soap(sessions, operations["logon"], portal.login.username, portal.login.password)
    connection = re.findall(r"<connectionId>([^<]+)<", said)[0]
    for operation in sessions.operations:
        if operation.name not in ("logon", "logoff"):
            caller.soap(sessions, operation, connection, number)
    for endpoint in others:
        for operation in endpoint.operations:
            if operation.takes[0].wire == "connectionId" and operation.name != "logoff":
                caller.soap(endpoint, operation, connection)
    session = caller.soap(sessions, operations["getSession"], connection, number)
    files = re.findall(r"<url>https?://[^/]+([^<]+)</url>", session)
    assert len(files) >= 5
    for file in files:
        caller.get(file.replace("&amp;", "&"))
    caller.soap(sessions, operations["logoff"], connection)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def test_two_runs_of_one_seed_are_the_same_to_the_byte(broker: RunningBroker) -> None:
    """Status, headers but Date, and bodies; sealed recordings, faults and ids included."""
    assert _lived(broker) == _lived(broker)


def test_two_processes_agree(tmp_path: Path) -> None:
    """Nothing comes from the order of a hash, the machine's clock or its chance."""
    program = tmp_path / "lived.py"
    program.write_text(
        "import hashlib, sys\n"
        "from broker_sim.testing import running_broker\n"
        "from broker_sim.tests.test_determinism import _lived\n"
        "with running_broker(port=int(sys.argv[1])) as broker:\n"
        "    heard = _lived(broker)\n"
        "print(broker.url)\n"
        "print(hashlib.sha256(repr(heard).encode()).hexdigest(), len(heard))\n",
        encoding="utf-8",
    )

    def said(port: str, hash_seed: str) -> list[str]:
        run = subprocess.run(
            [sys.executable, program, port],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        return run.stdout.splitlines()

    first = said("0", "1")
    assert said(str(urlsplit(first[0]).port), "2") == first
