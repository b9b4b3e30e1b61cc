"""Whoever guesses secrets from one network address has to wait between ten guesses and the next.

Addresses count as accounts do, under names that no account has. PHONE-6, SEC-2.
"""

from __future__ import annotations

from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core import lockout, phonecode
from broker_sim.core.lockout import Locked
from broker_sim.core.refusal import Refused
from broker_sim.service.storage import Transaction


def refuse_guesser(tx: Transaction, guesser: str, now: datetime) -> None:
    """Refuse an attempt unseen while the address has to wait.

    Raises:
        Refused: RateLimited, with the seconds left.
    """
    state = lockout.settle(tx.lockout(guesser), now)
    if isinstance(state, Locked):
        seconds = lockout.seconds_left(state, now)
        raise Refused(faults.RATE_LIMITED, retry_after_seconds=seconds)


def count_guess(tx: Transaction, guesser: str, now: datetime) -> None:
    """Count a wrong guess; the tenth since the last wait lets the address wait."""
    state = lockout.settle(tx.lockout(guesser), now)
    tx.set_lockout(guesser, lockout.fail(state, phonecode.GUESSING, now), now)
