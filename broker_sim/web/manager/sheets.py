"""Answers as CSV: UTF-8 with a mark that spreadsheets look for, no cell taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response

# A cell that begins with one of these is worked out by spreadsheets, unless a quote is before it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  the wide ones count, too


def cell(value: object) -> object:
    """Give what may stand in a cell: numbers as they are, no text that would be worked out."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def sheet(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Answer with a file of that name."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(heads)
    writer.writerows([cell(value) for value in row] for row in rows)
    answer = Response(written.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
