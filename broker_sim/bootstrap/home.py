"""A broker's home while it serves: nobody else's, until its last process is gone."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from broker_sim.remote import ENVIRONMENT
from broker_sim.settings import Settings, UsageError

_LOCK: Final = ".lock"
_TRIES: Final = 20
_BREATH_SECONDS: Final = 0.05


@contextmanager
def alone_in(settings: Settings) -> Iterator[Path]:
    """Keep other served brokers out of the home; give the path of its `env.json`.

    The system frees the lock with the last process that holds it, however that ends: workers,
    which are forks, hold it with their parent.

    Raises:
        UsageError: another broker serves with this home, or nobody can.
    """
    told = settings.home / ENVIRONMENT
    lock = _opened(settings.home)
    try:
        if not _taken(settings.home, lock):
            raise UsageError(_refusal(settings, told))
        yield told
    finally:
        os.close(lock)


def _opened(home: Path) -> int:
    """Open the file that is locked; give its descriptor."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(home / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as wrong:
        msg = f"the home {home} cannot be used ({wrong.strerror}): name a folder of yours by --home"
        raise UsageError(msg) from wrong


def _taken(home: Path, lock: int) -> bool:
    """Take the lock; the workers of a broker that was just killed need a moment to be gone.

    Raises:
        UsageError: the file system has no locks, as some of a network have none.
    """
    pause = threading.Event()
    for _ in range(_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(_BREATH_SECONDS)
        except OSError as wrong:
            msg = (
                f"the home {home} cannot be locked ({wrong.strerror}): name a folder on a disk of"
                " this machine by --home"
            )
            raise UsageError(msg) from wrong
        else:
            return True
    return False


def _refusal(settings: Settings, told: Path) -> str:
    where = ""
    with suppress(OSError, ValueError, KeyError):  # it may just be starting, or ending
        where = f", at {json.loads(told.read_text(encoding='utf-8'))['baseUrl']}"
    said = f"a broker serves with the home {settings.home} already{where}"
    if settings.in_memory:
        return f"{said}: give this one, whose data are in memory, another folder with --home"
    return f"{said}: end that one, or give this one another folder with --home"
