"""Where tests kill the client: named points between the steps of its work.

FOR TESTS. Without `BROKER_CLIENT_CRASH_AT` a point does nothing. With it the process ends on the
spot, as at a power cut: no cleanup runs, nothing is flushed, the exit code is 137. The setting is
`<n>`, the n-th point that is passed, or `<name>:<n>`, the n-th time that this point is passed;
n counts from 1. `config.py` reads it and arms this module.

Source: C-ONCE-1, C-STORE-2.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn

POINTS: Final = (
    "logged-on",  # the connection is open and its id is kept
    "polled",  # a page of updates is noted, with its position
    "noted",  # ids of a range are noted
    "fetched",  # a session's record has come
    "part-begun",  # some bytes of a file lie on disk
    "part-whole",  # a file is complete and verified, outside of the archive
    "key-kept",  # a default key lies in its file
    "downloaded",  # all files of a session are complete
    "archive-written",  # the new archive is complete under its temporary name
    "archive-named",  # the archive has its final name
    "archived",  # and the ledger knows
    "recording",  # rows and cursor are written, the transaction is still open
    "recorded",  # the transaction is committed
    "stored",  # and the ledger knows
)
KILLED: Final = 137


def _end() -> NoReturn:
    os._exit(KILLED)


@dataclass
class _Fuse:
    name: str | None = None
    left: int = 0
    end: Callable[[], NoReturn] = _end
    guard: threading.Lock = field(default_factory=threading.Lock)


_fuse = _Fuse()


def arm(setting: str | None, end: Callable[[], NoReturn] = _end) -> None:
    """Choose the point at which to end; None for nowhere. `end` is how, for tests in process.

    Raises:
        ValueError: the setting names no point or no number from 1.
    """
    name, _, count = (setting or "0").rpartition(":")
    if name and name not in POINTS:
        msg = f"no such point: {name!r}; there are {', '.join(POINTS)}"
        raise ValueError(msg)
    if not count.isdigit() or (setting is not None and int(count) < 1):
        msg = f"not a count of points: {setting!r}"
        raise ValueError(msg)
    _fuse.name, _fuse.left, _fuse.end = name or None, int(count), end


def point(name: str) -> None:
    """Pass a point; the process ends here if the setting says so."""
    if not _fuse.left:
        return
    assert name in POINTS, name
    with _fuse.guard:
        if _fuse.name not in (None, name):
            return
        _fuse.left -= 1
        if _fuse.left == 0:
            _fuse.end()
