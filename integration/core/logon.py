"""May we try to log on?

A refused credential is never tried again before a person has changed it or said so. A lock is
waited out. A logon whose answer is lost may have been a refused one: a credential that has not
yet worked is sent once more after that, then no more; one that has worked is sent more and more
slowly, and before ten in a row could have been refused, no more. All of it is remembered over
restarts: the memory is written before each logon and after its answer.

Source: C-LOCK-1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

UNANSWERED_LIMIT: Final = 2
UNANSWERED_LIMIT_PROVEN: Final = 8
_PATIENCE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier logons have taught.

    Attributes:
        credential: fingerprint of the credential that the rest is about.
        refused: why the broker refused it; None if it did not.
        proven: whether it has worked.
        unanswered: logons in a row whose answer never came.
        not_before: no logon before this instant.
    """

    credential: str = ""
    refused: str | None = None
    proven: bool = False
    unanswered: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """Log on."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not before a person has done something about it."""

    why: str


Verdict: TypeAlias = Go | Wait | Refuse


def about(memory: Memory, credential: str) -> Memory:
    """The memory as far as it concerns `credential`: a changed one starts afresh, locks stay."""
    if memory.credential == credential:
        return memory
    return Memory(credential=credential, not_before=memory.not_before)


def judge(memory: Memory, now: datetime) -> Verdict:
    """Say whether a logon may be sent at `now`."""
    if memory.refused is not None:
        return Refuse(memory.refused)
    limit = UNANSWERED_LIMIT_PROVEN if memory.proven else UNANSWERED_LIMIT
    if memory.unanswered >= limit:
        return Refuse(f"the answers to the last {memory.unanswered} logons were lost")
    if memory.not_before is not None and now < memory.not_before:
        return Wait(memory.not_before)
    return Go()


def send(memory: Memory, now: datetime) -> Memory:
    """A logon is about to be sent: until its answer has come, count it as lost."""
    lost = memory.unanswered + 1
    slow = lost > UNANSWERED_LIMIT
    pause = _PATIENCE * 2 ** min(lost - UNANSWERED_LIMIT - 1, 5) if slow else timedelta(0)
    return replace(memory, unanswered=lost, not_before=now + pause)


def unsent(memory: Memory) -> Memory:
    """It never left the machine: take the last count back."""
    return replace(memory, unanswered=max(0, memory.unanswered - 1), not_before=None)


def worked(memory: Memory) -> Memory:
    """The broker opened a connection."""
    return replace(memory, proven=True, unanswered=0, not_before=None)


def was_refused(memory: Memory, why: str) -> Memory:
    """The broker refused the credential, or locked the login for good."""
    return replace(memory, refused=why, proven=False, unanswered=0, not_before=None)


def must_wait(memory: Memory, until: datetime | None) -> Memory:
    """The broker answered: the login is locked until then, or in use if None."""
    return replace(memory, unanswered=0, not_before=until)


def forget(memory: Memory) -> Memory:
    """A person has looked at it: the credential may be tried again. A lock still is waited out."""
    return replace(memory, refused=None, unanswered=0)
