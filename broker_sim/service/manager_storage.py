"""What the use cases ask of the store about managers, teams and the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from broker_sim.core.dashboard import Today
from broker_sim.core.management import Presence, Role


@dataclass(frozen=True, slots=True)
class Manager:
    """Who may use the Management Center.

    Attributes:
        email: the login, canonical. A representative with access has that of its desk, and
            logs in with the same password: `password_hash` is empty then.
        team: whose manager it is; None for other roles.
    """

    email: str
    name: str
    role: Role
    team: str | None
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Team:
    """A team; `parent` is the one that it is a part of."""

    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail: who did what to what, when.

    Attributes:
        number: grows; 0 for one that is not stored yet.
        actor: the login of who did it.
        action: a word of the code, like `portal.add`.
        portal: whose, where it is of one.
        subject: what it was done to.
        detail: what else is worth knowing; never a secret.
    """

    number: int
    at: datetime
    actor: str
    action: str
    portal: str | None
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of the audit trail are looked for: those that fit all that is said.

    Attributes:
        before: only numbers below it.
        start: not before it.
        end: before it.
        text: in the subject or the detail.
    """

    before: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    actor: str | None = None
    action: str | None = None
    portal: str | None = None
    text: str = ""


class ManagementTransaction(Protocol):
    """The part of a transaction that knows managers, teams and the audit trail."""

    def manager(self, email: str) -> Manager | None:
        """Give the manager of that canonical address."""

    def managers(self) -> Sequence[Manager]:
        """Give all managers, in order of their addresses."""

    def put_manager(self, manager: Manager) -> None:
        """Add a manager, or replace the one of that address."""

    def drop_manager(self, email: str) -> None:
        """Forget a manager and its logins."""

    def manager_login(self, digest: bytes) -> tuple[str, Presence] | None:
        """Give (address, login) by the SHA-256 of what the browser holds."""

    def open_manager_login(self, digest: bytes, email: str, now: datetime) -> None:
        """Keep a login that was opened now."""

    def touch_manager_login(self, digest: bytes, now: datetime) -> None:
        """Keep its last use."""

    def drop_manager_login(self, digest: bytes) -> None:
        """Forget one login."""

    def drop_manager_logins(self, email: str, but: bytes = b"") -> int:
        """Forget all logins of a manager but that one; give how many."""

    def forget_manager_logins(self, opened_by: datetime, used_by: datetime) -> int:
        """Drop logins opened, or last used, at these instants or before; give how many."""

    def note_deed(self, entry: Entry) -> None:
        """Add a line to the audit trail, with the next number; the entry's own is not used."""

    def deeds(self, wanted: Wanted, limit: int) -> Sequence[Entry]:
        """Give lines of the audit trail, the newest first."""

    def forget_deeds(self, to: datetime, limit: int) -> int:
        """Drop lines made at `to` or before, the oldest first; give how many."""

    def posted_between(
        self, portal: str, start: datetime, end: datetime
    ) -> Sequence[tuple[str, Today]]:
        """Give what [start, end) has brought, by sub-portal; those without anything left out."""

    def teams(self) -> Sequence[Team]:
        """Give all teams, by name."""

    def put_team(self, team: Team) -> None:
        """Add a team, or put it below another one."""

    def drop_team(self, name: str) -> None:
        """Forget a team."""
