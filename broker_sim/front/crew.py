"""The threads behind the event loop: one small pool for slow work, one for reading.

They are two, so that slow disks do not hold up pages, nor slow pages downloads.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final, Protocol, TypeVar

from broker_sim.front.limits import Limits

LOG: Final = logging.getLogger("broker_sim.front")
T = TypeVar("T")


class Pool:
    """A few threads that do one thing after the other."""

    def __init__(self, threads: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._droppable: set[Future[Any]] = set()
        self._sure: set[Future[Any]] = set()

    def submit(self, work: Callable[[], T], *, surely: bool = False) -> Future[T]:
        """Begin `work` in a thread, or queue it.

        Args:
            work: what to do.
            surely: done even if the pool is closed while it is still queued.

        Raises:
            RuntimeError: the pool is closed.
        """
        future = self._threads.submit(work)
        waiting = self._sure if surely else self._droppable
        waiting.add(future)
        future.add_done_callback(waiting.discard)
        return future

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work` in a thread; what it raises comes out here."""
        return await asyncio.wrap_future(self.submit(work))

    def close(self, seconds: float) -> None:
        """Drop what is queued and may be dropped; wait for the rest, at most this long."""
        self._threads.shutdown(wait=False)
        for future in tuple(self._droppable):
            future.cancel()
        if wait((*self._droppable, *self._sure), seconds).not_done:
            LOG.warning("a thread is still at work after %s seconds", seconds)
        else:
            self._threads.shutdown(wait=True)


class Crew:
    """The two pools of one server."""

    def __init__(self, limits: Limits) -> None:
        self.work = Pool(limits.work_threads, "broker-sim-work")
        self.reads = Pool(limits.read_threads, "broker-sim-read")

    def close(self, seconds: float) -> None:
        """Close both pools, waiting at most this long for each."""
        self.work.close(seconds)
        self.reads.close(seconds)


class Source(Protocol):
    """The pieces of a download, pulled one at a time."""

    async def pull(self) -> bytes | None:
        """Give the next piece; None after the last."""

    async def close(self) -> None:
        """Let go of the iterator; may be called at any time, once."""


class ThreadedSource:
    """Pulls a plain iterator in a thread, so that the loop never waits for a disk."""

    def __init__(self, chunks: Iterator[bytes], pool: Pool) -> None:
        self._chunks = chunks
        self._pool = pool
        self._pulled: Future[bytes | None] | None = None

    async def pull(self) -> bytes | None:
        """Give the next piece; None after the last."""
        self._pulled = self._pool.submit(self._next)
        return await asyncio.wrap_future(self._pulled)

    async def close(self) -> None:
        """Have the iterator closed in a thread, after the pull that may still be running.

        Nobody waits for it: a waiter could be cancelled, and the closing with it.
        """
        if self._pulled is not None and not self._pulled.done():
            self._pulled.add_done_callback(lambda _: self._close())
            return
        try:
            self._pool.submit(self._close, surely=True)
        except RuntimeError:  # the pool closed first: the server is stopping
            self._close()

    def _next(self) -> bytes | None:
        return next(self._chunks, None)

    def _close(self) -> None:
        close = getattr(self._chunks, "close", None)  # generators and files have one
        if close is not None:
            try:
                close()
            except Exception:  # the reader has what it wanted, or has left
                LOG.warning("a download did not close", exc_info=True)


class AsyncSource:
    """Pulls an asynchronous iterator on the loop."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def pull(self) -> bytes | None:
        """Give the next piece; None after the last. Others get their turn in between."""
        await asyncio.sleep(0)
        return await anext(self._chunks, None)

    async def close(self) -> None:
        """Close the iterator, if it can be closed."""
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            try:
                await close()
            except Exception:  # the reader has what it wanted, or has left
                LOG.warning("a download did not close", exc_info=True)


def source_of(chunks: Iterator[bytes] | AsyncIterator[bytes], pool: Pool) -> Source:
    """Take the iterator of a download as what it is."""
    if isinstance(chunks, AsyncIterator):
        return AsyncSource(chunks)
    return ThreadedSource(chunks, pool)
