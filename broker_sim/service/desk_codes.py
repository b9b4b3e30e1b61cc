"""The phone codes of one representative, at its own desk. Making one is `startByCode`.

Source: PHONE-1, PHONE-5.
"""

from __future__ import annotations

from collections.abc import Sequence

from broker_sim.contract import faults
from broker_sim.core import phonecode
from broker_sim.core.refusal import Refused
from broker_sim.service import phonemode
from broker_sim.service.phonemode import CodeAnswer
from broker_sim.service.ports import RepCall


def codes(call: RepCall) -> Sequence[CodeAnswer]:
    """List the representative's active codes, of all portals, the first to expire first."""
    portals = sorted({portal for portal, _ in call.tx.desks(call.email)})
    found = [
        code for portal in portals for code in call.tx.active_codes(portal, call.now, call.email)
    ]
    found.sort(key=lambda code: (code.expires, code.code))
    return [phonemode.as_answer(call.world, code) for code in found]


def cancel_code(call: RepCall, code: str) -> None:
    """End one of the representative's active codes. PHONE-5.

    Raises:
        Refused: NoSuchCode; somebody else's is as one that does not exist.
    """
    typed = phonecode.as_typed(code)
    found = None if typed is None else call.tx.code(typed)
    mine = found if found is not None and found.representative == call.email else None
    if not call.tx.end_code(phonecode.refuse_dead(mine, call.now).code, call.now):
        raise Refused(faults.NO_SUCH_CODE)


def cancel_codes(call: RepCall) -> int:
    """End all of the representative's active codes; give how many. PHONE-5."""
    return call.tx.end_codes(call.email, call.now)
