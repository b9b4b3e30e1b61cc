"""Ends a process whose judgement hangs, and says where; a busy machine is no hang."""

import faulthandler
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

# No property lasts as long, also where the processor is shared with ten others.
_HANGS_SECONDS: Final = 600.0

# Tells the watchdog that the judgement goes on.
Beat: TypeAlias = Callable[[], None]


def unwatched() -> None:
    """Tell nobody: a beat where no watchdog looks on."""


class Watch:
    """Looks on while the suite judges: tells the watchdog of every property that begins."""

    def __init__(self, beat: Beat) -> None:
        self._beat = beat

    def begins(self, name: str, judged: Sequence[str]) -> None:
        """Tell that it goes on."""
        del name, judged
        self._beat()

    def ends(self, name: str, seconds: float, broken: str | None) -> None:
        """Look at nothing."""

    def waits(self, seconds: float) -> None:
        """Look at nothing."""


@contextmanager
def watched(hangs_seconds: float = _HANGS_SECONDS) -> Iterator[Beat]:
    """End this process, and say on stderr where it hung, if no beat comes for so long.

    What is bounded is the time between two beats, not that of the block: a whole judgement takes
    as long as the machine has for it.
    """

    def beat() -> None:
        faulthandler.dump_traceback_later(hangs_seconds, exit=True)

    beat()
    try:
        yield beat
    finally:
        faulthandler.cancel_dump_traceback_later()
