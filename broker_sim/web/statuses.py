"""The status of HTTP that a refusal becomes on a page; any other is a 400."""

from __future__ import annotations

from typing import Final

STATUS: Final = {
    "NoSuchSession": 404,
    "SessionPurged": 410,
    "OutOfTurn": 409,
    "AlreadyLoggedOn": 409,
    "ConnectionExpired": 401,
    "InvalidConnection": 401,
    "InvalidCredentials": 403,
    "LockedOut": 429,
    "LockedOutPermanently": 403,
    "RateLimited": 429,
    "NotPermitted": 403,
}
