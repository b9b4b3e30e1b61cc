"""One request in hand, and what became of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from broker_sim.core.provocation import NOTHING, Strike
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Cut, Request
from broker_sim.soap.compiled import Spoken
from broker_sim.soap.envelope import SOAP11, Version


@dataclass(slots=True)  # not frozen: on the way of every call, where freezing costs 1 us
class Exchange:
    """One request and what became of it, for the journal.

    Attributes:
        operation: its name on the wire; None where the message named none of ours.
        status: of HTTP; 0 where the connection was cut instead.
        fault: the code of the fault; None for an answer and for a plain 4xx.
        request: passwords and all: to be redacted.
        arguments: by their Python names, unredacted; None if they could not be read.
        response: the body that was sent.
        reply: all that was sent, or how the connection was cut.
        seconds: from the request's arrival here to its end, what it waited for included.
        asked: the qualified name of a payload that names no operation of ours.
        refusal: the sentence it was refused with.
        ignored: the qualified names of header blocks that nobody here reads.
        provoked: ids of the tester's rules that struck, in order.
    """

    operation: str | None
    status: int
    fault: str | None
    request: Request = field(repr=False)
    arguments: Mapping[str, Any] | None = field(repr=False)
    response: bytes = field(repr=False)
    reply: Answer | Cut = field(repr=False)
    seconds: float
    asked: str | None
    refusal: str | None
    ignored: tuple[str, ...]
    provoked: tuple[str, ...]


@dataclass(slots=True)
class Turn:
    """What is known so far of the request in hand."""

    request: Request
    version: Version = SOAP11
    spoken: Spoken | None = None
    arguments: Mapping[str, Any] | None = None
    began: float = field(default_factory=perf_counter)
    asked: str | None = None
    refusal: str | None = None
    ignored: tuple[str, ...] = ()
    strike: Strike = NOTHING
    is_ours: bool = True  # what is answered is a message of the contract

    def ended(self, reply: Answer | Cut, fault: str | None) -> Exchange:
        """Tell what became of the request."""
        status, sent = (0, reply.after) if isinstance(reply, Cut) else (reply.status, reply.body)
        return Exchange(
            self.spoken.operation.name if self.spoken is not None else None,
            status,
            fault,
            self.request,
            self.arguments,
            sent,
            reply,
            perf_counter() - self.began,
            self.asked,
            self.refusal,
            self.ignored,
            self.strike.rules,
        )


def attempt(work: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """Do the work in its thread; what it raises is answered inline, like all else."""
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001  raised again by `resume`
        return None, error


def resume(then: Callable[[Any], Any], end: tuple[Any, Exception | None]) -> Any:
    """Give what `attempt` ended with, or raise it."""
    result, error = end
    if error is not None:
        raise error
    return then(result)


def told(error: BaseException | None) -> Iterator[str]:
    """Tell an error by its kinds and places; its words may hold what a caller sent."""
    while error is not None:
        if isinstance(error, Refused):
            yield f"undeclared {error.fault.code} "
        yield f"{type(error).__qualname__}\n{''.join(traceback.format_tb(error.__traceback__))}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
