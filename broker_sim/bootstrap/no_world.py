"""Who answers a path below /w/NAME where no world has that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from broker_sim.service.exchange import Answer, Request
from broker_sim.soap import gate
from broker_sim.soap.faults import nobody_here
from broker_sim.web import no_world

_NAME_MOST: Final = 63


def handler(name: str, lost: Callable[[Request, Answer], None]) -> Callable[[Request], Answer]:
    """Give the handler of all paths below that name.

    Args:
        name: as it stands in the path, decoded; "" and "default" are none of a further world.
        lost: told of each request, and of its answer.
    """
    sentence = _sentence(name)

    def handle(request: Request) -> Answer:
        answer = _answer(sentence, request)
        lost(request, answer)
        return answer

    return handle


def _answer(sentence: str, request: Request) -> Answer:
    message = gate.admit(request) if request.method == "POST" else None
    if isinstance(message, tuple):
        return nobody_here(sentence, message[0])
    return no_world.answer(sentence, request.headers.get("accept", ""))


def _sentence(name: str) -> str:
    shown = name if len(name) <= _NAME_MOST else f"{name[:_NAME_MOST]}..."
    return (
        f"There is no world {shown!r} below /w/: it was dropped, has another name, or is the"
        " default one, which answers at the root. GET /_sim/worlds of the control API lists all."
    )
