"""Replies that must wait: slow work, pauses, downloads.

Source: FAULT-2 (one caller's waiting never holds up another's).
"""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final, Protocol

from broker_sim.front.crew import Crew, Source
from broker_sim.service.exchange import Answer, Bell, Cut, Offload, Reply, Stream, Wait

RESET: Final = struct.pack("ii", 1, 0)  # linger on, for no time: closing sends RST
FLUSH_SECONDS: Final = 0.002


class BrokenStream(Exception):  # noqa: N818  says what broke
    """The pieces of a download do not make up the length that was promised."""


class Slots:
    """A number of places, taken and given back; for the event loop's thread only."""

    def __init__(self, places: int) -> None:
        self._free = places

    def take(self) -> bool:
        """Take a place, if one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    def give(self) -> None:
        """Give a place back."""
        self._free += 1


class Outlet(Protocol):
    """Where the pieces of a download go."""

    def write(self, data: bytes) -> None:
        """Send, or keep until the reader takes it."""

    async def drained(self) -> None:
        """Wait until the reader has taken most of what was kept for it."""


async def settle(first: Reply, crew: Crew) -> Answer | Stream | Cut:
    """Do what must be waited for, until there is something to send.

    Raises:
        TypeError: a handler gave what is no reply.
        Exception: whatever the work or what comes after it raised.
    """
    reply: object = first
    while True:
        match reply:
            case Offload(work, then):
                reply = then(await crew.work.run(work))
            case Wait(seconds, then, bell):
                await (asyncio.sleep(seconds) if bell is None else pause(seconds, bell))
                reply = then()
            case Answer() | Stream() | Cut():
                return reply
            case _:  # a handler's promise is checked by nobody before
                msg = f"a handler gave {type(reply).__name__}, which is no reply"
                raise TypeError(msg)


async def pause(seconds: float, bell: Bell) -> None:
    """Wait so long, or until the bell rings."""
    loop, who = asyncio.get_running_loop(), object()
    rung: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not rung.done():
            rung.set_result(None)

    def called() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(wake)

    bell.listen(who, called)
    late = loop.call_later(seconds, wake)
    try:
        await rung
    finally:
        late.cancel()
        bell.leave(who)


async def pump(source: Source, length: int, outlet: Outlet, pause_seconds: float = 0.0) -> None:
    """Send the pieces one by one, as fast as the reader takes them and no faster.

    Raises:
        BrokenStream: they end before `length` bytes, or go beyond.
    """
    left = length
    while left:
        if pause_seconds:
            await asyncio.sleep(pause_seconds)
        piece = await source.pull()
        if piece is None or len(piece) > left:
            over = "are too few" if piece is None else "are too many"
            msg = f"the pieces of a download of {length} bytes {over}, with {left} to go"
            raise BrokenStream(msg)
        outlet.write(piece)
        left -= len(piece)
        await outlet.drained()


async def flushed(transport: asyncio.WriteTransport) -> None:
    """Wait until all that was written is on its way."""
    while transport.get_write_buffer_size():
        await asyncio.sleep(FLUSH_SECONDS)


def resets(transport: asyncio.BaseTransport) -> None:
    """Have the next abort of the connection send a reset."""
    peer = transport.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
