"""How long does a connection live, and who may use it?

A login has at most one live connection. It ends at logoff, or by itself when it has not
been used for twenty minutes. The last use is kept to the second.

Source: CONN-1 to CONN-3.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from broker_sim.contract import faults, limits
from broker_sim.core.refusal import Refused


class Connection(NamedTuple):
    """What one logon opened; made in half a dataclass's time, as every logon makes one.

    Attributes:
        login: the canonical user name; it has no other live connection.
        portal: the only portal whose data the connection sees. CONN-4.
        last_used: when it was last used, the fraction of the second left out.
    """

    login: str
    portal: str
    last_used: datetime


def to_the_second(now: datetime) -> datetime:
    """Leave the fraction of the second out."""
    return now - timedelta(0, 0, now.microsecond)  # half of what `replace` takes


def open_for(login: str, portal: str, now: datetime) -> Connection:
    """Open a connection at `now`."""
    return Connection(login, portal, to_the_second(now))


def ends_at(connection: Connection) -> datetime:
    """Tell the first instant at which the connection, unused, has ended."""
    return connection.last_used + limits.CONNECTION_IDLE


def is_live(connection: Connection, now: datetime) -> bool:
    """Tell whether the connection still lives at `now`: in [opened, `ends_at`)."""
    return now < ends_at(connection)


def use(connection: Connection, now: datetime) -> Connection:
    """Use the connection at `now`, which keeps it alive for another twenty minutes.

    Returns:
        The connection itself where it was used in this second before.

    Raises:
        Refused: ConnectionExpired; it has ended.
    """
    if not is_live(connection, now):
        raise Refused(faults.CONNECTION_EXPIRED)
    second = to_the_second(now)
    return connection if second == connection.last_used else connection._replace(last_used=second)


def refuse_second(live: Connection | None, now: datetime) -> None:
    """Refuse a logon while the login's connection lives.

    Raises:
        Refused: AlreadyLoggedOn, with the seconds until the idle one ends, rounded up.

    Source: CONN-1.
    """
    if live is not None and is_live(live, now):
        left = -((now - ends_at(live)) // timedelta(seconds=1))
        raise Refused(faults.ALREADY_LOGGED_ON, seconds_left=left)
