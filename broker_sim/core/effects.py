"""What a tester may have happen to a call, besides what the contract says of it.

Each effect is a value. `INSTEAD` are those that need no answer of the broker and may strike before
the call is carried out; the others are done to an answer, so the call has been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from broker_sim.contract.faults import BY_CODE
from broker_sim.contract.kinds import Field, Kind
from broker_sim.core.refusal import Refused

How: TypeAlias = Literal["rst", "fin"]
STATUSES: Final = (400, 401, 403, 404, 408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Refuse:
    """A fault of the contract; extra fields by their Python names, unsaid ones are filled in."""

    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """An HTTP status with a plain sentence, and a Retry-After where seconds are said."""

    status: int
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """A pause; the call goes on after it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drip:
    """The right answer, in so many pieces over so many seconds."""

    seconds: float
    pieces: int = 10


@dataclass(frozen=True, slots=True)
class Truncate:
    """An answer that promises its whole length and ends after `keep` bytes; None for half."""

    keep: int | None = None
    how: How = "fin"


@dataclass(frozen=True, slots=True)
class Sever:
    """The connection ends without a byte."""

    how: How = "rst"


@dataclass(frozen=True, slots=True)
class Garbage:
    """Noise for a body; with `raw`, noise where HTTP should be."""

    size: int = 512
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Mistype:
    """The right body under a wrong Content-Type."""

    content_type: str = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Empty:
    """Status 200 and no body."""


Effect: TypeAlias = Refuse | Status | Delay | Drip | Truncate | Sever | Garbage | Mistype | Empty
INSTEAD: Final = (Refuse, Status, Sever, Garbage, Empty)


def refusal(effect: Refuse, now: datetime) -> Refused:
    """Give the refusal of the contract, its unsaid fields filled in.

    Args:
        effect: its code is one of the contract's.
        now: stands for every instant that was not said.
    """
    fault = BY_CODE[effect.code]
    filled = {one.name: effect.fields.get(one.name, _unsaid(one, now)) for one in fault.extra}
    return Refused(fault, **filled)


def _unsaid(one: Field, now: datetime) -> Any:
    match one.type:
        case Kind.INSTANT:
            return now
        case Kind.TEXT | Kind.NAME:
            return "provoked"
        case _:
            return 1


def noise(size: int, *source: object) -> bytes:
    """Give bytes that follow from `source` alone."""
    text = " ".join(map(str, source))
    return hashlib.shake_256(text.encode()).digest(size)
