"""What a frame of a session's channel costs: at the relay, and at the recorder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final

from bench import relay_stand
from bench.caller import Caller
from bench.finding import Bench, Finding, interleaved, ratio
from bench.process import Process, cpu_seconds, forget_peak, memory_bytes, started
from bench.worlds import opened
from broker_sim.bootstrap.broker import Broker
from broker_sim.core import channel
from broker_sim.core.channel import Party, Sealed, packed
from broker_sim.service import customers, recording
from broker_sim.service.recorder import Recorder

_FRAMES: Final = 200
_SOURCE: Final = "0123456789abcdef"
_FRAME_BYTES: Final = 2048
_LARGE_BYTES: Final = 100_000
_LARGE_FRAMES: Final = 600
_TICKETS: Final = relay_stand.tickets()
_HOW: Final = f"""\
A relay in a process of its own carries frames of {_FRAME_BYTES} bytes, each in a POST of its own.
Compared is the CPU time of its process, in turns of {_FRAMES} frames, with a handler in the same
server that takes the same body and answers a constant. "Delivered" is the way from one page to the
other: the POST, and the long poll that it ends. Latency is from the beginning of the POST to the
end of the waiting reader's answer, against the time of a bare POST.

The recorder opens frames in the broker's process, on a database file, without HTTP. A chat is
compared with the use case alone. At last a stream of {_LARGE_FRAMES * _LARGE_BYTES / 1e6:.0f} MB is
recorded and its two recordings are made: what counts is the peak of the resident memory.
"""


def _run(full: bool) -> Sequence[Finding]:
    rounds = 30 if full else 10
    with started("bench.relay_stand") as process, TemporaryDirectory(prefix="bench-") as folder:
        carried = (*_carried(process, rounds), *_late(process, rounds), *_kept(process))
        with opened(Path(folder), 0) as desk:
            return (*carried, *_recorded(desk.broker, desk.portal, rounds))


BENCH: Final = Bench("relay", "The channel of a session", _HOW, _run)


class _Sender:
    """Sends frames to the relay of a process, or past it."""

    def __init__(self, process: Process) -> None:
        self.pid = process.pid
        self.caller = Caller(process.told["url"])
        self._names = map("channel-{}".format, count())

    def name(self) -> str:
        """Give a channel that nobody has used."""
        return next(self._names)

    def post(self, name: str, n: int, size: int = _FRAME_BYTES) -> bytes:
        """Write the POST of one frame."""
        return _request("POST", f"/relay/{name}/rep?back=no", name, Party.REP, n, size)

    def frames(self) -> float:
        """Send frames; give the CPU seconds of one."""
        name = self.name()
        return self._cost([self.post(name, n) for n in range(_FRAMES)])

    def bare(self) -> float:
        """Send the same past the relay."""
        wanted = _request("POST", relay_stand.BARE, "none", Party.REP, 0, _FRAME_BYTES)
        return self._cost([wanted] * _FRAMES)

    def delivered(self) -> float:
        """Send frames, and read each of them as the other party."""
        name = self.name()
        pairs = [
            (self.post(name, n), _request("GET", f"/relay/{name}?since=bench.{n}", name))
            for n in range(_FRAMES)
        ]
        return self._cost([one for pair in pairs for one in pair]) * 2

    def _cost(self, requests: Sequence[bytes]) -> float:
        before = cpu_seconds(self.pid)
        for one in requests:
            self.caller.ask(one)
        return (cpu_seconds(self.pid) - before) / len(requests)


def _request(
    method: str, target: str, name: str, party: Party = Party.CUSTOMER, n: int = 0, size: int = 0
) -> bytes:
    body = packed(_SOURCE, n, [os.urandom(size)]) if size else b""
    return (
        f"{method} {target} HTTP/1.1\r\nhost: bench.example\r\n"
        f"authorization: Bearer {_TICKETS.make(name, party)}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode() + body


def _carried(process: Process, rounds: int) -> Sequence[Finding]:
    sender = _Sender(process)
    taken, read, bare = interleaved(rounds, sender.frames, sender.delivered, sender.bare)
    return (
        Finding("a frame taken, against a bare POST", ratio(taken, bare), "times", 4.0),
        Finding("a frame delivered, against a bare POST", ratio(read, bare), "times", 9.0),
        Finding("CPU of a frame taken", median(taken) * 1e6, "us"),
        Finding("CPU of a frame delivered", median(read) * 1e6, "us"),
        Finding("frames delivered in a CPU second", 1 / median(read), "calls"),
    )


def _late(process: Process, rounds: int) -> Sequence[Finding]:
    """Measure how long a frame takes to a reader who waits for it."""
    sender, reader = _Sender(process), Caller(process.told["url"])
    name, bare, late = "late", [], []
    with ThreadPoolExecutor(1) as thread:
        for n in range(10 * rounds):
            wanted = _request("GET", f"/relay/{name}?since=bench.{n}&wait=20", name)
            waits = thread.submit(_end_of, reader, wanted)
            frame = sender.post(name, n)
            other = _request("POST", relay_stand.BARE, name, Party.REP, 0, _FRAME_BYTES)
            began = perf_counter()
            sender.caller.ask(other)
            bare.append(perf_counter() - began)
            began = perf_counter()
            sender.caller.ask(frame)
            late.append(waits.result() - began)
    return (
        Finding("latency, against a bare POST", median(late) / median(bare), "times", 6.0),
        Finding("latency to a reader who waits", median(late) * 1e3, "ms"),
    )


def _end_of(reader: Caller, wanted: bytes) -> float:
    assert reader.ask(wanted)
    return perf_counter()


def _kept(process: Process) -> Sequence[Finding]:
    """Measure what a relay keeps of channels that 1.5 MB went through each."""
    sender, channels = _Sender(process), 40
    before, _ = memory_bytes(process.pid)
    for place in range(channels):
        for n in range(15):
            sender.caller.ask(sender.post(f"kept-{place}", n, _LARGE_BYTES))
    after, _ = memory_bytes(process.pid)
    grown = (after - before) / channels / 1e6
    return (Finding("memory of a channel that 1.5 MB went through", grown, "MB", 0.8),)


def _recorded(broker: Broker, portal: str, rounds: int) -> Sequence[Finding]:
    lived = _Lived(broker, portal)
    chats, plain, screens = interleaved(rounds, lived.chats, lived.says, lived.screens)
    memory = lived.memory_mb()
    return (
        Finding("a chat recorded, against the use case alone", ratio(chats, plain), "times", 2.0),
        Finding("CPU of a chat recorded", median(chats) * 1e6, "us"),
        Finding(f"CPU of {_FRAME_BYTES} bytes of screen recorded", median(screens) * 1e6, "us"),
        Finding("memory to record and make 2 recordings of 60 MB", memory, "MB", 32.0),
    )


class _Lived:
    """A session that goes on, and its recorder."""

    def __init__(self, broker: Broker, portal: str) -> None:
        self._broker, self._world, self._portal = broker, broker.world, portal
        self._recorder = Recorder(broker.world, perf_counter)
        self._begin()

    def _begin(self) -> None:
        sub_portal = self._broker.plan.portals[0].sub_portals[0]
        act = self._broker.tester.perform
        posted = {"portal": self._portal, "subPortal": sub_portal, "question": "Why?"}
        self._number = act("post", posted).session_id
        for one in ("accept", "start", "screen"):
            act(one, {"sessionId": self._number})
        with self._broker.store.reading() as tx:
            found = tx.channel(self._number)
        assert found is not None
        self._key, self._next = found.key, 0

    def _frame(self, **said: object) -> Sealed:
        n, self._next = self._next, self._next + 1
        bound = channel.bound_to(self._number, Party.CUSTOMER, _SOURCE, n)
        frame = self._world.vault.seal_frame(self._key, bound, channel.written(said))
        return Sealed(n, Party.CUSTOMER, _SOURCE, n, frame)

    def _screen(self, size: int) -> Sealed:
        picture = "A" * size
        data = f"4.size,1.0,2.64,2.48;3.img,1.1;4.blob,1.1,{size}.{picture};3.end,1.1;"
        return self._frame(kind="screen", ms=self._next, data=data, key=True)

    def chats(self) -> float:
        """Read chats; give the CPU seconds of one."""
        self._begin()
        return self._read([self._frame(kind="chat", text="Hello") for _ in range(50)])

    def says(self) -> float:
        """Say the same by the use case."""
        self._begin()
        return _each(50, lambda: customers.say(self._world, self._number, "Hello"))

    def screens(self) -> float:
        """Read screens."""
        self._begin()
        return self._read([self._screen(_FRAME_BYTES) for _ in range(200)])

    def _read(self, frames: Sequence[Sealed]) -> float:
        rest = iter(frames)
        return _each(len(frames), lambda: self._recorder.take(self._number, [next(rest)], "b.1"))

    def memory_mb(self) -> float:
        """Record a long stream and make its recordings; give the peak of the memory."""
        self._begin()
        pid = os.getpid()
        forget_peak(pid)
        before, _ = memory_bytes(pid)
        for _ in range(_LARGE_FRAMES):
            self._recorder.take(self._number, [self._screen(_LARGE_BYTES)], "b.1")
        for act in ("end", "record"):
            self._broker.tester.perform(act, {"sessionId": self._number})
        recording.finish(self._world)
        return (memory_bytes(pid)[1] - before) / 1e6


def _each(times: int, work: Callable[[], object]) -> float:
    began = process_time()
    for _ in range(times):
        work()
    return (process_time() - began) / times
