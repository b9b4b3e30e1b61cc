"""The first word with the broker: how long to wait for it, and when to tell a person instead.

Source: C-CONN-1, C-LOCK-1, C-NET-2.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from integration.core import backoff
from integration.core.ports import Clock, Sessions
from integration.core.record import Portal
from integration.errors import Busy, Exit, Locked, Park, Retry, Stop

PATIENCE: Final = 4
_log = logging.getLogger("integration.pipeline")


def connect(broker: Sessions, clock: Clock, *, persistent: bool) -> Portal:
    """Be logged on and read the portal.

    A login that another program holds is waited for. A lock and a broker that does not answer
    are waited for only if `persistent`; else a person is told.

    Raises:
        Stop: refused, locked, not to be reached, or the program is to stop.
    """
    failures = 0
    while True:
        try:
            return broker.connect()
        except Busy as busy:
            seconds = max(busy.after or 0.0, 1.0)
            _log.warning("%s: waiting until %s", busy, _clock_time(clock, seconds))
        except Locked as locked:
            seconds = max(locked.after or 0.0, 1.0)
            if not persistent:
                when = _clock_time(clock, seconds)
                raise Stop(f"{locked}. Try again after {when}.", exit_code=Exit.REFUSED) from None
            _log.warning("%s: waiting until %s", locked, _clock_time(clock, seconds))
        except (Retry, Park) as why:
            failures += 1
            if not persistent and failures >= PATIENCE:
                raise Stop(str(why), exit_code=Exit.UNREACHABLE) from None
            after = getattr(why, "after", None) or 0.0
            seconds = max(after, backoff.delay(failures, clock.chance()))
            _log.warning("%s; again in %.1f s", why, seconds)
        if clock.wait(seconds):
            raise Stop("stopped", exit_code=Exit.INTERRUPTED)


def _clock_time(clock: Clock, seconds: float) -> str:
    moment = clock.now() + timedelta(seconds=seconds)
    return moment.isoformat(sep=" ", timespec="seconds")
