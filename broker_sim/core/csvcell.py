"""What a cell of a CSV file may hold, so that no spreadsheet takes it for a formula.

Source: SEC-2.
"""

from __future__ import annotations

from typing import Final

_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(text: str) -> str:
    """Give a text with an apostrophe before it where a spreadsheet would reckon.

    Blanks before the sign do not save it, nor does another width of the sign.
    """
    first = text.lstrip(" \N{NO-BREAK SPACE}\N{ZERO WIDTH NO-BREAK SPACE}")[:1]
    narrow = chr(ord(first) - 0xFEE0) if first and 0xFF01 <= ord(first) <= 0xFF5E else first
    return f"'{text}" if narrow in _BEGINS and first else text
