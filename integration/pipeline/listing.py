"""All sessions of a range, over page borders and while the broker's retention moves on.

Source: C-TIME-1, SESS-5, SESS-6.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from integration.core import backoff, window
from integration.core.ports import Clock, Sessions
from integration.core.window import Window
from integration.errors import BehindEdge, Exit, PageLost, Park, Retry, Stop

# Questions about the whole portal are asked so often before a person is told
PATIENCE: Final = 6
_RESTARTS: Final = 20
_log = logging.getLogger("integration.pipeline")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists sessions.

    Attributes:
        page_max: how many ids a full page has; a shorter one is the last.
        clamp: where the range starts before the broker's retention, start there instead.
    """

    broker: Sessions
    clock: Clock
    page_max: int
    clamp: bool = False

    def every(self, asked: Window, by: str = "Ended") -> tuple[Window, list[int]]:
        """List all sessions of a range, each once, in the broker's order.

        Returns:
            The range that was listed, shorter than `asked` if it was clamped, and the ids.

        Raises:
            BehindEdge: the range starts before the retention edge, and there is no `clamp`.
            Retry: the broker did not answer, or its pages did not come to an end.
        """
        listed, refusals = asked, 0
        seen: dict[int, None] = {}
        for _ in range(_RESTARTS):
            try:
                self._pages(listed, by, seen)
            except PageLost:
                continue  # a session went away while we listed; what was seen stays seen
            except BehindEdge as behind:
                if not self.clamp and not seen:
                    raise
                refusals += 1
                start = max(listed.start, window.later_edge(behind.edge, refusals))
                listed = replace(listed, start=min(start, listed.end))
                if listed.start == listed.end:
                    return listed, list(seen)
            else:
                return listed, list(seen)
        raise Retry("the list of sessions does not come to an end")

    def _pages(self, listed: Window, by: str, seen: dict[int, None]) -> None:
        after: int | None = None
        while True:
            page = patiently(
                self.clock,
                lambda: self.broker.session_ids(listed, by=by, after=after),  # noqa: B023  called at once
            )
            seen.update(dict.fromkeys(page))
            if len(page) < self.page_max:
                return
            if after == page[-1]:
                raise Retry("the broker repeats a page")
            after = page[-1]


def patiently(clock: Clock, ask: Callable[[], T], patience: int = PATIENCE) -> T:
    """Ask again after failures that may pass, more slowly each time, up to `patience` times.

    Raises:
        Retry: it failed so often, or the program is to stop.
    """
    for failures in range(1, patience + 1):
        try:
            return ask()
        except Park as why:
            raise Stop(str(why), exit_code=Exit.NOT_ALL_STORED) from None
        except Retry as why:
            seconds = max(why.after or 0.0, backoff.delay(failures, clock.chance()))
            if failures == patience:
                raise
            _log.warning("%s; again in %.1f s", why, seconds)
            if clock.wait(seconds):
                raise
    raise AssertionError  # patience is at least 1
