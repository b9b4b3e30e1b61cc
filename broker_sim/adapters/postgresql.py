"""What is PostgreSQL's own: who waits for whom, and what happens when the server is gone.

A transaction that writes takes one advisory lock, the world's, before it reads anything. Under
the lock it reads what was committed last (READ COMMITTED), and nobody changes what it has read.
So every use case is as safe as behind SQLite's one writer, whatever rows it touches, and two
never wait for each other crosswise. A lock for each portal would not do: a representative
serves several. Rows locked one by one would have to be taken in one order by every use case
there is. SERIALIZABLE would have to run use cases again, which have drawn ids and keys by then.

A transaction that only reads waits for nobody: it sees one moment (REPEATABLE READ).
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine

from broker_sim.core.refusal import Refused

if TYPE_CHECKING:
    from broker_sim.adapters.database import Database

DRIVERS: Final = ("postgresql", "postgres", "postgresql+psycopg")
DRIVER: Final = "postgresql+psycopg"
# In milliseconds. Who waits longer for a lock is refused, as by SQLite's busy_timeout; who is
# silent inside a transaction for so long has hung, and must not hold its lock any longer.
_SESSION: Final = "SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 60000"
READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


# The world's lock: a number that other programs on this database are unlikely to use. Also for
# what is made or mended when a broker starts; see `migrate`.
LOCK_WORLD: Final = "SELECT pg_advisory_xact_lock(7071083298765120358)"
WRITE: Final = f"BEGIN; {LOCK_WORLD}"


class Unreachable(RuntimeError):  # noqa: N818  it says what is the matter
    """The database server does not answer; the next call tries again."""


class Transaction:
    """A driver cursor in a transaction, like SQLite's.

    Args:
        database: where.
        begin: the statement that begins it; a query on its own ends with itself.
    """

    __slots__ = ("_begin", "_cursor", "_database", "_raw")

    def __init__(self, database: Database, begin: str) -> None:
        self._database = database
        self._begin = begin

    def __enter__(self) -> Any:
        """Begin; on a new connection where the server has ended the old one.

        Raises:
            Unreachable: the server does not answer.
        """
        if not self._began() and not self._began():
            msg = f"the store {self._database.place} ends every connection"
            raise Unreachable(msg)
        return self._cursor

    def _began(self) -> bool:
        """Begin; tell whether the connection was still there."""
        self._raw = raw = self._database.connection()
        self._cursor = raw.cursor()
        try:
            self._cursor.execute(self._begin)
        except Exception:  # whatever the driver calls it, only whether the line still stands counts
            if not raw.closed:
                raw.rollback()
                raise
            self._database.forget()
            return False
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        raw = self._raw
        try:
            if kind is None or issubclass(kind, Refused):
                raw.commit()
            elif not raw.closed:
                raw.rollback()
        finally:
            if raw.closed:
                self._database.forget()
            else:
                self._cursor.close()


def inside(raw: Any) -> bool:
    """Tell whether a connection is in the middle of a transaction."""
    return raw.info.transaction_status.name in {"ACTIVE", "INTRANS", "INERROR"}


def connect(engine: Engine) -> Any:
    """Give a new connection of the driver, whose transactions begin where we say.

    The engine would ask the server half a dozen things first, which only its own statements need.

    Raises:
        Unreachable: the server does not answer.
    """
    dialect = engine.dialect
    where, how = dialect.create_connect_args(engine.url)
    try:
        raw: Any = dialect.connect(*where, **how)
    except dialect.loaded_dbapi.OperationalError as problem:
        msg = f"the store {engine.url} does not answer: {problem}"
        raise Unreachable(msg) from problem
    raw.autocommit = True
    raw.execute(_SESSION)
    return raw


def step_of(raw: Any) -> str | None:
    """Give the step of the migrations that the tables are at; None where there are none."""
    if raw.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
        return None
    row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])
