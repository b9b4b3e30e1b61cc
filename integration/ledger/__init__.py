"""Every session's journey, noted on disk after each step; also what `status` reads.

Source: C-ONCE-1, C-ONCE-3.
"""

from integration.ledger.journal import Ledger
from integration.ledger.presence import Presence, present
from integration.ledger.view import Totals, View, Waiting

__all__ = ["Ledger", "Presence", "Totals", "View", "Waiting", "present"]
