"""Magic values: logins, connection ids, phone codes and questions that provoke by themselves.

They need no control API, only a world where magic is on. None of them opens anything: a magic
login has no password, a magic connection no portal, and no representative is ever given a
magic code. A magic question is about its own session alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from broker_sim.contract.faults import BY_CODE
from broker_sim.core import phonecode
from broker_sim.core.effects import (
    STATUSES,
    Delay,
    Effect,
    Empty,
    Garbage,
    Refuse,
    Sever,
    Status,
    Truncate,
)
from broker_sim.core.record import Event

DOMAIN: Final = "magic.example"
RETRY_AFTER: Final = 1
DELAY_MOST: Final = 30
_CODES: Final = {code.casefold(): code for code in BY_CODE}
_SPELL: Final = re.compile(r"([a-z]{3,9})(?:[.:]([A-Za-z0-9]{1,40}))?")
_DELAYS: Final = range(1, 10)
_PLAIN: Final[Mapping[str, Effect]] = {
    "truncated": Truncate(),
    "garbage": Garbage(),
    "empty": Empty(),
}
OUTCOMES: Final = {"declined": Event.DECLINED, "abandoned": Event.ABANDONED}

# What may be written, and what it does; for the manual.
SPELLS: Final = (
    ("fault.CODE", "fault.LockedOut", "the fault CODE, where the operation can answer it"),
    ("status.N", "status.503", f"HTTP status N with `Retry-After: {RETRY_AFTER}`"),
    ("delay.S", "delay.2", f"S seconds, at most {DELAY_MOST}, before the call goes on"),
    ("cut.rst", "cut.rst", "the connection is reset, no byte comes"),
    ("cut.fin", "cut.fin", "the connection is closed, no byte comes"),
    ("truncated", "truncated", "the answer breaks off in the middle"),
    ("garbage", "garbage", "noise for a body"),
    ("empty", "empty", "status 200 and no body"),
)
CODES: Final = (
    ("000-000-000", "the connection is reset"),
    *((f"000-000-00{n}", f"{n} s of delay, then as an unknown code") for n in (1, 9)),
    *((f"000-000-{status}", f"HTTP status {status}") for status in (429, 500, 503)),
)


def spelled(text: str) -> Effect | None:
    """Give the effect of a spell; None where it is none."""
    found = _SPELL.fullmatch(text)
    if found is None:
        return None
    word, said = found[1], found[2]
    if said is None:
        return _PLAIN.get(word)
    read = _SAID.get(word)
    return None if read is None else read(said)


def _refuse(code: str) -> Effect | None:
    known = _CODES.get(code.casefold())
    return None if known is None else Refuse(known)


def _status(number: str) -> Effect | None:
    return Status(int(number), RETRY_AFTER) if number in map(str, STATUSES) else None


def _delay(seconds: str) -> Effect | None:
    right = re.fullmatch("[0-9]{1,2}", seconds) and 0 < int(seconds) <= DELAY_MOST
    return Delay(int(seconds)) if right else None


_SAID: Final[Mapping[str, Callable[[str], Effect | None]]] = {
    "fault": _refuse,
    "status": _status,
    "delay": _delay,
    "cut": {"rst": Sever("rst"), "fin": Sever("fin")}.get,
}


def in_name(name: str) -> Effect | None:
    """Give the effect of a magic user name or connection id."""
    local, at, domain = name.strip().partition("@")
    return spelled(local) if at and domain.casefold() == DOMAIN else None


def in_code(typed: str) -> Effect | None:
    """Give the effect of a magic phone code."""
    code = phonecode.as_typed(typed)
    if code is None or not is_reserved(code):
        return None
    number = int(code)
    if number == 0:
        return Sever("rst")
    if number in _DELAYS:
        return Delay(number)
    return Status(number, RETRY_AFTER) if number in STATUSES else None


def is_reserved(code: str) -> bool:
    """Tell whether no representative is given this code."""
    return code.startswith("000000")


def in_question(question: str) -> Effect | None:
    """Give what happens to those who read a session with this question."""
    return spelled(_first(question))


def outcome(question: str) -> Event | None:
    """Give what becomes of a request with this question at once."""
    return OUTCOMES.get(_first(question))


def _first(question: str) -> str:
    """Give the first word without its hash; nothing where it has none."""
    word = question[:64].split(maxsplit=1)[0] if question[:64].strip() else ""
    return word[1:] if word.startswith("#") else ""
