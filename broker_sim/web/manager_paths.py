"""Where the Management Center stands; apart from it, so that knowing it takes no Flask."""

from typing import Final

ROOT: Final = "/manager"
PATHS: Final = (ROOT,)
