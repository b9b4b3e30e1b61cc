"""The transcript and the properties file can be read back, whatever was typed."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from broker_sim.core import record, session
from broker_sim.core.chat import heard
from broker_sim.core.record import Event, Labelled, Session
from broker_sim.synthetic import chat
from broker_sim.synthetic.properties import properties
from broker_sim.tests.synthetic_sessions import START, live, some, texts, with_event

MARKERS = {chat.BEFORE_TRANSFER, chat.AFTER_TRANSFER}


def blocks(data: bytes) -> list[tuple[str, str, str]]:
    """Read a transcript as its format says: (speaker, time, text); ("", "", marker)."""
    found = []
    for block in data.decode("utf-8").removesuffix("\n").split("\n\n"):
        head, _, text = block.partition("\n")
        if block in MARKERS:
            found.append(("", "", block))
            continue
        parts = re.fullmatch(r"(.*)\((\d\d:\d\d:\d\d)?\)", head)
        assert parts, head
        found.append((parts[1], parts[2] or "", text))
    return found


@given(live())
def test_every_line_is_in_the_transcript_with_its_time(one: Session) -> None:
    """AGENT-2: in order, under the speaker's name, whatever stands in a name or a line."""
    lines = [event for event in one.events if event.kind is Event.CHAT]
    found = [block for block in blocks(chat.transcript(one)) if block[0] != chat.SYSTEM]

    assert [time for _, time, _ in found] == [f"{line.time:%H:%M:%S}" for line in lines]
    for (speaker, _, text), line in zip(found, lines, strict=True):
        assert _ink(f"{speaker}: {text}") == _ink(line.detail)


def _ink(text: str) -> str:
    """Give a text without its white space, which a block of lines may change."""
    return "".join(text.split())


def test_a_transcript_looks_as_it_is_known_to_look() -> None:
    """AGENT-2: name, time in brackets, the text, a blank line."""
    made = session.post(7, "p", "s", "", START, smart_box_entries=(Labelled("Name", "Ann"),))
    rep = record.Representative("r@example.com", "Bob B", "Bob", "T", "10.1.1.1")
    made = session.start(session.accept(made, rep, START), START)
    made = session.move(made, Event.CHAT, START.replace(hour=9, second=5), "Ann: one\n\ntwo")
    made = session.end(made, START.replace(hour=23, minute=59))

    assert chat.transcript(made).decode() == (
        "HelpAlert(00:00:00)\nBob and Ann are connected. Session 7.\n\n"
        "Ann(09:00:05)\none\n \ntwo\n\n"
        "HelpAlert(23:59:00)\nThe session has ended.\n"
    )


def test_a_successors_transcript_begins_with_the_transfer() -> None:
    """SESS-3: it names the session before; the markers stand without a speaker."""
    gone = with_event(Event.TRANSFERRED)
    came = next(one for one in some() if one.transferred_from == gone.session_id)
    before, hint, after, first, *_ = blocks(chat.transcript(came))

    assert (before[2], after[2]) == (chat.BEFORE_TRANSFER, chat.AFTER_TRANSFER)
    assert hint == (chat.SYSTEM, "", f"See session {gone.session_id}.")
    assert first[0] == chat.SYSTEM
    assert str(came.session_id) in chat.transcript(gone).decode()


@given(texts, texts)
@example("a: b", "c: d")
def test_a_known_speaker_is_told_from_the_text(speaker: str, text: str) -> None:
    """AGENT-2: a name with a colon in it is still one name."""
    if speaker:
        assert heard(f"{speaker}: {text}", ("other", speaker)) == (speaker, text)


def read_properties(data: bytes) -> dict[str, str]:
    """Read a properties file as java.util.Properties does; for lines without continuation."""
    found = {}
    for line in data.decode("ascii").split("\n"):
        if not line or line[0] in "#!":
            continue
        parts = re.fullmatch(r"((?:[^\\=: ]|\\.)+)=(?! )(.*)", line)
        assert parts, line
        key, value = (re.sub(r"\\(u[0-9A-F]{4}|.)", _plain, part) for part in parts.groups())
        assert key not in found
        found[key] = value.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
    return found


def _plain(escaped: re.Match[str]) -> str:
    mark = escaped[1]
    if mark[0] == "u" and len(mark) == 5:
        return chr(int(mark[1:], 16))
    return {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(mark, mark)


@given(live(), st.lists(st.builds(Labelled, texts, texts), max_size=3))
def test_properties_are_read_back_as_they_were(one: Session, entries: list[Labelled]) -> None:
    """REC-1, SESS-4: escaped as Java reads them, beyond the first plane and at line ends too."""
    one = replace(one, smart_box_entries=tuple(entries), reference_id="= :#! \\ \t")
    found = read_properties(properties(one))

    assert found["session.id"] == str(one.session_id)
    assert found["session.reference"] == one.reference_id
    assert found["representative.name"] == one.rep_name
    for place, entry in enumerate(entries, start=1):
        assert found[f"smartbox.{place}.label"] == entry.label
        assert found[f"smartbox.{place}.value"] == entry.value


def test_the_small_files_have_their_usual_size() -> None:
    """REC-1: about a kilobyte each."""
    begun = [one for one in some(120) if one.started]
    chats = sorted(len(chat.transcript(one)) for one in begun)
    lists = sorted(len(properties(one)) for one in begun)

    assert 600 < chats[len(chats) // 2] < 3_000
    assert 500 < lists[0] < lists[-1] < 3_000
