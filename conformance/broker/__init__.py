"""The suite for brokers: one module per chapter; importing this makes all properties known.

The order here is the order in which a broker is judged: a rule that others lean on comes
before them.
"""

from importlib import import_module
from typing import Final

CHAPTERS: Final = (
    "wire",
    "logon",
    "locks",
    "lockouts",
    "counting",
    "connections",
    "lasting",
    "rates",
    "portals",
    "sessions",
    "fields",
    "listings",
    "ranges",
    "updates",
    "recordings",
    "keys",
    "retention",
    "purging",
    "monitors",
    "agreement",
    "phone",
    "codes_at_work",
    "guessing",
    "agents",
    "desks",
    "hearing",
    "polling",
    "marks",
    "launching",
    "routing",
    "picking",
    "consent",
    "surveys",
    "channels",
    "faults",
    "restarts",
    "as_found",
    "as_lived",
)
for _chapter in CHAPTERS:
    import_module(f"{__name__}.{_chapter}")
