"""CPU per call of the served broker against what else could fake the service, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench import plain_spyne
from bench.finding import Bench, Finding, interleaved, ratio
from bench.peers import answers, fakes
from bench.peers.peer import Peer, ask, soap
from bench.process import Process, started
from broker_sim.adapters.clocks import machine_time
from broker_sim.contract.sessions import SESSIONS
from broker_sim.settings import FILE, MEMORY

# Calls in one turn, and calls before the first turn of those who compile while they run.
_TURN: Final = {"logon": 200, "getSession": 200, "getUpdates": 16, "getSessionIds": 16}
_WARM: Final = {"logon": 2000, "getSession": 3000, "getUpdates": 200, "getSessionIds": 200}
_ON_FILE: Final = "broker on a file"
# Recorded, they are read from a file: nothing is worked out, and it only informs.
_PAGES: Final = ("getUpdates", "getSessionIds")
_NAMES: Final = {
    "logon": "logon",
    "getSession": "getSession",
    "getUpdates": "page of 1000 updates",
    "getSessionIds": "page of 1000 ids",
}
_HOW: Final = """\
What a call costs the server's process in CPU time, user and system, all threads; one process each,
eight connections, turn by turn. The ratio is the median over all turns; below 1 the broker answers
more calls in a CPU second. The broker is all of it (gate, schema check, rules, journal,
store) over plain HTTP, its world made for tests and in memory, as the peers keep theirs.

- **npm soap**: the server of npm's `soap` on node, given the broker's WSDL, out of memory.
- **WireMock**: standalone, as its npm package ships it, after some thousand calls; one stub for
  each operation, found by XPath, in a scenario; recorded answers from files, templated for logon
  and getSession; request journal and log off. A recorded page is a file sent as it is, whatever
  the call says, and only informs; "by template" is a page that begins behind the call's `since`.
- **plain spyne**: the same contract as spyne's own WSGI application, out of memory, on the
  broker's front, which is cheaper than the servers that it is usually run on.
- **moto**: its server, with comparable calls of its own: AssumeRole for the logon,
  DescribeInstances of one instance for getSession, ListObjectsV2 of 1000 objects for a page.

npm's fake answers a logon out of a map: no lockout, no second connection refused, no salted
password, no schema, no journal. Of the instructions that the broker spends on one, counted by
callgrind in its process without the kernel's, rules, store and password take a third, SOAP and HTTP
a quarter each, the journal an eighth and the id a tenth. A message in a form that was read before
is held against its bytes alone. In memory, connections are kept beside the database, and who may
log on is remembered until anything is written: most logons ask the database nothing. Of a page, the
instants are read from the store all at once, and so are they written.

"Broker on a file" is the same with a database file, as `broker-sim serve` has it, and informs:
each of its logons is a transaction that looks and writes, since another process may have done so
before it.

The first three give the broker's own answers, which is checked first: names and values, in order.
Their packages come from lock files into a cache folder of the user (`bench/peers/place.py`).
"""


def _run(full: bool) -> Sequence[Finding]:
    rounds = 20 if full else 4
    found: list[Finding] = []
    with TemporaryDirectory(prefix="bench-") as folder, _peers(Path(folder)) as peers:
        for subject in _NAMES:
            asked = [peer for peer in peers if subject in peer.subjects]
            turns = interleaved(rounds, *(partial(peer.turn, subject) for peer in asked))
            found += _found(subject, asked, turns)
    return found


BENCH: Final = Bench("peers", "Against what else could fake the service", _HOW, _run)


def _found(
    subject: str, peers: Sequence[Peer], turns: Sequence[Sequence[float]]
) -> Iterator[Finding]:
    name, by_name = _NAMES[subject], dict(zip((peer.name for peer in peers), turns, strict=True))
    ours, on_file = turns[0], by_name.get(_ON_FILE)
    for peer, own in zip(peers[1:], turns[1:], strict=True):
        if own is not on_file:
            bound = None if peer.name == "WireMock" and subject in _PAGES else 1.0
            yield Finding(f"{name}, against {peer.name}", ratio(ours, own), "times", bound)
    if on_file is not None:
        against = ratio(on_file, by_name["npm soap"])
        yield Finding(f"{name}, on a file, against npm soap", against, "times")
    for peer, own in zip(peers, turns, strict=True):
        yield Finding(f"CPU of a {name}, {peer.name}", median(own) * 1e6, "us")


def _warm(peer: Peer) -> None:
    for subject in peer.subjects:
        for _ in range(_WARM[subject] // _TURN[subject]):
            peer.turn(subject)


@contextmanager
def _peers(folder: Path) -> Iterator[Sequence[Peer]]:
    """Start all; the broker is the first. All but moto give its answers, or this fails."""
    with ExitStack() as stack:
        enter = stack.enter_context
        process = enter(started("bench.stand", str(folder / "home"), MEMORY))
        broker = enter(_broker(process))
        said = _said(broker, process)
        users, password = process.told["users"], process.told["password"]
        wsdl = broker.ask(ask(f"{SESSIONS.path}?wsdl", method="GET"))
        sessions = {number: said[f"getSession-{number}.xml"] for number in process.told["sessions"]}
        data = answers.as_json(
            users, password, sessions, said["getUpdates.xml"], said["getSessionIds.xml"]
        )
        stubs = folder / "wiremock"
        stubs.mkdir()
        npm = _subjects(enter(fakes.npm_soap(folder, wsdl, data)), process, SESSIONS.path)
        recorded, templated = enter(fakes.wiremock(stubs, password, said))
        wiremock = _subjects(recorded, process, SESSIONS.path)
        page = soap(fakes.TEMPLATED, "getUpdates", connectionId="any", since=0, max=1000)
        templated.subjects = {"getUpdates": _many("getUpdates", [page])}
        spyne = _subjects(enter(_spyne(process)), process, plain_spyne.PATH)
        _compare([broker, npm, wiremock, spyne])
        filed = _on_file(enter(started("bench.stand", str(folder / "filed"), FILE)), enter)
        for peer in (npm, wiremock, templated):
            _warm(peer)
        yield [broker, npm, wiremock, templated, spyne, enter(fakes.moto()), filed]


def _on_file(process: Process, enter: Callable[[AbstractContextManager[Peer]], Peer]) -> Peer:
    """Give a broker on a database file, for what depends on where it is kept."""
    peer = enter(_broker(process, _ON_FILE))
    peer.subjects = {name: peer.subjects[name] for name in ("logon", "getSession")}
    return peer


@contextmanager
def _broker(process: Process, name: str = "broker") -> Iterator[Peer]:
    with Peer(name, process.pid, process.told["broker"]) as peer:
        _subjects(peer, process, SESSIONS.path)

        def log_off(answer: bytes) -> None:
            peer.ask(soap(SESSIONS.path, "logoff", connectionId=_connection(answer)))

        peer.after["logon"] = log_off
        yield peer


@contextmanager
def _spyne(process: Process) -> Iterator[Peer]:
    with Peer("plain spyne", process.pid, process.told["floor"]) as peer:
        yield peer


def _subjects(peer: Peer, process: Process, path: str) -> Peer:
    """Log the reader on, and write all calls."""
    password = process.told["password"]
    reader, *others = process.told["users"]
    known = _connection(peer.ask(soap(path, "logon", username=reader, password=password)))
    now = machine_time()
    start, end = (f"{at:%Y-%m-%dT%H:%M:%S}Z" for at in (now - timedelta(days=89), now))
    by_name: Mapping[str, Sequence[bytes]] = {
        "logon": [soap(path, "logon", username=user, password=password) for user in others],
        "getSession": [
            soap(path, "getSession", connectionId=known, sessionId=number)
            for number in process.told["sessions"]
        ],
        "getUpdates": [soap(path, "getUpdates", connectionId=known, since=0, max=1000)],
        "getSessionIds": [
            soap(path, "getSessionIds", connectionId=known, **{"from": start, "to": end})
        ],
    }
    peer.subjects = {name: _many(name, asks) for name, asks in by_name.items()}
    return peer


def _many(subject: str, asks: Sequence[bytes]) -> Sequence[bytes]:
    return list(islice(cycle(asks), _TURN[subject]))


def _connection(answer: bytes) -> str:
    (known,) = answers.payload(answer)
    assert known.text is not None
    return known.text


def _said(broker: Peer, process: Process) -> Mapping[str, bytes]:
    """Record the broker's answers, by the file names that WireMock gets."""
    first = {name: broker.ask(asks[0]) for name, asks in broker.subjects.items()}
    broker.after["logon"](first["logon"])
    known = _connection(first["logon"]).encode()
    logon = first["logon"].replace(known, b"{{randomValue length=27 type='ALPHANUMERIC'}}")
    numbers = process.told["sessions"]
    sessions = {
        f"getSession-{number}.xml": broker.ask(request)
        for number, request in zip(numbers, broker.subjects["getSession"], strict=False)
    }
    pages = {f"{name}.xml": first[name] for name in ("getUpdates", "getSessionIds")}
    return {"logon.xml": logon, **sessions, **pages}


def _compare(peers: Sequence[Peer]) -> None:
    """Make sure that they give the same answers.

    Raises:
        RuntimeError: one does not, so nothing can be compared.
    """
    for peer in peers:
        peer.hang_up()  # the last of them took a while to start
    for subject in ("getSession", "getUpdates", "getSessionIds"):
        for nth in range(min(20, _TURN[subject])):
            ours, *theirs = (
                answers.infoset(peer.ask(peer.subjects[subject][nth])) for peer in peers
            )
            for peer, told in zip(peers[1:], theirs, strict=True):
                if told != ours:
                    first = next(
                        pair for pair in zip(ours, told, strict=False) if len(set(pair)) > 1
                    )
                    msg = f"{peer.name} answers {subject} otherwise: {first}"
                    raise RuntimeError(msg)
