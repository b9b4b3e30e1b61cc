"""What the process has done and holds, as Prometheus reads it.

Every number is reckoned when it is asked for; the calls themselves only count. Worlds come and
go, so only some of them have series of their own, and the rest are summed up as one; a world's
series end with it.

Source: Prometheus text format 0.0.4,
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import hmac
import resource
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final, TypeAlias

from broker_sim.contract import limits
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Handler, Offload, Reply, Request
from broker_sim.service.tallies import BUCKETS, Tally
from broker_sim.service.tester import Tester

if TYPE_CHECKING:
    from broker_sim.control.routes import Worlds  # with Flask, which is slow to import

PATH: Final = "/metrics"
OTHERS: Final = "(others)"
WORLDS_SHOWN: Final = 20
_TYPE: Final = (("content-type", "text/plain; version=0.0.4; charset=utf-8"),)
_STATM: Final = Path("/proc/self/statm")
_ENDS: Final = (*(f"{end:g}" for end in BUCKETS), "+Inf")

Labels: TypeAlias = Mapping[str, str]
Kind: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class _Sum:
    """What is told of one world, or of several together."""

    sessions: int = 0
    connections: int = 0
    exchanges: int = 0
    journal_bytes: int = 0
    tallies: dict[Kind, Tally] = field(default_factory=dict)

    def add(self, tester: Tester) -> None:
        """Take a world in."""
        with tester.world.store.reading() as tx:
            self.sessions += tx.count_sessions()
            self.connections += tx.count_connections(tester.clock.now() - limits.CONNECTION_IDLE)
        exchanges, size = tester.journal.size
        self.exchanges += exchanges
        self.journal_bytes += size
        for kind, tally in tester.journal.tallies.kinds().items():
            self.tallies.setdefault(kind, Tally()).add(tally)


def handler(worlds: Worlds, token: str) -> Handler:
    """Give the handler of `/metrics`; it takes the token of the control door."""

    def handle(request: Request) -> Reply:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
            said = "The metrics take 'Authorization: Bearer TOKEN', as the control API does.\n"
            return Answer(401, (("content-type", "text/plain"),), said.encode())
        if request.method != "GET":
            return Answer(405, (("content-type", "text/plain"), ("allow", "GET")), b"Use GET.\n")
        return Offload(lambda: exposition(worlds), lambda text: Answer(200, _TYPE, text.encode()))

    return handle


def exposition(worlds: Worlds) -> str:
    """Give all metrics of the process as one text."""
    names = worlds.names()
    sums = _sums(worlds, names)
    lines: list[str] = []
    for family in (*_of_worlds(sums), *_of_exchanges(sums), *_of_process(len(names))):
        lines += family
    return "\n".join(lines) + "\n"


def _sums(worlds: Worlds, names: Sequence[str]) -> Mapping[str, _Sum]:
    sums: dict[str, _Sum] = {}
    for place, name in enumerate(names):
        with suppress(LookupError, Refused):  # it was dropped just now
            tester = worlds.hand(name).tester
            sums.setdefault(name if place < WORLDS_SHOWN else OTHERS, _Sum()).add(tester)
    return sums


def _of_worlds(sums: Mapping[str, _Sum]) -> Iterator[Iterable[str]]:
    yield _family(
        "broker_sim_sessions",
        "gauge",
        "Sessions that are stored.",
        (({"world": world}, one.sessions) for world, one in sums.items()),
    )
    yield _family(
        "broker_sim_connections",
        "gauge",
        "Connections of logins and representatives that are alive.",
        (({"world": world}, one.connections) for world, one in sums.items()),
    )
    yield _family(
        "broker_sim_journal_exchanges",
        "gauge",
        "Exchanges that the journal keeps.",
        (({"world": world}, one.exchanges) for world, one in sums.items()),
    )
    yield _family(
        "broker_sim_journal_bytes",
        "gauge",
        "What they take of memory, roughly.",
        (({"world": world}, one.journal_bytes) for world, one in sums.items()),
    )


def _of_exchanges(sums: Mapping[str, _Sum]) -> Iterator[Iterable[str]]:
    kinds = [
        ({"world": world, "door": door, "operation": operation}, tally)
        for world, one in sums.items()
        for (door, operation), tally in sorted(one.tallies.items())
    ]
    yield _family(
        "broker_sim_requests_total",
        "counter",
        "Requests that were answered or cut.",
        ((labels, tally.requests) for labels, tally in kinds),
    )
    yield _family(
        "broker_sim_faults_total",
        "counter",
        "Answers that were none: faults by code, other statuses as HTTP and the number.",
        (
            ({**labels, "fault": code}, count)
            for labels, tally in kinds
            for code, count in sorted(tally.faults.items())
        ),
    )
    yield _histogram("broker_sim_request_seconds", "From a request's arrival to its answer.", kinds)


def _of_process(worlds: int) -> Iterator[Iterable[str]]:
    yield _family("broker_sim_worlds", "gauge", "Worlds of this process.", [({}, worlds)])
    said = "Memory of this process that is in RAM."
    yield _family("process_resident_memory_bytes", "gauge", said, [({}, _resident_bytes())])
    said = "CPU time of this process."
    yield _family("process_cpu_seconds_total", "counter", said, [({}, process_time())])


def _resident_bytes() -> int:
    """Give the memory in use; where the system does not tell, the most that ever was."""
    if _STATM.exists():
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _family(
    name: str, kind: str, said: str, samples: Iterable[tuple[Labels, float]]
) -> Iterator[str]:
    yield from _head(name, kind, said)
    for labels, value in samples:
        yield f"{name}{_braced(labels)} {value:.17g}"


def _histogram(name: str, said: str, kinds: Iterable[tuple[Labels, Tally]]) -> Iterator[str]:
    yield from _head(name, "histogram", said)
    for labels, tally in kinds:
        counts = list(accumulate(tally.buckets))
        for end, count in zip(_ENDS, counts, strict=True):
            yield f"{name}_bucket{_braced({**labels, 'le': end})} {count}"
        yield f"{name}_sum{_braced(labels)} {tally.seconds:.17g}"
        yield f"{name}_count{_braced(labels)} {counts[-1]}"


def _head(name: str, kind: str, said: str) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"


def _braced(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
