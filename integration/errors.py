"""What went wrong, told by what to do about it.

Foreign exceptions (of sockets, TLS, SOAP, databases) are turned into one of these once, at the
edge where they arise. None of them carries a password, a key or a customer's words.

Source: C-LOCK-1, C-NET-2, REC-3.
"""

from datetime import datetime
from enum import IntEnum


class Exit(IntEnum):
    """What the program's exit code says."""

    OK = 0
    NOT_ALL_STORED = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4
    INTERRUPTED = 130


class Retry(Exception):  # noqa: N818  named for what to do
    """The broker or the way to it failed for now: try again later, more slowly each time.

    Attributes:
        after: seconds to wait at least, where the broker named them; else None.
    """

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Unreachable(Retry):
    """The call never left: no name, no route, no TLS. The broker cannot have seen it."""


class Locked(Retry):
    """The login is locked for a while: no logon before `after` seconds have passed."""


class Busy(Retry):
    """Another connection of this login is alive: it ends within `after` seconds if unused."""


class LinkExpired(Retry):
    """A download link no longer works: fetch the session again for a new one."""


class Stop(Exception):  # noqa: N818  named for what to do
    """Going on would do harm or is pointless: end the program and tell a person why.

    A refused login is the chief of these: repeated, it locks the account.

    Attributes:
        exit_code: what the program ends with.
    """

    def __init__(self, message: str, *, exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Park(Exception):  # noqa: N818  named for what to do
    """This one session or file cannot be had: note why, put it aside, go on with the others."""


class Distrust(Exception):  # noqa: N818  named for what happened to the data
    """Data failed verification: do not store it, fetch it again, then give up with a report."""


class Misplaced(Exception):  # noqa: N818  named for what happened
    """The question was out of bounds and the broker named the bound: ask a corrected one."""


class BehindEdge(Misplaced):
    """The range starts before `edge`, where the broker's retention ends. Source: SESS-6."""

    def __init__(self, edge: datetime) -> None:
        super().__init__(f"the broker keeps nothing that ended before {edge.isoformat()}")
        self.edge = edge


class LogTruncated(Misplaced):
    """The change log no longer goes back to our cursor but only to `oldest`. Source: UPD-3."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"the broker's change log begins at update {oldest}")
        self.oldest = oldest


class CursorAhead(Misplaced):
    """The change log ends at `newest`, before our cursor: it is not the log we read. UPD-4."""

    def __init__(self, newest: int) -> None:
        super().__init__(f"the broker's change log ends at update {newest}, before our cursor")
        self.newest = newest


class PageLost(Misplaced):
    """The session that a page was to go on after is gone: list again from the start."""
