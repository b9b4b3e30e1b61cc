"""The memory that a server takes to send a large recording."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from bench.caller import call, get, values
from bench.finding import Bench, Finding
from bench.process import Process, forget_peak, memory_bytes, serving
from bench.worlds import opened
from broker_sim.core.record import Session
from broker_sim.service.ports import Table

_PLAIN_BYTES: Final = 100_000_000
_RANGE_BYTES: Final = 1_000_000
_AT_ONCE: Final = 4
_AT_MOST_MB: Final = 8.0
_HOW: Final = """\
A live session with a screen recording of 100 MB is taken through post, accept, start and end; the
recording is sealed and put into the blob folder. Then `broker-sim serve` starts at that home, and
the recording is downloaded by its signed URL: whole, in ranges of 1 MB, by a reader who stops for a
second in the middle, and by four readers at once. Every byte is checked against the digest that
getSession tells. What counts is the peak of the server's resident memory (VmHWM) above what it had
before, when a small range had been read.
"""


class _LargeContent:
    """One screen recording of 100 MB for every session."""

    def names(self, session: Session) -> Sequence[tuple[str, str]]:
        """Name it as the contract does."""
        return [("LocalScreen", f"localScreen{session.session_id}.g2a")]

    def body(self, session: Session, name: str) -> bytes:
        """Give its bytes."""
        block = hashlib.shake_256(f"{session.session_id}/{name}".encode()).digest(_RANGE_BYTES)
        return block * (_PLAIN_BYTES // _RANGE_BYTES)

    def diagnostics(self, session: Session) -> Sequence[Table]:
        """Tell nothing: nobody asks here."""
        del session
        return ()


@dataclass(frozen=True, slots=True)
class _File:
    """What getSession tells of the recording, and where to have it."""

    process: Process
    target: str
    size: int
    sha256: str

    def read(self, first: int = 0, last: int | None = None, pause: float = 0.0) -> bytes:
        """Read bytes [first, last], in a connection of their own; give their SHA-256."""
        digest = hashlib.sha256()
        ranged = {} if last is None else {"range": f"bytes={first}-{last}"}
        with self.process.called() as caller:
            for count, piece in enumerate(caller.read(get(self.target, **ranged))):
                digest.update(piece)
                if pause and count == 10:
                    Event().wait(pause)
        return digest.digest()

    def whole(self, pause: float = 0.0) -> None:
        """Read all of it."""
        assert self.read(pause=pause).hex() == self.sha256

    def in_ranges(self) -> None:
        """Read all of it in ranges, over one connection."""
        digest = hashlib.sha256()
        with self.process.called() as caller:
            for first in range(0, self.size, _RANGE_BYTES):
                last = min(first + _RANGE_BYTES, self.size) - 1
                digest.update(caller.ask(get(self.target, range=f"bytes={first}-{last}")))
        assert digest.hexdigest() == self.sha256

    def at_once(self) -> None:
        """Read all of it several times at once."""
        with ThreadPoolExecutor(_AT_ONCE) as readers:
            for _ in readers.map(lambda _: self.whole(), range(_AT_ONCE)):
                pass


def _run(full: bool) -> Sequence[Finding]:  # noqa: ARG001  there is no longer way
    with TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        number = _prepare(home)
        return (
            *_findings(home, number, "over TLS"),
            *_findings(home, number, "over plain HTTP", "--http"),
        )


BENCH: Final = Bench("recording", "A recording of 100 MB", _HOW, _run)


def _prepare(home: Path) -> int:
    """Make a world with that session; give its id."""
    with opened(home, 0, for_tests=False) as desk:
        desk.broker.world.content = _LargeContent()
        tester, sub_portal = desk.broker.tester, desk.broker.plan.portals[0].sub_portals[0]
        posted = {"portal": desk.portal, "subPortal": sub_portal, "question": "Why is it so slow?"}
        number = tester.perform("post", posted).session_id
        for act in ("accept", "start", "end", "record"):
            tester.perform(act, {"sessionId": number})
        desk.call("getSession", session_id=number)
        desk.call("logoff")
    return number


def _findings(home: Path, number: int, how: str, *more: str) -> Sequence[Finding]:
    with serving(home, *more) as process:
        file = _located(process, number)
        file.read(0, 1000)
        ways: dict[str, Callable[[], None]] = {
            "whole": file.whole,
            "in ranges of 1 MB": file.in_ranges,
            "with a pause of a second": partial(file.whole, 1.0),
            "by four at once": file.at_once,
        }
        found = [
            Finding(f"memory, {way}, {how}", _growth_mb(process.pid, read), "MB", _AT_MOST_MB)
            for way, read in ways.items()
        ]
        began = perf_counter()
        file.whole()
        found.append(Finding(f"time of it, whole, {how}", perf_counter() - began, "s"))
    return found


def _located(process: Process, number: int) -> _File:
    with process.called() as caller:
        username, password = process.login
        logon = caller.ask(call("logon", username=username, password=password))
        (known,) = values(logon, "connectionId")
        told = caller.ask(call("getSession", connectionId=known, sessionId=number))
        caller.ask(call("logoff", connectionId=known))
    (url,), (size,), (sha256,) = (values(told, name) for name in ("url", "size", "sha256"))
    parts = urlsplit(url)
    return _File(process, f"{parts.path}?{parts.query}", int(size), sha256)


def _growth_mb(pid: int, read: Callable[[], None]) -> float:
    forget_peak(pid)
    before, _ = memory_bytes(pid)
    read()
    _, peak = memory_bytes(pid)
    return (peak - before) / 1e6
