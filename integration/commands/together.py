"""Several portals in one process, a thread each: what fails at one holds up no other.

Source: C-MULTI-1.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from integration.clock import SystemClock
from integration.commands.opening import stoppable
from integration.config import Portal
from integration.errors import Exit

_log = logging.getLogger("integration.pipeline")


def together(portals: Sequence[Portal], follow: Callable[[Portal, SystemClock], int]) -> int:
    """Follow every portal until it ends or the program is to stop; give the worst exit code."""
    clocks = [SystemClock() for _ in portals]
    codes: list[int] = []

    def one(portal: Portal, clock: SystemClock) -> None:
        try:
            codes.append(follow(portal, clock))
        except Exception:  # noqa: BLE001  the other portals go on, whatever it is
            _log.exception("portal %s ended", portal.nickname)
            codes.append(Exit.NOT_ALL_STORED)

    threads = [
        threading.Thread(target=one, args=pair, name=pair[0].nickname)
        for pair in zip(portals, clocks, strict=True)
    ]
    with stoppable(*clocks):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return max(codes)
