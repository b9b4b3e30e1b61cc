"""PORTAL-4 and PORTAL-5: the customer agrees, ends screen sharing, and answers the survey."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.broker.launching import GIVEN, SURVEY, with_form
from conformance.caller import Outcome
from conformance.cases import ERROR
from conformance.customer import page
from conformance.desktop import ask, hears, talking
from conformance.floor import Floor
from conformance.guest import Guest
from conformance.hands import Hands, verb
from conformance.model import SECOND
from conformance.patterns import Anything, Holding, Not, fault, gives, http
from conformance.properties import judges

# A link that is not offered any more, or not yet.
_NOT_NOW: Final = http(400, 499)
_NO_LINK: Final = {"links": Not({"agree": Anything()})}


@judges({"PORTAL-4": ("waiting", "accepted", "agreed", "agreed once")}, exactly=1)
def a_session_starts_when_the_customer_agrees(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-4: accepted is not begun: the customer agrees first, once."""
    del data
    floor = Floor(bench)
    rep = floor.there()
    guest = Guest(floor)
    guest.sees("PORTAL-4", **_NO_LINK)
    bench.passed("PORTAL-4", "waiting")
    floor.accept(rep, guest.case)
    bench.advance(bench.now + 30 * SECOND)
    guest.sees("PORTAL-4", stage="consent", links={"agree": Anything("a link")})
    early: dict[str, dict[str, Any]] = {
        "sendChat": {"text": "Hello?"},
        "setScreenSharing": {"on": True},
    }
    for operation, words in {**early, "requestDiagnostics": {}}.items():
        ask(bench, rep, operation, session_id=guest.case.id, **words)
        bench.expect("PORTAL-4", fault("OutOfTurn"))
    floor.read(guest.case)
    bench.expect("PORTAL-4", gives({"status": "New", "started": None}), case="accepted")
    guest.agree()
    began = gives({"status": "InSession", "started": bench.now})
    floor.read(guest.case)
    bench.expect("PORTAL-4", began, case="agreed")
    bench.advance(bench.now + SECOND)
    bench.do("follow_link", url=guest.links["agree"])
    bench.expect("PORTAL-4", _NOT_NOW)
    floor.read(guest.case)
    bench.expect("PORTAL-4", began, case="agreed once")


@judges({"PORTAL-4": ("who leaves never began",)}, exactly=1)
def who_does_not_agree_is_in_no_session(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-4: who leaves instead of agreeing was in no session."""
    del data
    floor = Floor(bench)
    guest = Guest(floor)
    floor.accept(floor.there(), guest.case)
    guest.look()
    agree = guest.links.get("agree", guest.links["session"])
    guest.does("leave", "PORTAL-4")
    guest.case.stage = ERROR
    guest.sees("PORTAL-4", stage="failed", **_NO_LINK)
    bench.do("follow_link", url=agree)
    bench.expect("PORTAL-4", _NOT_NOW)
    floor.read(guest.case)
    never = {"status": "Error", "started": None, "ended": bench.now}
    bench.expect("PORTAL-4", gives(never), case="who leaves never began")


_ENDERS: Final = ("the customer", "the representative")


@judges({"PORTAL-4": tuple(f"{who} ends screen sharing" for who in _ENDERS)}, exactly=2)
def either_ends_screen_sharing(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-4: either party can end screen sharing at any time; the other hears of it."""
    who = data.draw(st.sampled_from(_ENDERS), label="who")
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    link = ""
    for _ in range(2):
        floor.does(rep, "setScreenSharing", session_id=guest.case.id, on=True)
        shown = {"endScreenSharing": Anything("a link")}
        outcome = guest.sees("PORTAL-4", sharesScreen=True, links=shown)
        link = outcome["links"]["endScreenSharing"]
        bench.advance(bench.now + SECOND)
        if who == _ENDERS[0]:
            bench.do("follow_link", url=link)
            bench.expect("PORTAL-4", http(200, sharesScreen=False))
        else:
            floor.does(rep, "setScreenSharing", session_id=guest.case.id, on=False)
        guest.sees("PORTAL-4", stage="talking", sharesScreen=False)
        off = {"kind": "ScreenSharingOff", "time": bench.now}
        floor.read(guest.case)
        bench.expect("PORTAL-4", gives({"status": "InSession", "events": Holding(off)}))
        hears(floor, rep, {**off, "session_id": guest.case.id}, rule="PORTAL-4")
    bench.passed("PORTAL-4", f"{who} ends screen sharing")


# What a survey may take to arrive: PORTAL-5 does not say that it is on record at once.
_ARRIVES: Final = timedelta(minutes=16)
ANSWERS: Final = {"Solved": "Yes", "Remarks": "Thank <you> & good bye"}
_RATINGS: Final = [{"label": each["label"], "value": ANSWERS[str(each["name"])]} for each in SURVEY]


def surveyed(bench: Bench, **carried: str) -> Guest:
    """Give a customer whose session is over, and who is asked how it was."""
    floor = with_form(bench)
    rep = floor.there("Billing")
    guest = talking(floor, rep, **{**GIVEN, **carried})
    guest.sees("PORTAL-5", mayRate=False, links=Not({"survey": Anything()}))
    floor.end(rep, guest.case)
    guest.sees("PORTAL-5", mayRate=True, links={"survey": Anything("a link")})
    return guest


def _rated(guest: Guest) -> Outcome:
    """Read the record, where nothing has arrived once more after a while."""
    floor = guest.floor
    told = floor.read(guest.case)
    if isinstance(told, dict) and not told["customer_ratings"]:
        floor.advance(floor.bench.now + _ARRIVES)
        floor.read(guest.case)
    mark = {"kind": "SurveyReceived"}
    wanted = {"customer_ratings": _RATINGS, "events": Holding(mark), "status": "Finished"}
    return floor.bench.expect("PORTAL-5", gives(wanted))


@judges({"PORTAL-5": ("answered", "answered twice", "asked what the portal asks")}, exactly=1)
def a_survey_is_answered_once(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: after the end, what the customer answers is on record; a second answer is not."""
    del data
    guest = surveyed(bench)
    link = guest.links["survey"]
    bench.do("follow_link", url=link, method="GET")
    questions = [{"name": each["name"]} for each in SURVEY]
    bench.expect("PORTAL-5", http(200, questions=questions), case="asked what the portal asks")
    bench.do("follow_link", url=link, fields=ANSWERS)
    bench.expect("PORTAL-5", http(200, 299))
    _rated(guest)
    bench.passed("PORTAL-5", "answered")
    bench.do("follow_link", url=link, fields={"Solved": "No"})
    bench.expect("PORTAL-5", _NOT_NOW)
    _rated(guest)
    guest.sees("PORTAL-5", mayRate=False)
    bench.passed("PORTAL-5", "answered twice")


_HARD: Final = [{"label": "Was it hard?", "value": "No"}]


@judges({"PORTAL-5": ("the representative has rated before",)}, exactly=1)
def the_representative_s_survey_is_another(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: that the representative has rated takes nothing from the customer."""
    del data
    guest = surveyed(bench)
    (rep,) = guest.floor.reps
    guest.floor.does(rep, "submitRating", session_id=guest.case.id, ratings=_HARD)
    guest.sees("PORTAL-5", mayRate=True, links={"survey": Anything("a link")})
    bench.do("follow_link", url=guest.links["survey"], fields=ANSWERS)
    bench.expect("PORTAL-5", http(200, 299))
    _rated(guest)
    bench.passed("PORTAL-5", "the representative has rated before")


@judges({"PORTAL-5": ("filled by the launcher",)}, exactly=2)
def the_launcher_fills_the_survey(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: what the launch carries of the survey is filled in when it is shown."""
    name = data.draw(st.sampled_from(tuple(ANSWERS)), label="field")
    guest = surveyed(bench, **{name: ANSWERS[name]})
    bench.do("see_form", path=guest.links["survey"])
    filled = http(200, filled={name: ANSWERS[name]})
    bench.expect("PORTAL-5", filled, case="filled by the launcher")
    bench.do("follow_link", url=guest.links["survey"], fields=ANSWERS)
    bench.expect("PORTAL-5", http(200, 299))
    _rated(guest)


def _flipped(token: str) -> str:
    """Change one sign of the token's signature."""
    at = token.rfind(":") + 3
    return f"{token[:at]}{'A' if token[at : at + 1] != 'A' else 'B'}{token[at + 1 :]}"


# What a forger changes, of (session, portal, token), given those of another session.
_Named = tuple[str, str, str]
_FORGERIES: Final[dict[str, Callable[[_Named, _Named], _Named]]] = {
    "a sign of the token": lambda own, _: (own[0], own[1], _flipped(own[2])),
    "no token": lambda own, _: (own[0], own[1], ""),
    "the session": lambda own, other: (other[0], own[1], own[2]),
    "the session, in the token, too": lambda own, other: (
        other[0],
        own[1],
        own[2].replace(own[0], other[0]),
    ),
    "half a token": lambda own, _: (own[0], own[1], own[2][: len(own[2]) // 2]),
}
_NAMES: Final = ("QueryKey", "Portal", "Token")


@verb
def forge_survey(
    hands: Hands, /, *, url: str, other_url: str, how: str, fields: dict[str, str]
) -> Outcome:
    """Answer a survey by a link that was changed."""
    parts = urlsplit(url)
    own, other = dict(parse_qsl(parts.query)), dict(parse_qsl(urlsplit(other_url).query))
    first, second = (tuple(each.get(name, "") for name in _NAMES) for each in (own, other))
    forged = dict(zip(_NAMES, _FORGERIES[how](first, second), strict=True))  # type: ignore[arg-type]  # three of them
    query = urlencode({**own, **forged})
    return page(hands, "POST", urlunsplit(parts._replace(query=query)), fields)


@judges({"PORTAL-5": tuple(f"forged: {how}" for how in _FORGERIES)}, exactly=len(_FORGERIES))
def tokens_cannot_be_forged(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: a token opens the survey of its session and no other; a changed one opens none."""
    how = data.draw(st.sampled_from(tuple(_FORGERIES)), label="forged")
    guest = surveyed(bench)
    other = Guest(guest.floor, **GIVEN)
    rep = guest.floor.there("Billing")
    guest.floor.accept(rep, other.case)
    other.agree()
    guest.floor.end(rep, other.case)
    other.look()
    bench.do(
        "forge_survey",
        url=guest.links["survey"],
        other_url=other.links["survey"],
        how=how,
        fields=ANSWERS,
    )
    bench.expect("PORTAL-5", _NOT_NOW)
    guest.floor.advance(bench.now + _ARRIVES)
    for case in (guest.case, other.case):
        guest.floor.read(case)
        bench.expect("PORTAL-5", gives({"customer_ratings": []}))
    bench.passed("PORTAL-5", f"forged: {how}")


@verb
def race_surveys(hands: Hands, /, *, url: str, answers: int) -> Outcome:
    """Let several answer one survey at the same time; count who was thanked."""

    def answer() -> Outcome:
        return page(hands, "POST", url, ANSWERS)

    return {"gives": sum(one["status"] < 300 for one in hands.at_once([answer] * answers))}


@judges({"PORTAL-5": ("several answers at once",)}, share=0.2)
def one_of_several_answers_counts(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: of several answers at the same moment exactly one is taken."""
    guest = surveyed(bench)
    count = data.draw(st.integers(2, 5), label="answers")
    bench.do("race_surveys", url=guest.links["survey"], answers=count)
    bench.expect("PORTAL-5", gives(1))
    _rated(guest)
    bench.passed("PORTAL-5", "several answers at once")
