"""Where the customer's pages stand; apart from them, so that knowing it takes no Flask."""

from typing import Final

PATHS: Final = ("/h", "/sb", "/ph", "/ds", "/servlet/dispatch/ds", "/cs")
