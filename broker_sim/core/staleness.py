"""Whether a form shows what it changes: an old page that is saved would undo what others did since.

Source: SEC-2.
"""

from __future__ import annotations

import hashlib
from typing import Final

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused

_DIGITS: Final = 16
_STALE: Final = (
    "somebody has changed this since you opened the page: here it is as it stands now. Change it"
    " again and save; Back shows what you had typed"
)


def mark(*shown: object) -> str:
    """Give a text that is another one whenever a form shows something else.

    Args:
        shown: values whose `repr` tells all of them, the same in every process.
    """
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:_DIGITS]


def refuse_stale(seen: str | None, stands: tuple[object, ...], wanted: tuple[object, ...]) -> None:
    """Refuse a change by a form that showed something else than what stands.

    Where what is wanted stands already, nothing is undone: the same form came twice.

    Args:
        seen: the mark of what the form showed; None where no form was.
        stands: what it would show now.
        wanted: the same, as it is to be.

    Raises:
        Refused: InvalidArgument, of no field.
    """
    if seen is not None and wanted != stands and seen != mark(*stands):
        raise Refused(faults.INVALID_ARGUMENT, field="", reason=_STALE)
