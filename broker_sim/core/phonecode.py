"""Codes that a representative reads to a caller, who types them and is connected.

A code has nine digits and works once, before it expires and unless it is cancelled. Whatever
else it is, the customer hears one and the same refusal.

Source: PHONE-1 to PHONE-6.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core.lockout import Policy
from broker_sim.core.refusal import Refused

# Bytes of chance in one draw: so many that no code is more likely than another by 2**-34.
CHANCE_BYTES: Final = 8
# Wrong codes from one address lock it, as wrong passwords lock a login. PHONE-6.
GUESSING: Final = Policy(soft_after=limits.GUESSES, soft_for=limits.GUESSES_WAIT)
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_CODE: Final = re.compile(rf"[0-9]{{{limits.CODE_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """One code.

    Attributes:
        code: nine digits, as a text: it may begin with zeros.
        sub_portal: where the session will stand.
        representative: the e-mail address of who made it.
        expires: the first instant at which it does not work any more.
        ended: when it was used or cancelled; None until then.
    """

    code: str
    portal: str
    sub_portal: str
    representative: str
    customer_name: str
    reference_id: str | None
    created: datetime
    expires: datetime
    ended: datetime | None = None


def drawn(chance: bytes) -> str:
    """Give the code that these fresh bytes stand for."""
    number = int.from_bytes(chance, "big") % 10**limits.CODE_DIGITS
    return f"{number:0{limits.CODE_DIGITS}d}"


def as_typed(text: str) -> str | None:
    """Give the code that somebody typed; None where it cannot be one.

    Spaces and dashes of all kinds are left out; digits may be of any width. Source: PHONE-3.
    """
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return plain if _CODE.fullmatch(plain) else None


def is_active(code: PhoneCode, now: datetime) -> bool:
    """Tell whether the code works at `now`: in [created, expires), before its end."""
    return code.ended is None and now < code.expires


def refuse_dead(code: PhoneCode | None, now: datetime) -> PhoneCode:
    """Give an active code back.

    Raises:
        Refused: NoSuchCode; unknown, used, expired and cancelled alike. PHONE-6.
    """
    if code is None or not is_active(code, now):
        raise Refused(faults.NO_SUCH_CODE)
    return code


def refuse_more(active: int, limit: int) -> None:
    """Refuse a further code for a rep who has `active` ones.

    Raises:
        Refused: TooManyCodes. PHONE-2.
    """
    if active >= limit:
        raise Refused(faults.TOO_MANY_CODES, limit=limit)


def expires_at(created: datetime, lives: timedelta) -> datetime:
    """Tell the first instant at which the code does not work any more."""
    return created + lives


def forgotten_by(now: datetime) -> datetime:
    """Tell the latest `expires` of codes that nobody can still know: they may be given again."""
    return now - limits.CODE_REMEMBERED
