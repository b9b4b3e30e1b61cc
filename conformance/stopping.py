"""Ctrl-C and SIGTERM: the wish that a run ends, which nothing on the way may swallow."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Wish:
    """Whether somebody wants the run to end.

    The exception alone is not enough: it comes wherever the program just is, which may be in a
    library that makes an error of its own of it.
    """

    asked: bool = False

    def heed(self) -> None:
        """End the run here, if somebody wants it.

        Raises:
            KeyboardInterrupt: somebody does.
        """
        if self.asked:
            raise KeyboardInterrupt

    def hear(self, _number: int, _frame: object) -> None:
        """Take the signal."""
        self.asked = True
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Wish]:
    """Hear Ctrl-C, and SIGTERM alike, so that no client is left running; as before afterwards."""
    wish = Wish()
    before = {number: signal.signal(number, wish.hear) for number in _SIGNALS}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
