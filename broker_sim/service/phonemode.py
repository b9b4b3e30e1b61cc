"""The PhoneMode service: codes for representatives of the connection's portal.

Source: PHONE-1 to PHONE-6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from broker_sim.contract import faults
from broker_sim.core import access, magic, phonecode
from broker_sim.core.phonecode import PhoneCode
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check
from broker_sim.service.ports import Call, World
from broker_sim.service.storage import Transaction


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """One code; the contract's PhoneCode record."""

    code: str
    url: str
    expires: datetime
    created: datetime
    representative: str
    portal: str
    sub_portal: str
    customer_name: str
    reference_id: str | None


def create_code(
    call: Call,
    representative: str,
    portal: str,
    customer_name: str,
    reference_id: str | None = None,
) -> CodeAnswer:
    """Make a code for a representative of the portal. PHONE-1, PHONE-2."""
    if portal != call.portal:
        reason = "it must be the portal of this connection"
        raise Refused(faults.INVALID_ARGUMENT, field="portal", reason=reason)
    email = access.canonical(representative)
    return make(call.world, call.tx, email, portal, customer_name, reference_id, call.now)


def make(
    world: World,
    tx: Transaction,
    email: str,
    portal: str,
    customer_name: str,
    reference_id: str | None,
    now: datetime,
) -> CodeAnswer:
    """Make a code, in a transaction that is open.

    Raises:
        Refused: NoSuchRepresentative; there is none of that address, or it does not serve the
            portal. TooManyCodes.
    """
    check(customerName=customer_name, referenceId=reference_id)
    sub_portal = first_desk(tx, email, portal)
    known = tx.portal(portal)
    assert known is not None
    tx.member(email, lock=True)  # of several who ask at once, each counts the others' codes
    phonecode.refuse_more(tx.count_codes(email, now), known.codes_per_rep)
    expires = phonecode.expires_at(now, known.code_lives)
    plain = PhoneCode("", portal, sub_portal, email, customer_name, reference_id, now, expires)
    return as_answer(world, _drawn(world, tx, plain))


def _drawn(world: World, tx: Transaction, plain: PhoneCode) -> PhoneCode:
    """Add a code under fresh digits: none that is remembered, or stands for something else."""
    while True:
        drawn = phonecode.drawn(world.entropy.take(phonecode.CHANCE_BYTES))
        code = replace(plain, code=drawn)
        if not magic.is_reserved(drawn) and tx.add_code(code):
            return code


def first_desk(tx: Transaction, email: str, portal: str) -> str:
    """Give the first of the portal's sub-portals that a representative serves.

    Raises:
        Refused: NoSuchRepresentative.
    """
    known = tx.portal(portal)
    served = {sub_portal for name, sub_portal in tx.desks(email) if name == portal}
    for sub_portal in known.sub_portals if known is not None else ():
        if sub_portal in served:
            return sub_portal
    raise Refused(faults.NO_SUCH_REPRESENTATIVE)


def as_answer(world: World, code: PhoneCode) -> CodeAnswer:
    """Say a code as the contract does, with its URL."""
    return CodeAnswer(
        code.code,
        f"{world.base_url()}/ph/{quote(code.portal)}?code={code.code}",
        code.expires,
        code.created,
        code.representative,
        code.portal,
        code.sub_portal,
        code.customer_name,
        code.reference_id,
    )


def get_codes(call: Call, representative: str | None = None) -> Sequence[CodeAnswer]:
    """List the portal's active codes by (expires, code)."""
    email = None if representative is None else access.canonical(representative)
    if email is not None:
        first_desk(call.tx, email, call.portal)
    return [
        as_answer(call.world, code) for code in call.tx.active_codes(call.portal, call.now, email)
    ]


def cancel_code(call: Call, code: str) -> None:
    """End one active code of the portal. PHONE-5."""
    typed = phonecode.as_typed(code)
    found = None if typed is None else call.tx.code(typed)
    mine = found if found is not None and found.portal == call.portal else None
    if not call.tx.end_code(phonecode.refuse_dead(mine, call.now).code, call.now):
        raise Refused(faults.NO_SUCH_CODE)


def cancel_codes(call: Call, representative: str) -> int:
    """End all active codes of a representative of the portal, wherever made. PHONE-5."""
    email = access.canonical(representative)
    first_desk(call.tx, email, call.portal)
    return call.tx.end_codes(email, call.now)
