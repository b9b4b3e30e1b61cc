"""Which sub-portals representatives take requests from, in SQL.

Source: AGENT-1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, select, text

from broker_sim.adapters.prepared import Prepared
from broker_sim.adapters.schema import desk, portal
from broker_sim.adapters.sql_base import Rows
from broker_sim.service.staff_storage import Desk

ADD_DESK: Final = Prepared(
    text(
        "INSERT INTO desk (portal_id, sub_portal, email) VALUES (:portal_id, :sub_portal, :email)"
        " ON CONFLICT (portal_id, sub_portal, email) DO NOTHING"
    )
)
_DESKS: Final = Prepared(
    select(desk.c.portal_id, desk.c.sub_portal).where(desk.c.email == bindparam("b_email"))
)
_ALL: Final = Prepared(
    select(desk.c.email, portal.c.name, desk.c.sub_portal).join(
        portal, portal.c.id == desk.c.portal_id
    )
)
_DROP_DESK: Final = Prepared(
    delete(desk).where(
        desk.c.portal_id == bindparam("b_portal"),
        desk.c.sub_portal == bindparam("b_sub_portal"),
        desk.c.email == bindparam("b_email"),
    )
)


class DeskRows(Rows):
    """The part of a transaction that knows desks."""

    def assign(self, email: str, desk: Desk) -> bool:
        """Let a rep take requests from a sub-portal; False where it does already."""
        portal, sub_portal = desk
        values = {"portal_id": self.number(portal), "sub_portal": sub_portal, "email": email}
        return bool(self.run(ADD_DESK, **values).rowcount)

    def desks(self, email: str) -> Sequence[Desk]:
        """Give the (portal, sub-portal) pairs that a rep serves, in order."""
        rows = self.all(_DESKS, b_email=email)
        return sorted((self.names.name(number, self), sub_portal) for number, sub_portal in rows)

    def all_desks(self) -> Mapping[str, Sequence[Desk]]:
        """Give the desks of all who serve some, in order, by e-mail address."""
        found: dict[str, list[Desk]] = {}
        for email, name, sub_portal in sorted(self.all(_ALL)):
            found.setdefault(email, []).append((name, sub_portal))
        return found

    def unassign(self, email: str, desk: Desk) -> bool:
        """Let a rep take no more requests from a sub-portal; False where it took none."""
        portal, sub_portal = desk
        number = self.number(portal)
        values = {"b_portal": number, "b_sub_portal": sub_portal, "b_email": email}
        return bool(self.run(_DROP_DESK, **values).rowcount)
