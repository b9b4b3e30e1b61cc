"""SESS-4: what was entered comes back, byte for byte."""

from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from broker_sim.contract.sessions import RESOLUTION
from conformance.bench import Bench
from conformance.broker.sessions import WORDS, brought_to
from conformance.cases import RUNNING
from conformance.desk import Desk
from conformance.hands import Missing
from conformance.patterns import gives, http
from conformance.properties import judges
from conformance.strategies import AWKWARD_TEXTS, FORBIDDEN_TEXTS, entries, some_text, texts

_PLACES: Final = ("question", "SmartBox label and value", "comment", "end data", "chat", "survey")


def _everything(
    desk: Desk, text: str, pairs: list[dict[str, Any]], resolution: str = "Resolved"
) -> None:
    """Let every kind of text be entered, and read it back."""
    case = desk.post(
        question=text,
        smartBoxEntries=pairs,
        referenceId=text,
        customerIp="203.0.113.7",
        locale="de_DE",
    )
    for act in ("accept", "start"):
        desk.act(case, act)
    for speaker in ("customer", "representative"):
        desk.act(case, "chat", speaker=speaker, text=text)
    for act in ("sendFile", "pushUrl", "takeDiagnostics", "screen", "reboot"):
        desk.act(case, act, **WORDS.get(act, {}))
    desk.act(
        case,
        "end",
        resolution=resolution,
        comment=text,
        endLabel=text,
        endData=text,
        repRatings=pairs,
    )
    desk.act(case, "survey", customerRatings=[*pairs, {"label": "Speed", "value": "1"}])
    desk.check(case, ["SESS-4", "SESS-2"])


@judges({"SESS-4": tuple(f"{place}, awkward" for place in _PLACES)}, exactly=len(AWKWARD_TEXTS))
def awkward_texts_come_back(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: markup, line ends, spaces, astral letters: nothing is changed, in any field."""
    text = data.draw(st.sampled_from(AWKWARD_TEXTS), label="text")
    other = {"label": text, "value": f"not {text}"}
    pairs: list[dict[str, Any]] = [{"label": text, "value": text}, {"label": None, "value": ""}]
    pairs.extend([other, {"label": "", "value": text}])
    _everything(Desk(bench, bench.place()), text, pairs)
    for place in _PLACES:
        bench.passed("SESS-4", f"{place}, awkward")


@judges({"SESS-4": ("any text, in any field",)}, share=0.6)
def any_text_comes_back(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: so for every text that XML allows, and any number of entries in form order."""
    text = data.draw(some_text, label="text")
    _everything(Desk(bench, bench.place()), text, data.draw(entries, label="entries"))
    bench.passed("SESS-4", "any text, in any field")


@judges({"SESS-4": ("forbidden characters are refused",)}, exactly=2 * len(FORBIDDEN_TEXTS))
def forbidden_characters_are_refused(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: what XML forbids is refused at the door, not dropped in silence."""
    text, where = data.draw(
        st.sampled_from([(t, w) for t in FORBIDDEN_TEXTS for w in ("question", "chat")])
    )
    desk = Desk(bench, bench.place())
    if where == "chat":
        case = brought_to(desk, RUNNING)
        bench.act("chat", sessionId=case.id, speaker="customer", text=text)
    else:
        bench.act("post", portal=desk.place.portal, subPortal="General", question=text)
    bench.expect("SESS-4", http(400, 499), case="forbidden characters are refused")
    desk.settle("SESS-4")


_LENGTHS: Final = (limits.TEXT_MAX - 1, limits.TEXT_MAX, limits.TEXT_MAX + 1)


@judges({"SESS-4": ("the longest text comes back whole", "a longer one is not cut")}, exactly=3)
def long_texts_are_whole_or_refused(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: a text up to the limit comes back whole; a longer one is refused, never cut."""
    length = data.draw(st.sampled_from(_LENGTHS), label="characters")
    desk = Desk(bench, bench.place())
    text = "ä<" * (length // 2) + "x" * (length % 2)
    try:
        case = desk.post(question=text)
    except Missing:
        wanted = http(400, 499) if length > limits.TEXT_MAX else http(200)
        bench.expect("SESS-4", wanted, case="a longer one is not cut")
        return
    desk.read(case)
    longer = length > limits.TEXT_MAX
    told = "a longer one is not cut" if longer else "the longest text comes back whole"
    bench.expect("SESS-4", gives({"question": text}), case=told)


@judges({"SESS-4": ("the representative is told as the world has them",)}, share=0.3)
def the_representative_is_told(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: name, screen name, team and address are those of the rep who accepted."""
    desk = Desk(bench, bench.place())
    control = bench.hands.target.control
    known = [] if control is None else control.world().get("representatives", [])
    if not known:
        msg = "the control API names no representatives"
        raise Missing(msg)
    rep = known[data.draw(st.integers(0, len(known) - 1), label="representative")]
    case = desk.post(question=data.draw(texts.filter(str.strip), label="question"))
    desk.act(case, "accept", representative=rep["email"])
    case.facts.update(
        representative=rep["email"],
        rep_name=rep["name"],
        rep_screen_name=rep["screenName"],
        team_name=rep["team"],
        rep_ip=rep["ip"],
    )
    desk.check(case, ["SESS-4"])
    bench.passed("SESS-4", "the representative is told as the world has them")


# What a column, a number or a flag would make something else of.
_TEMPTING: Final = ("00042", "1e5", "12.50", "-0", "null", "true", "2030-01-15T09:00:00+01:00")
_TEMPTED: Final = "texts that look like other values"
_RESOLVED: Final = tuple(f"resolution {word}" for word in RESOLUTION.words)


@judges({"SESS-4": (_TEMPTED, *_RESOLVED)}, exactly=len(_TEMPTING))
def texts_stay_texts(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: a text is no number, no flag and no time; and each resolution is told as it is."""
    number = data.draw(st.sampled_from(range(len(_TEMPTING))), label="text")
    text, resolution = _TEMPTING[number], RESOLUTION.words[number % len(RESOLUTION.words)]
    _everything(Desk(bench, bench.place()), text, [{"label": text, "value": text}], resolution)
    bench.passed("SESS-4", _TEMPTED)
    bench.passed("SESS-4", f"resolution {resolution}")


_WIDE: Final = "every field longer than 255 letters"
_ENTRIES: Final = "forty entries"
_TALK: Final = "a hundred events"


@judges({"SESS-4": (_WIDE, _ENTRIES, _TALK)}, exactly=1)
def much_comes_back_whole(bench: Bench, data: st.DataObject) -> None:
    """SESS-4: wide fields, many entries and a long talk, none of them near a limit."""
    del data
    desk, wide = Desk(bench, bench.place()), "<ä" * 300
    pairs = [{"label": f"{wide} {number}", "value": f"{wide} {number}"} for number in range(40)]
    _everything(desk, wide, pairs)
    bench.passed("SESS-4", _WIDE)
    bench.passed("SESS-4", _ENTRIES)
    case = brought_to(desk, RUNNING)
    for number in range(100):
        desk.act(case, "chat", speaker="customer", text=f"And then, {number}:")
    desk.read(case)
    bench.expect("SESS-4", gives(case.status()), case=_TALK)
