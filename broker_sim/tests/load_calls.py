"""Callers of a served broker, side by side: what they ask, and what must not happen."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from broker_sim.remote import Control

RACERS: Final = 5
_IDLE_SECONDS: Final = 20.0  # the broker closes a connection that is idle for longer than a minute
_ENVELOPE: Final = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
    '<{0} xmlns="urn:broker-sim:v1">{1}</{0}></e:Body></e:Envelope>'
)
_CODE: Final = re.compile(r"<code>(\w+)</code>")
Race = Callable[..., list[Any]]


class BrokenError(AssertionError):
    """Something was not as it must be."""


@dataclass(slots=True)
class Load:
    """One broker under load.

    Attributes:
        told: what the broker said of itself.
        wanted: how many calls there are to be.
        made: how many there have been.
        broken: what was not as it must be.
        accepted: the representative who has each session.
    """

    told: dict[str, Any]
    wanted: int
    made: int = 0
    broken: list[str] = field(default_factory=list)
    accepted: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _names: Iterator[int] = field(default_factory=lambda: count(1))
    _opened: list[HTTPConnection] = field(default_factory=list)
    _local: threading.local = field(default_factory=threading.local)

    @property
    def control(self) -> Control:
        """Its control API."""
        return Control(self.told["controlUrl"], self.told["controlToken"])

    @property
    def over(self) -> bool:
        """Whether there have been enough calls, or something is broken."""
        return bool(self.broken) or self.made >= self.wanted

    def name(self) -> int:
        """Give a number that nobody else has."""
        with self._lock:
            return next(self._names)

    def address(self) -> str:
        """Give an address of this machine that nobody else calls from."""
        number = self.name() + 256
        return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def soap(self, service: str, operation: str, **fields: object) -> str:
        """Call an operation; give the answer's text."""
        inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
        body = _ENVELOPE.format(operation, inside)
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        return self._send("POST", f"/services/{service}", body, headers)[1]

    def page(self, path: str, **fields: str) -> tuple[int, Any]:
        """Ask for a customer's page, or post its form; give status and JSON."""
        headers = {"Accept": "application/json"}
        if not fields:
            status, text = self._send("GET", path, None, headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            status, text = self._send("POST", path, urlencode(fields), headers)
        return status, json.loads(text)

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        """Send a request by one of this thread's connections, which lead to several processes."""
        with self._lock:
            self.made += 1
        connection = self._connection()
        connection.request(method, path, None if body is None else body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def _connection(self) -> HTTPConnection:
        """Give the next of this thread's connections, opened anew where it has been idle."""
        held: list[HTTPConnection] | None = getattr(self._local, "held", None)
        if held is None:
            place, source = urlsplit(self.told["baseUrl"]), (self.address(), 0)
            held = self._local.held = [
                HTTPConnection(place.hostname or "", place.port, 60, source) for _ in range(4)
            ]
            with self._lock:
                self._opened += held
        held.append(held.pop(0))
        now = time.monotonic()
        if now - getattr(self._local, "last", now) > _IDLE_SECONDS:
            for connection in held:
                connection.close()
        self._local.last = now
        return held[0]

    def close(self) -> None:
        """Close all connections."""
        for connection in self._opened:
            connection.close()

    def check(self, said: str, *, holds: bool) -> None:
        """Fail the round unless it holds."""
        if not holds:
            raise BrokenError(said)

    def play(self, round_: Callable[[Race], None]) -> None:
        """Play rounds until it is over; what breaks is kept."""
        with ThreadPoolExecutor(2 * RACERS) as threads:

            def race(*acts: Callable[[], Any]) -> list[Any]:
                gate = threading.Barrier(len(acts))

                def run(act: Callable[[], Any]) -> Any:
                    gate.wait(30)
                    return act()

                return [end.result(120) for end in [threads.submit(run, act) for act in acts]]

            while not self.over:
                try:
                    round_(race)
                except Exception as problem:  # noqa: BLE001  told at the end, whatever it was
                    self.broken.append(f"{round_.__qualname__}: {problem!r}")

    def login(self, portal: str) -> tuple[str, str]:
        """Make a login; give user name and password."""
        username = f"load.{self.name()}@example.com"
        given = {"portal": portal, "username": username, "password": f"secret {username}"}
        self.control.post("/logins", given)
        return username, given["password"]

    def connect(self, service: str, username: str, password: str) -> str:
        """Log on; give the connection id, or the fault's code."""
        return opened(self.soap(service, "logon", username=username, password=password))


def opened(answer: str) -> str:
    """Give the connection id in an answer, or the fault's code."""
    found = re.search(r"<connectionId>([^<]+)<", answer)
    return found[1] if found else code(answer)


def code(answer: str) -> str:
    """Give a fault's code; "" for an answer that is none."""
    found = _CODE.search(answer) if ":Fault>" in answer else None
    return found[1] if found else ""
