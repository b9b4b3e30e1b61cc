"""CPU per request through the whole served stack, against the floor on the same server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, Final

from lxml import etree

from bench import floor, stand
from bench.caller import Caller, call, get, values
from bench.finding import Bench, Finding, Round, interleaved, ratio
from bench.process import started
from broker_sim.adapters import passwords
from broker_sim.contract.sessions import SESSIONS

_AT_ONCE: Final = 200
_CHANGING: Final = re.compile(rb"<(url|urlExpires)>[^<]*<")
_HOW: Final = """\
One server process has the broker behind one port (database file, journal, gate and schema check,
wired as `broker-sim serve` wires them, plain HTTP) and the floor behind another: a service written
by hand with lxml that finds its answers in memory (`bench/floor.py`). Both give the same answers;
that is checked first, in canonical XML, the signed URLs left out. One kept-alive connection asks
each in turns of 200 requests. Compared is the CPU time of the server process, turn by turn; the
ratio is the median over all turns. The floor is called inline on the server's event loop, which is
the cheapest place there is; "as WSGI" is the same code mounted as a WSGI application, in a thread.

Every logon opens the connection of another login. The world is one for tests, which hashes
passwords cheaply and at once; what that hash takes is measured apart and taken off the logon, and
so is the hash of a served world, which is done in a thread. The clock is the machine's, so a
connection's last use is written once a second.
"""


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the services that are compared.

    Attributes:
        caller: a connection to its port.
        meter: a connection to where its process tells its CPU time.
        told: what the stand said of itself.
        logon: the path of its logon.
        get_session: the path of its getSession.
    """

    caller: Caller
    meter: Caller
    told: Mapping[str, Any]
    logon: str = SESSIONS.path
    get_session: str = SESSIONS.path

    def logons(self, users: Sequence[str]) -> list[bytes]:
        """Write the logons of these users."""
        password = self.told["password"]
        return [call("logon", self.logon, username=user, password=password) for user in users]

    def sessions(self) -> list[bytes]:
        """Log the reader on, and write its calls, one for each session."""
        (logon,) = self.logons(self.told["users"][:1])
        (known,) = values(self.caller.ask(logon), "connectionId")
        return [
            call("getSession", self.get_session, connectionId=known, sessionId=number)
            for number in self.told["sessions"]
        ]

    def turn(self, requests: Sequence[bytes], after: Callable[[bytes], object]) -> float:
        """Ask all of these, hand every answer on; give the CPU seconds that the server took."""
        before = self._cpu()
        answers = [self.caller.ask(request) for request in requests]
        took = self._cpu() - before
        for answer in answers:
            after(answer)
        return took

    def log_off(self, logged_on: bytes) -> None:
        """End the connection that a logon gave."""
        (known,) = values(logged_on, "connectionId")
        self.caller.ask(call("logoff", connectionId=known))

    def _cpu(self) -> float:
        return float(self.meter.ask(get(stand.CPU)))


def _run(full: bool) -> Sequence[Finding]:
    rounds = 60 if full else 15
    with ExitStack() as stack:
        home = stack.enter_context(TemporaryDirectory(prefix="bench-"))
        told = stack.enter_context(started("bench.stand", home)).told
        broker, beside = (stack.enter_context(Caller(told[at])) for at in ("broker", "floor"))
        sides = [
            _Side(broker, beside, told),
            _Side(beside, beside, told, floor.LOGON, floor.GET_SESSION),
            _Side(beside, beside, told, stand.WSGI + floor.LOGON, stand.WSGI + floor.GET_SESSION),
        ]
        sessions = interleaved(rounds, *_sessions(sides))
        logons = interleaved(rounds, *_logons(sides))
    cheap, served = _hash_seconds(passwords.FOR_TESTS, 1000), _hash_seconds(passwords.SERVED, 5)
    logons[0] = [turn - _AT_ONCE * cheap for turn in logons[0]]
    return (
        *_found("logon", logons, 3.0),
        *_found("getSession", sessions, 1.0),
        Finding("password hash of a world for tests, apart", cheap * 1e6, "us"),
        Finding("password hash of a served world, apart", served * 1e3, "ms"),
    )


BENCH: Final = Bench("stack", "A request through the whole stack", _HOW, _run)


def _sessions(sides: Sequence[_Side]) -> list[Round]:
    requests = [side.sessions() for side in sides]
    for one in zip(*requests, strict=True):
        _compare([side.caller.ask(request) for side, request in zip(sides, one, strict=True)])
    return [
        partial(side.turn, list(islice(cycle(own), _AT_ONCE)), len)
        for side, own in zip(sides, requests, strict=True)
    ]


def _logons(sides: Sequence[_Side]) -> list[Round]:
    users = sides[0].told["users"][1:]
    afters: list[Callable[[bytes], object]] = [sides[0].log_off, len, len]
    return [
        partial(side.turn, side.logons(users), after)
        for side, after in zip(sides, afters, strict=True)
    ]


def _compare(answers: Sequence[bytes]) -> None:
    """Make sure that the answers are the same.

    Raises:
        RuntimeError: they are not, so nothing can be compared.
    """
    forms = {_canonical(answer) for answer in answers}
    if len(forms) != 1:
        shown = b"\n".join(form[:3000] for form in forms).decode()
        msg = f"the floor gives another answer than the broker:\n{shown}"
        raise RuntimeError(msg)


def _canonical(answer: bytes) -> bytes:
    form = etree.tostring(etree.fromstring(answer), method="c14n")
    return _CHANGING.sub(rb"<\1><", form)


def _found(operation: str, costs: Sequence[Sequence[float]], at_most: float) -> list[Finding]:
    ours, inline, wsgi = costs
    return [
        Finding(f"{operation}, against lxml by hand", ratio(ours, inline), "times", at_most),
        Finding(f"{operation}, against lxml by hand as WSGI", ratio(ours, wsgi), "times"),
        Finding(f"CPU of a {operation}", _per_call_us(ours), "us"),
        Finding(f"CPU of a {operation} by hand", _per_call_us(inline), "us"),
    ]


def _per_call_us(turns: Sequence[float]) -> float:
    return median(turns) / _AT_ONCE * 1e6


def _hash_seconds(cost: passwords.PasswordCost, times: int) -> float:
    """Give the CPU time of one check of a password, the median of five turns."""
    stored = passwords.decoy(cost)
    turns = []
    for _ in range(5):
        before = process_time()
        for _ in range(times // 5):
            passwords.check_password("wrong", stored)
        turns.append((process_time() - before) / (times // 5))
    return median(turns)
