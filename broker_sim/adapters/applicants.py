"""Who wants to log on, as the database told it last; for a world in memory.

A logon asks for its login and for how often it failed. What was read holds until anything is
written, whatever it is: then all of it is forgotten. Only a database that one process has for
itself lets that be known, so a world in a file or on a server is asked every time.

Source: LOGON-3 to LOGON-5.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from broker_sim.adapters.sql_access import APPLICANT, AccessRows
from broker_sim.core.lockout import Lockout
from broker_sim.service.storage import Login, Standing

# Names that are remembered; with so many, all are forgotten. Callers may invent them.
_MOST: Final = 4096


class Applicant(NamedTuple):
    """What the database knows of a name, be it that of a login or not."""

    lockout: Lockout
    login: Login | None


class ApplicantsInMemory(AccessRows):
    """The part of a transaction that looks at who wants to log on, for a world in memory."""

    applicants: dict[str, Applicant]

    def look_up(self, name: str) -> Standing:
        """Give the standing of a name, which is as long as every database keeps it."""
        known = self.applicants.get(name) or self._read(name)
        return Standing(known.lockout, known.login, self.connection_of(name))

    def begin(self) -> None:
        """Be told that something is about to be written; see `Rows`."""
        super().begin()
        self.applicants.clear()

    def _read(self, name: str) -> Applicant:
        if len(self.applicants) >= _MOST:
            self.applicants.clear()
        row = self.one(APPLICANT, b_name=name)
        found = self.applicants[name] = Applicant(*self.applicant(row))
        return found
