"""One request in hand, and what became of it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from broker_sim.core.provocation import NOTHING, Strike
from broker_sim.core.refusal import Refused
from broker_sim.service.exchange import Answer, Cut, Headers, Request
from broker_sim.service.seen import Exchange
from broker_sim.soap.compiled import Spoken
from broker_sim.soap.envelope import SOAP11, Version

_NO_HEADERS: Final[Mapping[str, str]] = {}
_NONE: Final[Headers] = ()


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
    opened: str | None = None  # the id of the connection that a logon opened

    def ended(self, door: str, reply: Answer | Cut, fault: str | None) -> Exchange:
        """Tell what became of the request, for the journal; its headers are left out."""
        request = self.request
        if isinstance(reply, Cut):
            status, sent, headers = 0, reply.after, _NONE
        else:
            status, sent, headers = reply.status, reply.body, reply.headers
        return Exchange(
            door,
            None if self.spoken is None else self.spoken.operation.name,
            status,
            fault,
            request.client,
            request.body,
            sent,
            request.method,
            door,
            request.query,
            _NO_HEADERS,
            headers,
            perf_counter() - self.began,
            self.arguments,
            self.asked,
            self.refusal,
            self.ignored,
            None,
            self.strike.rules,
            self.opened,
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
