"""The people and things of one world that managers' deeds are done to."""

from __future__ import annotations

from typing import Any, Final

from broker_sim.core.management import Role
from broker_sim.service.manager_storage import Wanted
from broker_sim.service.storage import Portal
from broker_sim.testing.world import BrokerWorld

GOOD: Final = "Quite-Odd-77"
NEW_PORTAL: Final = Portal("new", "New", "", "SmartBox", ("a", "b"), hard_lockouts=False)


class Cast:
    """The seeded people and things that deeds are done to.

    Attributes:
        managers: the address of each role's.
        rep: of the team that the team manager has; `desk` is the first that it serves.
        portal: the first one; `login` is its first API login.
    """

    def __init__(self, world: BrokerWorld) -> None:
        self.made = world
        self.hands = world.tester
        self.world = world.tester.world
        self.managers = {Role(role): email for role, email, _ in world.manager_logins}
        with self.world.store.reading() as tx:
            self.rep = next(m.rep for m in tx.members() if m.rep.team == "Service Desk")
            self.desk = tx.desks(self.rep.email)[0]
            self.portal = tx.portals()[0].name
            self.login = tx.logins(self.portal)[0].username

    def tables(self) -> Any:
        """Give all rows but the audit trail's, to see what was changed."""
        tables = dict(self.world.store.tables())  # type: ignore[attr-defined]  # of the SQL store
        return {name: rows for name, rows in tables.items() if name != "audit"}

    def deeds(self) -> list[Any]:
        with self.world.store.reading() as tx:
            return list(tx.deeds(Wanted(), 100))
