"""Listeners served on one event loop: in a thread of their own, or in the main thread.

The HTTP of this server is ours, on asyncio's transports. granian, which was to do this, keeps
the whole of an unread download in memory, does not stop while a reader hangs, cannot cut a
connection as a tester may ask for, and costs twice the CPU per request.
"""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

from broker_sim.front.connection import Connection
from broker_sim.front.crew import Crew
from broker_sim.front.limits import Limits
from broker_sim.front.listener import Listener
from broker_sim.front.lobby import Guest, Lobby
from broker_sim.front.slow import Slots

LOG: Final = logging.getLogger("broker_sim.front")
FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-type: text/plain\r\ncontent-length: 22\r\n\r\nToo many connections.\n"
)
BREATH_SECONDS: Final = 0.2
GONE_SECONDS: Final = 1.0
GLANCE_SECONDS: Final = 0.001


class Server:
    """Serves listeners on the running loop; opened and closed once.

    Args:
        listeners: who is served; each is closed with the server.
        limits: for all of them together.
    """

    def __init__(self, listeners: tuple[Listener, ...], limits: Limits) -> None:
        self._listeners = listeners
        self._limits = limits
        self._lobbies: list[Lobby] = []
        self._arriving: set[asyncio.Task[None]] = set()
        self._patrol: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to accept."""
        self._loop = asyncio.get_running_loop()
        self._crew, slots = Crew(self._limits), Slots(self._limits.streams)
        for listener in self._listeners:
            scheme = "http" if listener.tls is None else "https"
            lobby = Lobby(listener.door, self._limits, self._crew, slots, scheme, self._loop.time)
            self._lobbies.append(lobby)
            self._loop.add_reader(listener.socket, self._accept, listener, lobby)
        self._patrol = self._loop.create_task(self._walk())

    async def close(self, grace_seconds: float) -> None:
        """Close the ports at once, the rest when it is done, at most this much later."""
        for listener in self._listeners:
            self._loop.remove_reader(listener.socket)
            listener.socket.close()
        for lobby in self._lobbies:
            lobby.closing = True
        for task in self._arriving:
            task.cancel()
        for guest in self._guests():
            guest.leave()
        await self._empty(grace_seconds)
        for guest in self._guests():
            guest.abort()
        await self._empty(GONE_SECONDS)
        if self._patrol is not None:
            self._patrol.cancel()
        self._crew.close(GONE_SECONDS)

    def hurry(self) -> None:
        """Cut the grace of a `close` short."""
        self._waits_until = 0.0

    async def _empty(self, seconds: float) -> None:
        """Wait until all are gone, at most this long."""
        self._waits_until = self._loop.time() + seconds
        while self._occupied() and self._loop.time() < self._waits_until:
            await asyncio.sleep(GLANCE_SECONDS)

    def _occupied(self) -> bool:
        return bool(self._arriving) or any(room.guests or room.replies for room in self._lobbies)

    def _guests(self) -> list[Guest]:
        return [guest for lobby in self._lobbies for guest in lobby.guests]

    async def _walk(self) -> None:
        while True:
            await asyncio.sleep(self._limits.patrol_seconds)
            now = self._loop.time()
            for guest in self._guests():
                try:
                    guest.patrol(now)
                except Exception:  # one odd connection must not end the watch over the others
                    LOG.exception("a connection could not be looked at")
                    guest.abort()

    def _accept(self, listener: Listener, lobby: Lobby) -> None:
        """Let in who stands at the port; called by the loop."""
        for _ in range(self._limits.accepts):
            try:
                caller, _address = listener.socket.accept()
            except (BlockingIOError, ConnectionAbortedError, InterruptedError):
                return
            except OSError as failure:  # no file descriptors left: let some go first
                LOG.warning("cannot accept: %s", failure)
                self._loop.remove_reader(listener.socket)
                self._loop.call_later(BREATH_SECONDS, self._accept_again, listener, lobby)
                return
            self._let_in(caller, listener, lobby)

    def _accept_again(self, listener: Listener, lobby: Lobby) -> None:
        if not lobby.closing:
            self._loop.add_reader(listener.socket, self._accept, listener, lobby)

    def _let_in(self, caller: socket.socket, listener: Listener, lobby: Lobby) -> None:
        caller.setblocking(False)  # noqa: FBT003  the standard library's signature
        inside = len(self._arriving) + sum(len(lobby.guests) for lobby in self._lobbies)
        if inside >= self._limits.connections:
            with caller, suppress(OSError):
                if listener.tls is None:
                    caller.send(FULL)
            return
        task = self._loop.create_task(self._welcome(caller, listener, lobby))
        self._arriving.add(task)
        task.add_done_callback(lambda done: self._arrived(done, caller))

    def _arrived(self, task: asyncio.Task[None], caller: socket.socket) -> None:
        self._arriving.discard(task)
        if task.cancelled():  # perhaps before it began, so that nobody else closes
            caller.close()

    async def _welcome(self, caller: socket.socket, listener: Listener, lobby: Lobby) -> None:
        """Shake hands, and hand over to a connection."""
        spans = {
            "ssl_handshake_timeout": self._limits.head_seconds,
            "ssl_shutdown_timeout": self._limits.linger_seconds,
        }
        try:
            await self._loop.connect_accepted_socket(
                lambda: Connection(lobby),
                caller,
                ssl=listener.tls,
                **(spans if listener.tls else {}),
            )
        except OSError as failure:  # also what TLS says of a caller that does not speak it
            LOG.debug("no handshake: %s", failure)
            caller.close()


class EmbeddedServer:
    """Listeners served in a thread, inside a program that does something else; used once.

    Args:
        listeners: from `listen`; their ports are known before the start.
        limits: for all of them together.
        grace_seconds: how long replies under way may go on at the stop.
    """

    def __init__(
        self,
        *listeners: Listener,
        limits: Limits | None = None,
        grace_seconds: float = 0.5,
    ) -> None:
        self.listeners = listeners
        self._server = Server(listeners, limits or Limits())
        self._grace_seconds = grace_seconds
        self._thread = threading.Thread(target=self._run, name="broker-sim-front", daemon=True)
        self._opened = threading.Event()
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Serve from now on.

        Raises:
            RuntimeError: it was started before, or cannot begin.
        """
        self._thread.start()
        self._opened.wait()
        if self._failure is not None:
            msg = "the server cannot begin"
            raise RuntimeError(msg) from self._failure

    def stop(self) -> None:
        """Close; the ports are free again when this returns. May be called twice."""
        if not self._thread.is_alive():
            return
        with suppress(RuntimeError):  # the loop ended in this very moment
            self._loop.call_soon_threadsafe(self._enough.set)
        self._thread.join(self._grace_seconds + 5 * GONE_SECONDS)
        if self._thread.is_alive():
            LOG.error("the server's thread did not end")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except BaseException as failure:  # handed to whoever called start
            LOG.debug("the server ended", exc_info=failure)
            self._failure = failure
        finally:
            self._opened.set()

    async def _serve(self) -> None:
        self._loop, self._enough = asyncio.get_running_loop(), asyncio.Event()
        await self._server.open()
        self._opened.set()
        await self._enough.wait()
        await self._server.close(self._grace_seconds)


def serve(
    *listeners: Listener,
    limits: Limits | None = None,
    grace_seconds: float = 3.0,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve in the main thread until SIGINT or SIGTERM; a second one cuts the grace short.

    Args:
        listeners: from `listen`.
        limits: for all of them together.
        grace_seconds: how long replies under way may go on after the signal.
        ready: called once callers are answered.
    """

    async def run() -> None:
        server, enough = Server(listeners, limits or Limits()), asyncio.Event()

        def on_signal() -> None:
            if enough.is_set():
                server.hurry()
            enough.set()

        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, on_signal)
        await server.open()
        if ready is not None:
            ready()
        await enough.wait()
        await server.close(grace_seconds)

    with asyncio.Runner() as runner:
        runner.run(run())
