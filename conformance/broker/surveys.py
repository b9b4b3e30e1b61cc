"""PORTAL-4 and PORTAL-5: whoever came, and however it ended, agrees before and is asked after."""

from typing import Final

from hypothesis import strategies as st

from conformance.bench import Bench
from conformance.broker.phone import REDEEMED, Codes
from conformance.cases import FINISHED
from conformance.desktop import talking
from conformance.floor import Floor
from conformance.patterns import Anything, Pattern, gives, http
from conformance.properties import judges

_ASKED: Final[dict[str, Pattern]] = {"mayRate": True, "links": {"survey": Anything("a link")}}
_RESOLUTIONS: Final = ("Resolved", "Unresolved")


@judges({"PORTAL-5": tuple(f"asked after: {each}" for each in _RESOLUTIONS)}, exactly=2)
def the_survey_follows_every_end(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: after the end the customer is asked, whether it was of use or not."""
    how = data.draw(st.sampled_from(_RESOLUTIONS), label="how")
    floor = Floor(bench)
    rep = floor.there()
    guest = talking(floor, rep)
    floor.end(rep, guest.case, how)
    guest.sees("PORTAL-5", **_ASKED)
    bench.passed("PORTAL-5", f"asked after: {how}")


@judges({"PORTAL-5": ("the customer has left",)}, exactly=1)
def who_ends_it_is_asked(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-5: a customer by whom the session ended is asked as well."""
    del data
    floor = Floor(bench)
    guest = talking(floor, floor.there())
    guest.does("leave", "PORTAL-5")
    record = floor.read(guest.case)
    if isinstance(record, dict) and record.get("status") == "Finished":
        guest.case.stage = FINISHED
        guest.sees("PORTAL-5", **_ASKED)
    bench.passed("PORTAL-5", "the customer has left")


@judges({"PORTAL-4": ("who came by phone",), "PORTAL-5": ("who came by phone",)}, exactly=1)
def callers_agree_and_are_asked(bench: Bench, data: st.DataObject) -> None:
    """PORTAL-4, PORTAL-5: who typed a code agrees before the session, and is asked after it."""
    del data
    codes = Codes(bench)
    rep = codes.floor.there()
    codes.clear()
    outcome = codes.redeem(codes.make(rep)["code"])
    bench.expect("PHONE-3", REDEEMED)
    number, page = outcome["sessionId"], outcome["links"].get("session", "")
    bench.call("getSession", connection_id=codes.floor.connection, session_id=number)
    bench.expect("PORTAL-4", gives({"status": "New", "started": None}))
    _looks(bench, page, "agree", "PORTAL-4")
    bench.passed("PORTAL-4", "who came by phone")
    codes.floor.does(rep, "endSession", session_id=number, resolution="Resolved")
    _looks(bench, page, "survey", "PORTAL-5")
    bench.passed("PORTAL-5", "who came by phone")


def _looks(bench: Bench, page: str, link: str, rule: str) -> None:
    """Look at the page, which has this link; agree by it."""
    outcome = bench.do("follow_link", url=page, method="GET")
    bench.expect(rule, http(200, links={link: Anything("a link")}))
    if link == "agree":
        bench.do("follow_link", url=outcome["links"][link])
        bench.expect(rule, http(200, 299))
