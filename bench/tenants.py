"""How soon a test has a world of its own, and how soon it is as at the beginning again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPConnection
from statistics import median
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

from bench.finding import Bench, Finding
from broker_sim.testing import RunningBroker, running_broker

_TRIES: Final = 3
_TIMES: Final = 50
_SESSIONS: Final = 20
_PAST: Final = 10_000
_KEPT: Final = "kept"
_HOW: Final = f"""\
What a test waits for, by the stopwatch: a server that runs already makes a world and drops it
(`with broker.world():` as the pytest fixture does, or `POST /_sim/worlds` and the `DELETE` that
ends it), or sets one back to its beginning (`tester.reset()`, `POST /_sim/reset`). The worlds are
empty, as a test's are: portals, logins and representatives are there. The row with {_SESSIONS}
past sessions informs, and so do the snapshots. Each is the median of {_TIMES}, the best of up to
three tries: the machine may be shared. An advance of 90 days purges each of {_PAST:,} sessions at
its own instant; it is done once. Over HTTP the bounds only catch what has become several times
slower. A server of a test's own stands under "From start to first answer".
"""


class _Control:
    """One connection to the control API."""

    def __init__(self, broker: RunningBroker) -> None:
        parts = urlsplit(broker.control_url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        self._headers = {
            "authorization": f"Bearer {broker.control_token}",
            "content-type": "application/json",
        }

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Give what it answers.

        Raises:
            RuntimeError: the answer is none of success.
        """
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, f"/_sim{path}", sent, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            msg = f"{method} {path}: {answer.status} {said.decode(errors='replace')}"
            raise RuntimeError(msg)
        return json.loads(said)

    def world(self, sessions: int = 0) -> None:
        """Make a world and drop it."""
        made = self.call("POST", "/worlds", {"seed": 7, "sessions": sessions})
        self.call("DELETE", f"/worlds/{made['name']}")


def _run(full: bool) -> Sequence[Finding]:  # noqa: ARG001  there is no longer way
    with running_broker() as broker:
        control = _Control(broker)
        return [
            _found("a world made and dropped", partial(_world, broker), 5.0),
            _found("that over the control API", control.world, 10.0),
            _found(
                f"a world of {_SESSIONS} sessions, the same",
                partial(_world, broker, sessions=_SESSIONS),
            ),
            _found("a world set back to its beginning", broker.tester.reset, 2.0),
            _found("that over the control API", partial(control.call, "POST", "/reset", {}), 8.0),
            _found("a snapshot of it taken", partial(_snapshot, broker)),
            _found("and restored", partial(broker.worlds.hand().snapshots.restore, _KEPT)),
            _ninety_days(broker),
        ]


def _snapshot(broker: RunningBroker) -> None:
    broker.worlds.hand().snapshots.take(_KEPT)


def _ninety_days(broker: RunningBroker) -> Finding:
    """Let the retention of a past of 90 days end, session by session."""
    with broker.world(sessions=_PAST) as world:
        began = perf_counter()
        world.clock.advance(days=90)
        took = perf_counter() - began
        assert world.tester.describe()["sessions"] == 0
    return Finding(f"an advance of 90 days over {_PAST:,} sessions", took, "s", 2.0)


BENCH: Final = Bench("worlds", "A world for each test", _HOW, _run)


def _world(broker: RunningBroker, sessions: int = 0) -> None:
    with broker.world(sessions=sessions):
        pass


def _found(what: str, once: Callable[[], object], at_most: float | None = None) -> Finding:
    """Measure milliseconds; try again while it is not good enough."""
    best = float("inf")
    for _ in range(_TRIES):
        best = min(best, median(_milliseconds(once) for _ in range(_TIMES)))
        if at_most is None or best <= at_most:
            break
    return Finding(what, best, "ms", at_most)


def _milliseconds(once: Callable[[], object]) -> float:
    began = perf_counter()
    once()
    return (perf_counter() - began) * 1e3
