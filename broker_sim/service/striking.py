"""What a tester's effect makes of an answer, as values that the front can send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from broker_sim.core.effects import (
    Drip,
    Effect,
    Empty,
    Garbage,
    Mistype,
    Sever,
    Status,
    Truncate,
    noise,
)
from broker_sim.core.provocation import Strike
from broker_sim.service.exchange import Answer, Cut, Stream

Sent: TypeAlias = Answer | Stream | Cut

_PIECE_BYTES: Final = 64 * 1024
_SENTENCES: Final = {
    429: "Too many requests.",
    503: "The service is not available.",
}


def instead(strike: Strike, content_type: str, seed: int) -> Answer | Cut:
    """Give what is sent in the place of an answer.

    Args:
        strike: its effect is one of `effects.INSTEAD`, but no fault.
        content_type: of what the answer would have been.
        seed: noise follows from it, the rule and the count.

    Raises:
        ValueError: the effect needs an answer, or is a fault.
    """
    match strike.effect:
        case Status(status, seconds):
            return _plain_status(status, seconds)
        case Sever(how):
            return Cut(how)
        case Garbage(size, raw):
            body = noise(size, seed, *strike.rules, strike.nth)
            return Cut("fin", body) if raw else Answer(200, (("Content-Type", content_type),), body)
        case Empty():
            return Answer(200, (("Content-Type", content_type),))
        case effect:
            msg = f"{effect} is not sent in the place of an answer"
            raise ValueError(msg)


def _plain_status(status: int, seconds: int | None) -> Answer:
    wait = () if seconds is None else (("Retry-After", str(seconds)),)
    headers = (("Content-Type", "text/plain; charset=utf-8"), *wait)
    said = _SENTENCES.get(status, "The tester wants this status.")
    return Answer(status, headers, f"{said}\n".encode())


def upon(effect: Effect, answer: Answer | Stream) -> Answer | Stream:
    """Give what an effect makes of an answer.

    Raises:
        ValueError: it is none that changes an answer.
    """
    match effect:
        case Mistype(content_type):
            others = tuple(pair for pair in answer.headers if pair[0].lower() != "content-type")
            return replace(answer, headers=(("Content-Type", content_type), *others))
        case Drip(seconds, pieces):
            stream = _streamed(answer)
            each = max(1, -(-stream.length // pieces))
            chunks = _cut_up(_plain(stream), each)
            return replace(stream, chunks=chunks, pause_seconds=seconds / pieces)
        case Truncate(keep, how):
            stream = _streamed(answer)
            # what keeps the whole of it would not be truncated
            end = min(stream.length // 2 if keep is None else keep, max(0, stream.length - 1))
            chunks = _begun(_plain(stream), end)
            return replace(stream, chunks=chunks, breaks_at=end, breaks_how=how)
        case _:
            msg = f"{effect} changes no answer"
            raise ValueError(msg)


def as_sent(torn: Answer | Stream, body: bytes) -> Answer:
    """Give what comes of a changed answer's `body` in the end, for the journal."""
    if isinstance(torn, Answer):
        return torn
    return Answer(torn.status, torn.headers, body[: torn.breaks_at])


def _streamed(answer: Answer | Stream) -> Stream:
    if isinstance(answer, Stream):
        return answer
    return Stream(answer.status, answer.headers, iter((answer.body,)), len(answer.body))


def _plain(stream: Stream) -> Iterator[bytes]:
    if not isinstance(stream.chunks, Iterator):
        msg = "only an answer out of a plain iterator is torn or slowed"
        raise ValueError(msg)
    return stream.chunks


def _cut_up(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Give the same bytes in pieces of this size, the last one shorter."""
    kept = b""
    for chunk in chunks:
        kept += chunk
        while len(kept) >= size:
            yield kept[:size]
            kept = kept[size:]
    if kept:
        yield kept


def _begun(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Give the first so many bytes."""
    left = size
    for chunk in chunks:
        if left <= 0:
            return
        yield chunk[:left]
        left -= len(chunk)
