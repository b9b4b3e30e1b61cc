"""How reviews read and write: diagnostics, cells of a CSV, places of a list, charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import recording
from broker_sim.core import diagnostics, reporting
from broker_sim.core.record import Session
from broker_sim.synthetic import diagnostics as machines
from broker_sim.web.manager import charts, looking, sheets, shown

STARTED = datetime(2030, 1, 15, 9, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001  given its zone here
    lambda naive: naive.replace(microsecond=naive.microsecond // 1000 * 1000, tzinfo=UTC)
)


@given(seed=st.integers(0, 2**32), number=st.integers(recording.RECORD_BYTES, 10**9))
def test_the_text_of_diagnostics_is_read_as_the_xml_has_it(seed: int, number: int) -> None:
    """REC-1: two files of the same machine, cell by cell."""
    session = Session(number, "p", "s", "Why?", STARTED, started=STARTED, ended=STARTED)
    found = diagnostics.sections(machines.text(seed, session).decode())
    root = etree.fromstring(machines.xml(seed, session))

    assert [one.title for one in found] == [one.get("title") for one in root]
    for section, element in zip(found, root, strict=True):
        cells = [tuple((cell.text or "").rstrip() for cell in row) for row in element]
        assert [tuple(row) for row in section.rows] == cells


@given(st.text(max_size=400))
def test_any_text_is_read_as_diagnostics_without_an_error(text: str) -> None:
    """What a real customer's machine writes, no generator knows."""
    for section in diagnostics.sections(f"== A ==\nname  value\n----  -----\n{text}"):
        assert all(len(row) == len(section.columns) for row in section.rows)


@given(st.text(max_size=20), st.sampled_from(["", " ", "=", "+", "-", "@", "\t", " ="]))
def test_no_text_in_a_cell_begins_a_formula(text: str, lead: str) -> None:
    """SEC-2: and one that would not is left as it is."""
    written = str(sheets.cell(lead + text))

    assert not written.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert written in (lead + text, f"'{lead}{text}")


@given(INSTANTS, st.integers(1, 10**18 - 1))
def test_a_place_of_the_list_is_read_as_it_was_written(posted: datetime, number: int) -> None:
    """So that the next page begins where the last one ended."""
    assert looking.place(looking.written((posted, number))) == (posted, number)


@given(st.dictionaries(st.text(), st.integers(0, 10**6)))
def test_bars_are_as_long_as_what_they_stand_for(values: dict[str, int]) -> None:
    """The longest is whole; shares make one together."""
    bars = charts.bars(dict(values))
    most, whole = max(values.values(), default=0), sum(values.values())

    assert [bar.value for bar in bars] == list(values.values())
    assert all(bar.part * (most or 1) == pytest.approx(100 * bar.value) for bar in bars)
    assert not whole or sum(bar.share for bar in bars) == pytest.approx(1)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=91))
def test_columns_stay_in_their_picture_and_stand_on_its_floor(values: list[int]) -> None:
    """Heights are to scale, and no label is where no column is."""
    days = {STARTED.date() + timedelta(days=n): {"posted": v} for n, v in enumerate(values)}
    chart = charts.by_day(days, reporting.POSTED)
    top = chart.ticks[-1][0]

    assert top >= max(values)
    for column, value in zip(chart.columns, values, strict=True):
        assert column.height * top == pytest.approx(100 * value)
        assert column.y + column.height == pytest.approx(100)
        assert 0 <= column.x < column.x + column.width <= chart.width
    assert len(chart.labels) <= 10


@given(st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), st.integers(1, 999)))
def test_a_heat_map_is_deepest_where_most_is(cells: dict[tuple[int, int], int]) -> None:
    """Nothing has no colour, and something always has one."""
    rows = charts.heat({reporting.hour(*cell): value for cell, value in cells.items()})
    seen = {(d, h): row.hours[h] for d, row in enumerate(rows) for h in range(24)}

    assert all(value == cells.get(cell, 0) for cell, (value, _) in seen.items())
    assert all((value == 0) == (depth == 0) for value, depth in seen.values())
    assert not cells or max(depth for _, depth in seen.values()) == 8


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 s"), (59_499, "59 s"), (59_500, "1 min 00 s"), (61_000, "1 min 01 s"),
     (3_599_600, "1 h 00 min"), (3_660_000, "1 h 01 min"), (None, "\N{EN DASH}")],
)  # fmt: skip
def test_spans_are_written_for_people(milliseconds: float | None, text: str) -> None:
    """Rounded once, so that no minute has sixty seconds."""
    assert shown.span(milliseconds) == text
