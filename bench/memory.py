"""Memory of a served broker under load, and whether any answer under load is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from bench.caller import Caller, call, values
from bench.finding import Bench, Finding
from bench.process import Process, memory_bytes, serving
from bench.worlds import opened
from broker_sim.adapters.clocks import machine_time
from broker_sim.service import managers

_CALLERS: Final = 8
_SESSIONS: Final = 1000
_DAYS: Final = 80  # nothing of it is purged in the middle: every answer is to stay as it was
_READ: Final = 60  # of them, by each caller
_LOGON_EVERY: Final = 1000
_ROUNDS: Final = 8  # of logons at once
_WARM_SECONDS: Final = 15.0
_SHORT_SECONDS: Final = 60.0
_FULL_SECONDS: Final = 600.0
_SAMPLE_SECONDS: Final = 0.25
_AT_MOST_MB: Final = 4.0
_PASSWORD: Final = "correct horse"
_CHANGING: Final = re.compile(rb"<(url|urlExpires|brokerTime)>[^<]*<")
_HOW: Final = f"""\
`broker-sim serve` on a database file with {_SESSIONS:,} sessions of {_DAYS} days, journal and all,
over plain HTTP and without a limit of calls. {_CALLERS} callers at once, each with a login and a
connection of its own, call as fast as it answers: portal, sessions, ids of a range, pages of
updates, and logoff and logon after every {_LOGON_EVERY:,} calls. Each answer must be the one that
the same call had before the load, to the byte; signed URLs and the time of day are left out. At
first all of them log on at once, {_ROUNDS} times: the check of a password takes 17 MB, in each of
the threads that do such work, which keep them for the next one. When the journal is full, after
{_WARM_SECONDS:.0f} seconds, the server's resident memory is read four times a second: compared are
the medians of the first and the last tenth. The short way takes a minute, `--full` ten.
"""


def _run(full: bool) -> Sequence[Finding]:
    seconds = _FULL_SECONDS if full else _SHORT_SECONDS
    with TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        users = _prepare(home)
        with serving(home, "--http", "--no-rate") as process:
            now = machine_time()
            callers = [_Reader(process, user, now) for user in users]
            before = callers[0].answers()
            over = Event()
            with ThreadPoolExecutor(_CALLERS) as pool:
                for _ in range(_ROUNDS):
                    list(pool.map(_Reader.again, callers))
                loads = [pool.submit(caller.load, before, over) for caller in callers]
                try:
                    samples = _sampled(process.pid, seconds)
                finally:
                    over.set()
            calls, wrong = (sum(each) for each in zip(*(it.result() for it in loads), strict=True))
    return _findings(seconds, samples, calls, wrong)


BENCH: Final = Bench("memory", "Memory under load", _HOW, _run)


def _findings(
    seconds: float, samples: Sequence[float], calls: int, wrong: int
) -> Sequence[Finding]:
    tenth = max(1, len(samples) // 10)
    first, last = median(samples[:tenth]), median(samples[-tenth:])
    return (
        Finding(f"memory grown in {seconds:.0f} s of load", last - first, "MB", _AT_MOST_MB),
        Finding("memory at the end", last, "MB"),
        Finding(f"wrong answers, {_CALLERS} callers at once", wrong, "calls", 0.0),
        Finding("answers", calls, "calls"),
    )


def _prepare(home: Path) -> Sequence[str]:
    """Make the world; give a user name for each caller, all of one portal."""
    users = [f"bench{number}@example.com" for number in range(_CALLERS)]
    with opened(home, _SESSIONS, for_tests=False, days=_DAYS) as desk:
        for user in users:
            managers.add_login(desk.broker.world, desk.portal, user, _PASSWORD)
        desk.call("logoff")
    return users


def _sampled(pid: int, seconds: float) -> Sequence[float]:
    """Give the memory in MB, read at steady intervals after the warm-up."""
    pause = Event()
    pause.wait(_WARM_SECONDS)
    samples = []
    for _ in range(round(seconds / _SAMPLE_SECONDS)):
        pause.wait(_SAMPLE_SECONDS)
        samples.append(memory_bytes(pid)[0] / 1e6)
    return samples


class _Reader:
    """A login that reads."""

    def __init__(self, process: Process, user: str, now: datetime) -> None:
        self._caller: Caller = process.called()
        self._user = user
        self._known = self._logged_on()
        self._range = {
            "from": f"{now - timedelta(days=_DAYS):%Y-%m-%dT%H:%M:%S}Z",
            "to": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}Z",
        }
        self._ids = self._listed()

    def answers(self) -> Mapping[tuple[str, ...], bytes]:
        """Make every call once; give what each is answered, by its name and arguments."""
        return {asked: self._ask(asked) for asked in self._asked()}

    def load(self, before: Mapping[tuple[str, ...], bytes], over: Event) -> tuple[int, int]:
        """Call until it is over; give how many answers came, and how many were others."""
        wrong = 0
        asked = list(before)
        for calls in count():
            if over.is_set():
                return calls, wrong
            at = asked[calls % len(asked)]
            wrong += self._ask(at) != before[at]
            if calls % _LOGON_EVERY == _LOGON_EVERY - 1:
                self.again()
        raise AssertionError  # count() has no end

    def again(self) -> None:
        """Log off and on."""
        self._caller.ask(call("logoff", connectionId=self._known))
        self._known = self._logged_on()

    def _asked(self) -> Sequence[tuple[str, ...]]:
        sessions = [("getSession", number) for number in self._ids[:_READ]]
        pages = [("getUpdates", str(since)) for since in range(0, 500, 50)]
        return [*sessions, *pages, ("getPortal",), ("getSessionIds",)]

    def _ask(self, asked: tuple[str, ...]) -> bytes:
        operation, *rest = asked
        arguments: dict[str, str] = {}
        if operation == "getSession":
            arguments = {"sessionId": rest[0]}
        elif operation == "getUpdates":
            arguments = {"since": rest[0], "max": "50"}
        elif operation == "getSessionIds":
            arguments = self._range
        written = call(operation, connectionId=self._known, **arguments)
        return _CHANGING.sub(rb"<\1><", self._caller.ask(written))

    def _logged_on(self) -> str:
        written = call("logon", username=self._user, password=_PASSWORD)
        (known,) = values(self._caller.ask(written), "connectionId")
        return known

    def _listed(self) -> Sequence[str]:
        written = call("getSessionIds", connectionId=self._known, **self._range)
        return values(self._caller.ask(written), "long")
