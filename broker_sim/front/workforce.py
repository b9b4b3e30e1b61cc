"""Processes that do the same work side by side: started, watched, started again, stopped.

The parent does nothing but wait for signals, so it can be forked at any time. A worker is in a
session of its own: Ctrl-C reaches the parent only, which stops all. Should the parent be
killed, its workers see the end of a pipe, and are gone, too.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_LOG: Final = logging.getLogger("broker_sim.front")
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
_WATCHED: Final = (*_ENDING, signal.SIGCHLD)
_GLANCE_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 8.0  # longer than what a server gives its callers
_SOON_SECONDS: Final = 1.0
_SOON_MOST: Final = 5


class Workforce:
    """Some processes that do one work.

    Args:
        count: how many.
        work: done by each in a fork of this process, until SIGTERM ends it; given its place,
            from 0, and what to call when it is ready.
        let_go: frees what this process holds for them, when they are told to stop.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[int, Callable[[], None]], None],
        let_go: Callable[[], None],
    ) -> None:
        self._count = count
        self._work = work
        self._let_go = let_go
        self._pids: dict[int, int] = {}
        self._begun: dict[int, float] = {}
        self._died_soon: dict[int, int] = {}  # by place, how often in a row
        self._ready = 0
        self._announced = False
        self._stops_at: float | None = None
        self._code = 0

    def run(self, ready: Callable[[], None]) -> int:
        """Work until SIGINT or SIGTERM; a second one cuts the grace of the workers short.

        Args:
            ready: called once, when all of them are.

        Returns:
            0 where a signal ended it; 1 where workers did not start, or died over and over.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        self._told, self._tell = os.pipe()
        self._life, self._alive = os.pipe()
        os.set_blocking(self._told, False)
        try:
            for place in range(self._count):
                self._start(place, before)
            while self._pids:
                self._turn(ready, before)
            return self._code
        finally:
            for descriptor in (self._told, self._tell, self._life, self._alive):
                os.close(descriptor)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _turn(self, ready: Callable[[], None], before: set[int]) -> None:
        """Wait for something to happen, and do what it asks for."""
        hurried = not self._announced or self._stops_at is not None
        seen = signal.sigtimedwait(_WATCHED, _GLANCE_SECONDS if hurried else _LOOK_SECONDS)
        # CPython tells of some signal or other where this was stopped and continued meanwhile.
        if seen is not None and seen.si_signo in _ENDING:
            self._stop(0)
        for place in self._ended():
            self._replace(place, before)
        if not self._announced and self._stops_at is None and self._all_ready():
            self._announced = True
            ready()
        if self._stops_at is not None and time.monotonic() > self._stops_at:
            self._signal(signal.SIGKILL)

    def _all_ready(self) -> bool:
        with suppress(BlockingIOError):
            self._ready += len(os.read(self._told, self._count))
        return self._ready >= self._count

    def _ended(self) -> list[int]:
        """Give the places whose processes are over, and forget the processes."""
        ended = []
        for place, pid in tuple(self._pids.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del self._pids[place]
                ended.append(place)
                if self._stops_at is None:
                    code = os.waitstatus_to_exitcode(status)
                    _LOG.warning("worker %s, process %s, ended with %s", place, pid, code)
        return ended

    def _replace(self, place: int, before: set[int]) -> None:
        """Start another in the place of one that died; give up where that is in vain."""
        if self._stops_at is not None:
            return
        soon = time.monotonic() - self._begun[place] < _SOON_SECONDS
        self._died_soon[place] = self._died_soon.get(place, 0) + 1 if soon else 0
        if not self._announced or self._died_soon[place] >= _SOON_MOST:
            _LOG.error("workers do not stay: giving up")
            self._stop(1)
            return
        self._start(place, before)

    def _stop(self, code: int) -> None:
        self._code = code
        self._stops_at = self._stops_at or time.monotonic() + _GRACE_SECONDS
        self._signal(signal.SIGTERM)
        self._let_go()

    def _signal(self, name: signal.Signals) -> None:
        for pid in self._pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, name)

    def _start(self, place: int, before: set[int]) -> None:
        self._begun[place] = time.monotonic()
        pid = os.fork()
        if pid:
            self._pids[place] = pid
            return
        code = 1
        try:
            os.setsid()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(self._alive)
            threading.Thread(target=self._outlive_nobody, daemon=True).start()
            self._work(place, self._say_ready)
            code = 0
        except BaseException:  # noqa: BLE001  nothing may get out of here: above lies the parent's work
            _LOG.exception("worker %s failed", place)
        finally:
            logging.shutdown()
            os._exit(code)

    def _say_ready(self) -> None:
        os.write(self._tell, b".")

    def _outlive_nobody(self) -> None:
        """End this worker when its parent is gone: at once, for its successor needs the ports."""
        os.read(self._life, 1)
        os._exit(1)
