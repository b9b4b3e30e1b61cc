"""What a schedule has done, so that each of its times is served once, over restarts too.

Source: C-SCHED-1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from integration.durable import make_folder, write
from integration.errors import Stop

_FILE: Final = "schedule.json"


@dataclass(frozen=True, slots=True)
class Runs:
    """How far a portal's schedule has come.

    Attributes:
        done: every time up to this instant of our clock has been served.
        fetched: all that changed before this instant of the broker's clock is stored; None before
            the first run.
    """

    done: datetime
    fetched: datetime | None = None


def read(folder: Path) -> Runs | None:
    """Give what was kept; None before the first start.

    Raises:
        Stop: the file is damaged.
    """
    path = folder / _FILE
    try:
        told = json.loads(path.read_bytes())
        fetched = told["fetched"]
        return Runs(
            datetime.fromisoformat(told["done"]),
            None if fetched is None else datetime.fromisoformat(fetched),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Stop(f"{path} cannot be read: {error}. Delete it if it is damaged.") from None


def keep(folder: Path, runs: Runs) -> None:
    """Keep it; on the disk before the call is over."""
    make_folder(folder)
    fetched = None if runs.fetched is None else runs.fetched.isoformat()
    write(folder / _FILE, json.dumps({"done": runs.done.isoformat(), "fetched": fetched}).encode())
