"""AGENT-2: every function leaves its mark, in order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import MILLISECOND, Bench
from conformance.broker.recordings import file_of
from conformance.caller import Outcome
from conformance.cases import Case
from conformance.desktop import do_in_session, hears, talking
from conformance.floor import Floor, Rep
from conformance.guest import Guest
from conformance.hands import Hands, verb
from conformance.patterns import Holding, InOrder, gives, http
from conformance.properties import judges

_KINDS: Final = {
    "sendChat": "Chat",
    "say": "Chat",
    "pushUrl": "UrlPushed",
    "sendFile": "FileSent",
    "requestDiagnostics": "DiagnosticsTaken",
    "setScreenSharing": "ScreenSharingOn",
    "rebootReconnect": "Rebooted",
}


def _words(doing: str, number: int) -> tuple[dict[str, Any], str]:
    """Give the arguments of the `number`th doing, and what its mark must hold."""
    match doing:
        case "sendChat" | "say":
            text = f"Zeile Nº {number}: 1 µm, Łódź, 😀."
            return {"text": text}, text
        case "pushUrl":
            return {"url": f"https://help.example/{number}"}, f"https://help.example/{number}"
        case "sendFile":
            return {"file": f"fix-{number}.zip", "content": bytes(number)}, f"fix-{number}.zip"
        case "setScreenSharing":
            return {"on": True}, ""
    return {}, ""


@verb
def marks_in_file(hands: Hands, /, *, url: str, marks: Sequence[str]) -> Outcome:
    """Fetch a file of text; tell which marks stand in it, one behind the other."""
    answer = hands.target.http.send("GET", url)
    text, at, found = answer.body.decode("utf-8", "replace"), 0, []
    for mark in marks:
        place = text.find(mark, at)
        if place >= 0:
            found.append(mark)
            at = place + len(mark)
    return {"status": answer.status, "found": found}


_PAUSES: Final = tuple(timedelta(milliseconds=count) for count in (0, 1, 999, 60_001))
_ORDERS: Final = [(first, step) for first in range(len(_KINDS)) for step in (1, 3)]
_WHERE: Final = ("events", "desktop", "page", "transcript")


def _in_order(first: int, step: int) -> list[str]:
    """Give all doings, each once, in one of many orders."""
    doings = tuple(_KINDS)
    return [doings[(first + step * number) % len(doings)] for number in range(len(doings))]


@judges({"AGENT-2": tuple(f"in order in {where}" for where in _WHERE)}, exactly=len(_ORDERS))
def every_doing_leaves_its_mark(bench: Bench, data: st.DataObject) -> None:
    """AGENT-2: events, desktop, page and transcript tell of all that was done, in its order."""
    order = _in_order(*data.draw(st.sampled_from(_ORDERS), label="first, step"))
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    done = [_done(floor, rep, guest, doing, n) for n, doing in enumerate(order, 1)]
    guest.sees("AGENT-2", lines=InOrder(tuple({"kind": one["kind"]} for one in done)))
    bench.passed("AGENT-2", "in order in page")
    bench.advance(bench.now + MILLISECOND)
    floor.does(rep, "endSession", session_id=guest.case.id, resolution="Resolved")
    guest.case.did("end", bench.now)
    before = ({"kind": "Accepted"}, {"kind": "Started"})
    events = (*before, *done, {"kind": "Ended", "time": bench.now})
    floor.read(guest.case)
    all_of_it = InOrder(({"kind": "Posted"}, *events))
    bench.expect("AGENT-2", gives({"events": all_of_it}), case="in order in events")
    hears(floor, rep, *events, rule="AGENT-2")
    bench.passed("AGENT-2", "in order in desktop")
    _transcribed(floor, guest.case, [_words(doing, n)[1] for n, doing in enumerate(order, 1)])


def _done(floor: Floor, rep: Rep, guest: Guest, doing: str, number: int) -> dict[str, Any]:
    """Let a doing be done; give the event that is to stand for it."""
    bench, (words, mark) = floor.bench, _words(doing, number)
    bench.advance(bench.now + _PAUSES[number % len(_PAUSES)])
    if doing == "say":
        guest.say(words["text"])
    else:
        do_in_session(floor, rep, doing, guest.case.id, **words)
        bench.expect("AGENT-2", gives())
    return {"kind": _KINDS[doing], "time": bench.now, "detail": Holding(mark)}


def _transcribed(floor: Floor, case: Case, marks: Sequence[str]) -> None:
    """Hold the transcript against the marks; those without a text of their own left out."""
    said = [mark for mark in marks if mark]
    floor.bench.act("record", sessionId=case.id)
    file = file_of(floor, case, "chatTranscript{}.txt")
    floor.bench.do("marks_in_file", url=file["url"], marks=said)
    floor.bench.expect("AGENT-2", http(200, found=said), case="in order in transcript")


_AGAIN: Final = ("sendChat", "say", "pushUrl", "sendFile")


@judges({"AGENT-2": ("the same twice is told twice",)}, exactly=len(_AGAIN))
def the_same_again_leaves_its_mark_again(bench: Bench, data: st.DataObject) -> None:
    """AGENT-2: what is done twice in the same words is on record twice, in the transcript too."""
    doing = data.draw(st.sampled_from(_AGAIN), label="doing")
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    done = [_done(floor, rep, guest, doing, 4) for _ in range(2)]
    guest.sees("AGENT-2", lines=InOrder(tuple({"kind": one["kind"]} for one in done)))
    floor.does(rep, "endSession", session_id=guest.case.id, resolution="Resolved")
    guest.case.did("end", bench.now)
    floor.read(guest.case)
    bench.expect("AGENT-2", gives({"events": InOrder(tuple(done))}))
    hears(floor, rep, *done, rule="AGENT-2")
    _transcribed(floor, guest.case, [_words(doing, 4)[1]] * 2)
    bench.passed("AGENT-2", "the same twice is told twice")
