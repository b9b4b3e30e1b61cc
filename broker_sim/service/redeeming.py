"""A customer types a code, and is connected with who made it.

Source: PHONE-3, PHONE-4, PHONE-6.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from broker_sim.contract import faults
from broker_sim.core import lockout, phonecode, session
from broker_sim.core.lockout import Locked
from broker_sim.core.phonecode import PhoneCode
from broker_sim.core.record import Labelled, Session
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check
from broker_sim.service.ports import World
from broker_sim.service.settling import begin_with, settle
from broker_sim.service.storage import Transaction

# Two blanks: no login and no representative counts under such a name.
_GUESSER: Final = "  "


def redeem(
    world: World,
    typed: str,
    *,
    portal: str | None = None,
    customer_ip: str | None = None,
    locale: str = "",
) -> Session:
    """Use up a code; give its session, which the representative has accepted.

    It starts when the customer agrees, like any other (PORTAL-4).

    Args:
        world: where.
        typed: the code as the customer typed it.
        portal: whose page it was typed at; a code of another portal does not work there.
        customer_ip: who types; who guesses too often from one address has to wait.
        locale: of the customer; empty for the default.

    Raises:
        Refused: NoSuchCode; unknown, used, expired and cancelled alike. RateLimited; too many
            wrong codes came from the address.
    """
    check(customerIp=customer_ip, locale=locale)
    now = world.clock.now()
    with world.store.writing() as tx:
        code = _used_up(tx, typed, portal, _GUESSER + (customer_ip or ""), now)
        return _begin(tx, code, customer_ip, locale, now)


def _used_up(
    tx: Transaction, typed: str, portal: str | None, guesser: str, now: datetime
) -> PhoneCode:
    """Give the code, which is over now; count who guesses. PHONE-3, PHONE-6."""
    state = lockout.settle(tx.lockout(guesser), now)
    if isinstance(state, Locked):
        seconds = lockout.seconds_left(state, now)
        raise Refused(faults.RATE_LIMITED, retry_after_seconds=seconds)
    code = _found(tx, typed, portal, now)
    if code is None or not tx.end_code(code.code, now):
        tx.set_lockout(guesser, lockout.fail(state, phonecode.GUESSING, now), now)
        raise Refused(faults.NO_SUCH_CODE)
    tx.set_lockout(guesser, lockout.succeed(state, now), now)
    return code


def _found(tx: Transaction, typed: str, portal: str | None, now: datetime) -> PhoneCode | None:
    """Give the active code that was typed; None for whatever else it is."""
    plain = phonecode.as_typed(typed)
    code = None if plain is None else tx.code(plain)
    if code is None or not phonecode.is_active(code, now):
        return None
    return code if portal in (None, code.portal) else None


def _begin(
    tx: Transaction, code: PhoneCode, customer_ip: str | None, locale: str, now: datetime
) -> Session:
    settle(tx, code.portal, now)
    member = tx.member(code.representative)
    assert member is not None
    entries = (Labelled("Name", code.customer_name),) if code.customer_name else ()
    begun = session.post(
        tx.next_session_id(),
        code.portal,
        code.sub_portal,
        "",
        now,
        mode="Phone",
        reference_id=code.reference_id,
        customer_ip=customer_ip,
        locale=locale,
        smart_box_entries=entries,
    )
    return begin_with(tx, begun, member.rep, now)
