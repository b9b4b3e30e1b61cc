"""Is this a password that somebody may choose?

8 to 32 characters of at least three of the four kinds (capital letters, small letters, digits,
anything else), and nothing in it of the login or the person's name: neither as written, nor in
other case.

Source: SEC-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from broker_sim.contract import faults, limits
from broker_sim.core import access
from broker_sim.core.refusal import Refused

_BETWEEN: Final = re.compile(r"[\W_]+")


def wrong_with(password: str, login: str, name: str) -> str | None:
    """Tell in words what is wrong with a password; None for nothing.

    Args:
        password: as typed.
        login: of whose it shall be; of an address, what stands before the @ is looked for, too.
        name: the person's; each of its words from three letters on is looked for.
    """
    if not limits.PASSWORD_MIN <= len(password) <= limits.PASSWORD_MAX:
        return f"it must have {limits.PASSWORD_MIN} to {limits.PASSWORD_MAX} characters"
    if kinds(password) < limits.PASSWORD_KINDS:
        return "it needs three of these: capital letters, small letters, digits, other characters"
    folded = access.canonical(password)
    if any(word in folded for word in _words(login, name)):
        return "it must not have the login or a part of the name in it"
    return None


def refuse_weak(field: str, password: str, login: str, name: str) -> None:
    """Refuse a password that may not be chosen.

    Raises:
        Refused: InvalidArgument, naming the field.
    """
    reason = wrong_with(password, login, name)
    if reason is not None:
        raise Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)


def kinds(password: str) -> int:
    """Count the kinds of characters in a password, of four."""
    capital = any(one.isupper() or one.istitle() for one in password)
    small = any(one.islower() for one in password)
    digit = any(one.isdecimal() for one in password)
    other = any(
        not (one.isupper() or one.istitle() or one.islower() or one.isdecimal()) for one in password
    )
    return capital + small + digit + other


def _words(login: str, name: str) -> Iterator[str]:
    """Give what must not be in the password, folded."""
    before, _, _ = login.partition("@")
    whole = (access.canonical(text) for text in (login, before, name))
    words = _BETWEEN.split(access.canonical(name))
    parts = (word for word in words if len(word) >= limits.PASSWORD_WORD)
    yield from (text for text in (*whole, *parts) if text)
