"""When may this account try to log in?

Three failures in a row lock the account for five minutes. Ten in a row lock it
for good where the company has hard lockouts on. A success clears the count. An
attempt made during a lock is refused unseen: it neither counts nor extends.

Source: LOGON-3 to LOGON-5 (`broker_sim/contract/requirements.toml`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from broker_sim.contract import limits


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of the rule; `hard_after` is None where hard lockouts are off."""

    soft_after: int = limits.SOFT_LOCK_AFTER
    soft_for: timedelta = limits.SOFT_LOCK_FOR
    hard_after: int | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """May try; `failures` have come in a row since the last success."""

    failures: int = 0


@dataclass(frozen=True, slots=True)
class Locked:
    """May try again at `until`, with `failures` still on the count."""

    failures: int
    until: datetime


@dataclass(frozen=True, slots=True)
class HardLocked:
    """May not try until an administrator resets the account."""

    since: datetime


Lockout: TypeAlias = Open | Locked | HardLocked


def settle(state: Lockout, now: datetime) -> Lockout:
    """Let time pass: a lock whose end has come is open, its count kept."""
    if isinstance(state, Locked) and now >= state.until:
        return Open(state.failures)
    return state


def fail(state: Lockout, policy: Policy, now: datetime) -> Lockout:
    """Count one failed attempt made at `now`."""
    match settle(state, now):
        case Open(before):
            failures = before + 1
            if policy.hard_after is not None and failures >= policy.hard_after:
                return HardLocked(since=now)
            if failures % policy.soft_after == 0:
                return Locked(failures, until=now + policy.soft_for)
            return Open(failures)
        case locked:
            return locked


def succeed(state: Lockout, now: datetime) -> Lockout:
    """Clear the count after a success at `now`; a lock stays a lock, and a clear count itself."""
    settled = settle(state, now)
    if not isinstance(settled, Open):
        return settled
    return Open() if settled.failures else state


def seconds_left(state: Locked, now: datetime) -> int:
    """Tell the whole seconds until the lock opens, rounded up; at least 1 while locked."""
    return -((now - state.until) // timedelta(seconds=1))
