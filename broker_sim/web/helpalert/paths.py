"""Where the representative's desk is, and where its news come from."""

from __future__ import annotations

from typing import Final

PATHS: Final = ("/helpalert",)
EVENTS: Final = "/helpalert/events"
