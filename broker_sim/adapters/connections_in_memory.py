"""The connections of a world in memory: beside its database, not in it.

Every call looks at a connection, and every logon makes one. A database in memory has one process
and one lock, so under that lock a dictionary keeps what the table would, in a tenth of the time.
The table has the connections in copies of the world only: they are written down before one is
made, and read when another world was put in the place of this one.

Source: CONN-1, CONN-2.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import connection as table
from broker_sim.adapters.sql_access import AccessRows
from broker_sim.core.connection import Connection
from broker_sim.service.storage import MustWrite

_ALL: Final = Prepared(select(table))
_DROP_ALL: Final = Prepared(delete(table))
_ADD: Final = Prepared(row_of(table))


class Connections:
    """The last connection of each login, and how to undo what a transaction did to them.

    Attributes:
        digests: of the connections' ids, by login.
        by_digest: the connections.
        before: what the transaction that goes on has replaced, in order.
    """

    def __init__(self) -> None:
        self.digests: dict[str, bytes] = {}
        self.by_digest: dict[bytes, Connection] = {}
        self.before: list[tuple[str, bytes | None, Connection | None]] = []
        self.are_read = False

    def of(self, login: str) -> Connection | None:
        """Give the login's last connection."""
        digest = self.digests.get(login)
        return None if digest is None else self.by_digest[digest]

    def change(self, login: str, digest: bytes | None, connection: Connection | None) -> None:
        """Keep a login's one connection in place of the one before, or none; can be undone."""
        before = self.digests.get(login)
        replaced = None if before is None else self.by_digest[before]
        self.before.append((login, before, replaced))
        self.put(login, digest, connection)

    def put(self, login: str, digest: bytes | None, connection: Connection | None) -> None:
        """Do so for good."""
        before = self.digests.pop(login, None)
        if before is not None:
            del self.by_digest[before]
        if digest is not None and connection is not None:
            self.digests[login] = digest
            self.by_digest[digest] = connection

    def end(self, *, undo: bool) -> None:
        """End a transaction: with what it did, or as if it had never been."""
        if undo:
            for replaced in reversed(self.before):
                self.put(*replaced)
        self.before.clear()

    def forget(self) -> None:
        """Forget all: another world is in the database now."""
        self.digests.clear()
        self.by_digest.clear()
        self.before.clear()
        self.are_read = False


class ConnectionsInMemory(AccessRows):
    """The part of a transaction that knows the connections, for a world in memory."""

    connections: Connections

    def connection(self, digest: bytes) -> Connection | None:
        """Give the connection whose id has this SHA-256."""
        return self._known().by_digest.get(digest)

    def connection_of(self, login: str) -> Connection | None:
        """Give the connection that the login opened last, if it is still kept."""
        return self._known().of(login)

    def count_login_connections(self, used_after: datetime) -> int:
        """Count the connections of API logins that were last used after this instant."""
        kept = self._known().by_digest.values()
        return sum(one.last_used > used_after for one in kept)

    def put_connection(self, digest: bytes, connection: Connection) -> None:
        """Keep the login's one connection, in place of the one before."""
        self._change(connection.login, digest, connection)

    def touch_connection(self, connection: Connection) -> None:
        """Keep its last use."""
        digest = self._known().digests.get(connection.login)
        if digest is not None:
            kept = self.connections.by_digest[digest]
            used = kept._replace(last_used=connection.last_used)
            self._change(connection.login, digest, used)

    def drop_connection(self, login: str) -> None:
        """Forget the login's connection."""
        self._change(login, None, None)

    def write_down(self) -> None:
        """Put the connections into the table, for a copy of the world."""
        known = self._known()
        self.run(_DROP_ALL)
        for login, digest in known.digests.items():
            connection = known.by_digest[digest]
            self.run(
                _ADD,
                username=login,
                digest=digest,
                portal_id=self.number(connection.portal),
                last_used=to_ms(connection.last_used),
            )

    def _change(self, login: str, digest: bytes | None, connection: Connection | None) -> None:
        if not self.may_write:
            raise MustWrite
        self._known().change(login, digest, connection)

    def _known(self) -> Connections:
        """Give the connections; those of a world that was put in just now, out of its table."""
        known = self.connections
        if not known.are_read:
            known.are_read = True
            for login, digest, portal_id, last_used in self.all(_ALL):
                opened = Connection(login, self.names.name(portal_id, self), from_ms(last_used))
                known.put(login, bytes(digest), opened)
        return known
