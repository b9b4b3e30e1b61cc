"""One caller's connection: requests in, answers out, one after the other.

A request that has come whole is answered at once, on the event loop; only a reply that must
wait becomes a task. Waiting for a caller always has an end: the server's patrol looks at the
deadline of every connection.

Source: FAULT-2; RFC 9112.
"""

import asyncio
import logging
from enum import Enum, auto
from typing import Final, cast

from broker_sim.front.crew import Source, source_of
from broker_sim.front.inbox import Asked, Inbox, Part
from broker_sim.front.limits import CHUNK_BYTES
from broker_sim.front.lobby import Lobby
from broker_sim.front.message import Unacceptable
from broker_sim.front.slow import flushed, pump, resets, settle
from broker_sim.front.writing import BODILESS, CONTINUE, GONE, TOO_MANY, answer_head, sentence
from broker_sim.service.exchange import Answer, Cut, Reply, Stream

LOG: Final = logging.getLogger("broker_sim.front")
TURN_ANSWERS: Final = 8


class Phase(Enum):
    """What a connection waits for."""

    REQUEST = auto()
    HEAD = auto()  # the rest of one
    BODY = auto()  # the rest of one
    REPLY = auto()  # a slow one, of our own
    GOING = auto()  # the caller to read what is left, and to go


class Connection(asyncio.Protocol):
    """The bytes of one caller, as an asyncio protocol."""

    _transport: asyncio.Transport
    _inbox: Inbox

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby
        self._limits = lobby.limits
        self._phase = Phase.REQUEST
        self._deadline = lobby.clock() + lobby.limits.head_seconds
        self._backlog_bytes = 0
        self._moved_at = 0.0
        self._paused = False
        self._ended = False
        self._begun = False
        self._taken: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        lobby = self._lobby
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        client = str(peer[0]) if peer else ""
        self._inbox = Inbox(lobby.door.find, lobby.limits, client, lobby.scheme)
        lobby.guests.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """End: a reply still under way has nobody to go to."""
        self._phase = Phase.GOING
        self._lobby.guests.discard(self)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what came, and answer what is whole."""
        if self._phase is Phase.GOING:
            return
        self._inbox.feed(data)
        self._advance()
        if len(self._inbox) > CHUNK_BYTES and self._phase is not Phase.BODY:
            self._transport.pause_reading()  # it asks faster than it is answered
            self._paused = True

    def eof_received(self) -> bool:
        """Note that nothing more will come; a reply under way is still written."""
        self._ended = True
        if self._phase in {Phase.HEAD, Phase.BODY}:
            self._refuse(Unacceptable(400, "The request ended before it was whole."))
        waits = self._phase is Phase.REPLY or len(self._inbox) > 0
        return waits and self._lobby.scheme == "http"  # TLS cannot be closed by halves

    def pause_writing(self) -> None:
        """Note that the caller does not read: none of its requests is looked at meanwhile."""
        self._taken = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Go on for a caller that reads again."""
        taken, self._taken = self._taken, None
        if taken is not None and not taken.done():
            taken.set_result(None)
        self._advance()

    def patrol(self, now: float) -> None:
        """End what has waited too long for its caller, at `now` of the lobby's clock."""
        backlog = self._transport.get_write_buffer_size()
        if backlog != self._backlog_bytes or not backlog:
            self._backlog_bytes, self._moved_at = backlog, now
        if backlog:
            if now - self._moved_at >= self._limits.stall_seconds:
                LOG.info("a reader took nothing for %s seconds", self._limits.stall_seconds)
                self.abort()
            elif self._phase is Phase.GOING:
                self._deadline = now + self._limits.linger_seconds
        elif now >= self._deadline:
            self._overdue()

    def leave(self) -> None:
        """Close now, or after the reply that is under way."""
        if self._phase is not Phase.REPLY:
            self.abort()

    def abort(self) -> None:
        """Close now, whatever is under way."""
        self._phase = Phase.GOING
        self._transport.abort()

    def write(self, data: bytes) -> None:
        """Send, or keep until the caller takes it."""
        self._transport.write(data)

    async def drained(self) -> None:
        """Wait until the caller has taken most of what was kept for it."""
        if self._taken is not None:
            await self._taken

    def _may_take(self) -> bool:
        phase = self._phase
        return self._taken is None and phase is not Phase.REPLY and phase is not Phase.GOING

    def _advance(self) -> None:
        """Answer what has come whole; after a few answers let others have their turn."""
        try:
            for _ in range(TURN_ANSWERS):
                if not self._may_take():
                    return
                asked = self._inbox.take()
                if asked is None:
                    self._await_rest()
                    return
                self._answer(asked, self._lobby.door.ask(asked.route, asked.request))
                if not (self._inbox or self._paused or self._ended):
                    return  # as most callers do, this one waits for its answer
        except Unacceptable as refusal:
            self._refuse(refusal)
        else:
            asyncio.get_running_loop().call_soon(self._advance)

    def _await_rest(self) -> None:
        part, now = self._inbox.part, self._lobby.clock()
        if self._ended:
            self._end(part)
        elif part is Part.SOME_BODY and self._phase is not Phase.BODY:
            self._phase, self._deadline = Phase.BODY, now + self._limits.body_seconds
            if self._inbox.owes_continue():
                self.write(CONTINUE)
        elif part is Part.SOME_HEAD and self._phase is Phase.REQUEST:
            self._phase, self._deadline = Phase.HEAD, now + self._limits.head_seconds
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def _end(self, part: Part) -> None:
        """Go, as nothing more will come; half a request is refused first."""
        if part is not Part.NOTHING:
            raise Unacceptable(400, "The request ended before it was whole.")
        self._go(unread=False)

    def _overdue(self) -> None:
        match self._phase:
            case Phase.HEAD:
                self._refuse(Unacceptable(408, "The head of the request took too long."))
            case Phase.BODY:
                self._refuse(Unacceptable(408, "The body of the request took too long."))
            case Phase.REQUEST | Phase.GOING:
                self.abort()
            case Phase.REPLY:
                pass  # it is we who keep the caller waiting

    def _refuse(self, refusal: Unacceptable) -> None:
        """Say no, and close once the caller had time to read it."""
        answer, door = sentence(refusal.status, refusal.sentence), self._lobby.door
        head = answer_head(answer, len(answer.body), keep=False, old=False, date=door.date())
        self.write(head + answer.body)
        door.unserved(*self._inbox.half(), answer)
        self._go(unread=True)

    def _go(self, *, unread: bool) -> None:
        """Send what is left, then close; what still comes is read past for a while.

        Closing with bytes unread would send a reset, which can overtake the answer.
        """
        self._phase = Phase.GOING
        self._deadline = self._lobby.clock() + self._limits.linger_seconds
        self._inbox.forget()
        if self._ended or not unread:
            self._transport.close()
        elif self._transport.can_write_eof():  # TLS cannot: there the deadline closes
            self._transport.write_eof()

    def _answer(self, asked: Asked, reply: Reply) -> None:
        if type(reply) is Answer:
            self._done(keep=self._put(asked, reply))
        else:
            self._phase = Phase.REPLY
            self._task = task = asyncio.get_running_loop().create_task(self._bring(asked, reply))
            self._lobby.replies.add(task)
            task.add_done_callback(self._lobby.replies.discard)

    def _done(self, *, keep: bool) -> None:
        """Be ready for the next request, or go."""
        if keep:
            self._phase = Phase.REQUEST
            self._deadline = self._lobby.clock() + self._limits.idle_seconds
        else:
            self._go(unread=False)

    def _put(self, asked: Asked, answer: Answer) -> bool:
        """Write a whole answer; tell whether the connection stays open."""
        try:
            head, keep = self._head(asked, answer, len(answer.body))
        except (KeyError, ValueError) as failure:
            answer = self._lobby.door.incident(asked.route, asked.request, failure)
            head, keep = self._head(asked, answer, len(answer.body))
        bare = asked.head.method == "HEAD" or answer.status in BODILESS
        self.write(head if bare else head + answer.body)
        return keep

    def _head(self, asked: Asked, answer: Answer | Stream, length: int) -> tuple[bytes, bool]:
        lobby, old = self._lobby, asked.head.old
        keep, date = asked.head.keep and not lobby.closing, lobby.door.date()
        return answer_head(answer, length, keep=keep, old=old, date=date), keep

    async def _bring(self, asked: Asked, reply: Reply) -> None:
        """Do what a slow reply asks for, then look at what came meanwhile."""
        self._begun = False
        try:
            keep = await self._deliver(asked, reply)
        except asyncio.CancelledError:
            if not self._begun:
                self._lobby.door.unserved(asked.route, asked.request, GONE)
            raise
        except Exception as failure:  # noqa: BLE001  the last line before the wire
            answer = self._lobby.door.incident(asked.route, asked.request, failure)
            if self._begun:
                self.abort()  # a broken answer must not look whole
                return
            keep = self._put(asked, answer)
        self._task = None
        if self._phase is Phase.REPLY:
            self._done(keep=keep)
            self._advance()

    async def _deliver(self, asked: Asked, reply: Reply) -> bool:
        match await settle(reply, self._lobby.crew):
            case Answer() as answer:
                return self._put(asked, answer)
            case Stream() as stream:
                source = source_of(stream.chunks, self._lobby.crew.reads)
                try:
                    return await self._send(asked, stream, source)
                finally:
                    await source.close()
            case Cut() as cut:
                return await self._cut(cut)

    async def _send(self, asked: Asked, stream: Stream, source: Source) -> bool:
        head, keep = self._head(asked, stream, stream.length)
        if asked.head.method == "HEAD":
            self.write(head)
        elif self._lobby.slots.take():
            try:
                self._begun = True
                self.write(head)
                sent = stream.length if stream.breaks_at is None else stream.breaks_at
                await pump(source, sent, self, stream.pause_seconds)
            finally:
                self._lobby.slots.give()
            if stream.breaks_at is not None:
                return await self._cut(Cut(stream.breaks_how))
        else:
            return self._put(asked, TOO_MANY)
        return keep

    async def _cut(self, cut: Cut) -> bool:
        self._begun = True
        self.write(cut.after)
        await flushed(self._transport)
        if cut.how == "rst":
            resets(self._transport)
            self.abort()
        return False
