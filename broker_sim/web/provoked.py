"""Downloads as a tester wants them: refused, late, slow, torn, or something else altogether."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from broker_sim.core.effects import INSTEAD
from broker_sim.core.provocation import NOTHING, Strike
from broker_sim.service.exchange import Answer, Handler, Offload, Reply, Request, Stream, Wait
from broker_sim.service.provoking import Faults
from broker_sim.service.striking import upon
from broker_sim.web import downloads

_TYPE: Final = "application/octet-stream"


def provoked(
    faults: Faults, handler: Handler, struck: Callable[[tuple[str, ...]], None]
) -> Handler:
    """Give a handler of recordings that heeds the fault rules for `download`.

    Args:
        faults: the rules.
        handler: who answers.
        struck: told of the ids of the rules that strike, before anything is answered.
    """

    def handle(request: Request) -> Reply:
        place = downloads.PLACE.fullmatch(request.path) if faults.armed else None
        if place is None:
            return handler(request)
        strike = faults.strike_download(int(place[1]), place[2])
        if strike is NOTHING:
            return handler(request)
        struck(strike.rules)
        go_on = partial(_begin, faults, strike, lambda: handler(request))
        return Wait(strike.wait_before, go_on) if strike.wait_before else go_on()

    return handle


def _begin(faults: Faults, strike: Strike, find: Callable[[], Reply]) -> Reply:
    if strike.effect is not None and not strike.after:
        return faults.instead(strike, _TYPE)
    return _finish(faults, strike, find())


def _finish(faults: Faults, strike: Strike, reply: Reply) -> Reply:
    """Do to the answer, once it is there, what the rules want."""
    if isinstance(reply, Offload):
        then = reply.then
        return Offload(reply.work, lambda found: _finish(faults, strike, then(found)))
    if isinstance(strike.effect, INSTEAD) and strike.after:
        reply = faults.instead(strike, _TYPE)
    elif strike.effect is not None and isinstance(reply, (Answer, Stream)):
        reply = upon(strike.effect, reply)
    return _later(strike.wait_after, reply)


def _later(seconds: float, reply: Any) -> Reply:
    return Wait(seconds, lambda: reply) if seconds else reply
