"""The suite's own naive idea of a broker: logins and connections.

Written from the contract's sentences alone, with plain lists and counts; it shares no line
with any broker. Where the text allows several answers, the model says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from broker_sim.contract import limits
from conformance.patterns import Anything, Between, Pattern, fault, gives

SECOND = timedelta(seconds=1)


def seconds_up(span: timedelta) -> int:
    """Whole seconds, rounded up."""
    return -(-span // SECOND)


@dataclass(slots=True)
class Account:
    """A login as LOGON-3 to LOGON-5 count it.

    Attributes:
        hard: the portal has hard lockouts.
        failures: in a row, since the last success.
        locked_until: the end of the last soft lock, left out.
        locked_for_good: since the tenth failure.
    """

    hard: bool = False
    failures: int = 0
    locked_until: datetime | None = None
    locked_for_good: bool = False

    def locked(self, now: datetime) -> bool:
        """Tell whether a soft lock is on: [its beginning, its end)."""
        return self.locked_until is not None and now < self.locked_until

    def refusal(self, now: datetime) -> Pattern | None:
        """Give the fault that any attempt must meet now, or None."""
        if self.locked_for_good:
            return fault("LockedOutPermanently")
        if self.locked_until is not None and now < self.locked_until:
            return fault("LockedOut", seconds_left=seconds_up(self.locked_until - now))
        return None

    def fail(self, now: datetime) -> tuple[Pattern, ...]:
        """Count a wrong attempt made while open; give the allowed answers.

        The attempt that locks may be told that it was wrong, or that the login is locked now:
        the contract leaves that open.
        """
        self.failures += 1
        wrong = fault("InvalidCredentials")
        if self.hard and self.failures >= limits.HARD_LOCK_AFTER:
            self.locked_for_good = True
            return wrong, fault("LockedOutPermanently")
        if self.failures % limits.SOFT_LOCK_AFTER == 0:
            self.locked_until = now + limits.SOFT_LOCK_FOR
            left = seconds_up(limits.SOFT_LOCK_FOR)
            return wrong, fault("LockedOut", seconds_left=left)
        return (wrong,)

    def succeed(self) -> None:
        """Clear the count after a success."""
        self.failures = 0
        self.locked_until = None


OPENED = gives(Anything("a connection"))


@dataclass(slots=True)
class Wire:
    """A connection as CONN-1 to CONN-3 have it.

    Its last use is kept to the second, so it ends within a second of its twenty minutes:
    certainly alive before `alive_until`, certainly ended from `ended_from` on.
    """

    id: str
    used: datetime
    exact: bool = True
    ended_at: datetime | None = None

    @property
    def alive_until(self) -> datetime:
        """The first instant at which it may have ended by itself."""
        return self.used + limits.CONNECTION_IDLE - (timedelta(0) if self.exact else SECOND)

    @property
    def ended_from(self) -> datetime:
        """The first instant at which it must have ended by itself."""
        return self.used + limits.CONNECTION_IDLE + (timedelta(0) if self.exact else SECOND)

    def use(self, now: datetime) -> None:
        """Note a use; exact only at a whole second, and a second or more after the last."""
        since = now - self.used
        self.exact = now.microsecond == 0 and (since >= SECOND or (self.exact and not since))
        self.used = now

    def state(self, now: datetime) -> str:
        """Tell what it is: alive, ended, or either."""
        if self.ended_at is not None or now >= self.ended_from:
            return "ended"
        return "alive" if now < self.alive_until else "either"

    def left(self, now: datetime) -> Any:
        """Allow the seconds that a second logon is told."""
        low = seconds_up(max(self.alive_until - now, timedelta(0)))
        high = seconds_up(max(self.ended_from - now, timedelta(0)))
        return low if low == high else Between(low, high)
