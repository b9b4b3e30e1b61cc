"""Both diagnostics files describe one machine, and it is the same one next time."""

from __future__ import annotations

import re
from collections import defaultdict

from hypothesis import given, settings
from lxml import etree

from broker_sim.core.record import Event, Session
from broker_sim.synthetic import diagnostics
from broker_sim.tests.synthetic_sessions import SEED, live, some, with_event

Tables = dict[str, list[list[str]]]


def of_xml(data: bytes) -> Tables:
    """Read the XML file: rows of cells by section."""
    root = etree.fromstring(data)
    assert root.tag == "remoteDiagnostics"
    return {
        str(section.get("title")): [[cell.text or "" for cell in row] for row in section]
        for section in root
    }


def of_text(data: bytes) -> Tables:
    """Read the text file: the line of dashes says where the columns are."""
    found: Tables = {}
    title = ""
    spans: list[tuple[int, int]] = []
    for line in data.decode("utf-8").split("\r\n"):
        if heading := re.fullmatch("== (.*) ==", line):
            title, spans = heading[1], []
            found[title] = []
        elif title and not spans and re.fullmatch("[- ]+", line):
            spans = [(dashes.start(), dashes.end()) for dashes in re.finditer("-+", line)]
        elif spans and line:
            found[title].append([line[start:end].rstrip() for start, end in spans])
    return found


def cell(tables: Tables, section: str, name: str) -> str:
    return next(row[1] for row in tables[section] if row[0] == name)


@given(live())
@settings(max_examples=30)
def test_both_files_say_the_same(one: Session) -> None:
    """REC-1: the same sections, rows and cells, well-formed whatever the customer is called."""
    as_xml, as_text = (read(1, one) for read in (_xml, _text))

    assert as_xml == as_text
    assert len(as_xml) == 11
    assert all(rows for rows in as_xml.values())


def _xml(seed: int, one: Session) -> Tables:
    return of_xml(diagnostics.xml(seed, one))


def _text(seed: int, one: Session) -> Tables:
    return of_text(diagnostics.text(seed, one))


def test_the_files_have_their_usual_size() -> None:
    """REC-1: about 30 KB and 56 KB, as in the seed's picture."""
    begun = [one for one in some(80) if one.started]
    texts = [len(diagnostics.text(SEED, one)) for one in begun]
    xmls = [len(diagnostics.xml(SEED, one)) for one in begun]

    assert 26_000 < min(texts) < max(texts) < 34_000
    assert 48_000 < min(xmls) < max(xmls) < 62_000


def test_a_customer_comes_back_with_the_same_machine() -> None:
    """Compared with earlier sessions only little differs: what time does to a machine."""
    visits = defaultdict(list)
    for one in some():
        if one.started:
            visits[one.customer_ip].append(one)
    first, *_, last = max(visits.values(), key=len)
    before, after = _xml(SEED, first), _xml(SEED, last)

    for name in ("Computer", "Operating system", "Serial number", "Memory", "Installed"):
        assert cell(before, "System", name) == cell(after, "System", name)
    names = [{row[0] for row in tables["Installed applications"]} for tables in (before, after)]
    assert names[0] == names[1]
    assert [row[:4] for row in before["Disks"]] == [row[:4] for row in after["Disks"]]
    assert before["Event log"] != after["Event log"]
    others = {cell(_xml(SEED, one[0]), "System", "Computer") for one in visits.values()}
    assert len(others) > len(visits) * 9 / 10


def test_what_was_said_of_a_version_is_what_is_installed() -> None:
    """The rep who reads an old version to the customer read it in the diagnostics."""
    found = 0
    for one in some():
        for event in one.events:
            said = re.search(r"diagnostics show ([\w ]+?) (\d[\d.]+\d)\.", event.detail)
            if said:
                found += 1
                rows = _xml(SEED, one)["Installed applications"]
                assert [row[1] for row in rows if row[0] == said[1]] == [said[2]]
    assert found > 2


def test_diagnostics_are_taken_when_the_events_say_so() -> None:
    """AGENT-2: no entry of the log is younger than that."""
    one = with_event(Event.DIAGNOSTICS_TAKEN)
    taken = next(e.time for e in one.events if e.kind is Event.DIAGNOSTICS_TAKEN)
    times = [row[0] for row in _xml(SEED, one)["Event log"]]

    assert f"Taken {taken:%Y-%m-%dT%H:%M:%SZ}" in diagnostics.text(SEED, one).decode()
    assert times == sorted(times)
    assert times[-1] <= f"{taken:%Y-%m-%d %H:%M:%S}"
