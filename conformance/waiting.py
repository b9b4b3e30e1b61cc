"""Real waits, where a target has no clock that could be moved; the one place that lets time pass.

No wait is longer than `MOST_SECONDS`: a lock of five minutes is not worth it, a second is.
"""

import threading
from typing import Final

MOST_SECONDS: Final = 5.0


def wait(seconds: float) -> None:
    """Let so much time pass, `MOST_SECONDS` at most."""
    threading.Event().wait(min(seconds, MOST_SECONDS))
