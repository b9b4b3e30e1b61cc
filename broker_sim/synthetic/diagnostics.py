"""Remote diagnostics: one invented machine, written down as text and as XML.

Both files hold the same sections, so that one can be checked against the other. The real
files' inner form was never public.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from broker_sim.core.record import Session
from broker_sim.service.ports import Table
from broker_sim.synthetic.machine import Machine, Section, hardware, inspect
from broker_sim.synthetic.software import software

_GAP: Final = "  "


def text(seed: int, session: Session) -> bytes:
    """Give `remoteDiagnostics.txt`: UTF-8, tables of padded columns, lines ended by CR LF."""
    machine = inspect(seed, session)
    lines = [f"REMOTE DIAGNOSTICS  session {session.session_id}", f"Taken {_instant(machine)}", ""]
    for section in (*hardware(machine), *software(machine)):
        lines += _table(section)
    return "\r\n".join(lines).encode()


def xml(seed: int, session: Session) -> bytes:
    """Give `remoteDiagnosticsN.xml`: UTF-8, one element per section, row and cell."""
    machine = inspect(seed, session)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<remoteDiagnostics session="{session.session_id}" taken="{_instant(machine)}">',
    ]
    for section in (*hardware(machine), *software(machine)):
        lines += _elements(section)
    lines.append("</remoteDiagnostics>\n")
    return "\n".join(lines).encode()


def tables(seed: int, session: Session) -> list[Table]:
    """Give the sections of both files, their columns named as the text names them."""
    machine = inspect(seed, session)
    return [
        Table(section.title, [name.replace("_", " ") for name in section.columns], section.rows)
        for section in (*hardware(machine), *software(machine))
    ]


def _instant(machine: Machine) -> str:
    return f"{machine.taken:%Y-%m-%dT%H:%M:%SZ}"


def _table(section: Section) -> Iterator[str]:
    yield f"== {section.title} =="
    names = tuple(column.replace("_", " ") for column in section.columns)
    widths = [max(len(row[place]) for row in (names, *section.rows)) for place in range(len(names))]
    for row in (names, tuple("-" * width for width in widths), *section.rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield _GAP.join(cells).rstrip()
    yield ""


def _elements(section: Section) -> Iterator[str]:
    yield f' <section title="{escape(section.title)}">'
    for row in section.rows:
        cells = (
            f"<{column}>{escape(cell)}</{column}>" if cell else f"<{column}/>"
            for column, cell in zip(section.columns, row, strict=True)
        )
        yield f"  <{section.tag}>{''.join(cells)}</{section.tag}>"
    yield " </section>"
