"""Reads the text of remote diagnostics: sections, each a table of padded columns.

Source: REC-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TITLE = re.compile(r"== (.+) ==")
_RULE = re.compile(r"-+(?: +-+)*")


@dataclass(frozen=True, slots=True)
class Section:
    """One table: every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(text: str) -> tuple[Section, ...]:
    """Give the tables of `remoteDiagnostics.txt`; what is no table is passed over."""
    lines = text.splitlines()
    found = []
    for place, line in enumerate(lines[:-2]):
        title = _TITLE.fullmatch(line)
        if title and _RULE.fullmatch(lines[place + 2]):
            found.append(_section(title[1], lines[place + 1 :]))
    return tuple(found)


def _section(title: str, lines: list[str]) -> Section:
    """Read a table: its names, the rule that shows its columns, rows up to an empty line."""
    spans = [match.span() for match in re.finditer("-+", lines[1])]
    ends = [start for start, _ in spans[1:]]
    body = lines[2 : lines.index("", 2)] if "" in lines[2:] else lines[2:]
    columns = _cells(lines[0], spans, ends)
    return Section(title, columns, tuple(_cells(line, spans, ends) for line in body))


def _cells(line: str, spans: list[tuple[int, int]], ends: list[int]) -> tuple[str, ...]:
    stops: list[int | None] = [*ends, None]
    return tuple(line[start:stop].rstrip() for (start, _), stop in zip(spans, stops, strict=True))
