"""PHONE-1 to PHONE-6: codes that a caller types."""

from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import MILLISECOND, Bench
from conformance.caller import Outcome
from conformance.floor import Floor, Rep
from conformance.hands import Hands, verb
from conformance.patterns import (
    Anything,
    Between,
    Holding,
    OneOf,
    Pattern,
    Unordered,
    fault,
    gives,
    http,
)
from conformance.properties import judges

REDEEMED: Final = http(200, 299, sessionId=Between(1, 2**63))
_REFUSED: Final = http(400, 499)
_NAME: Final = "Eva Example"


class Codes:
    """A floor whose representatives have codes made for them."""

    def __init__(self, bench: Bench) -> None:
        self.bench: Final = bench
        self.floor: Final = Floor(bench)
        self.place: Final = self.floor.place

    def make(self, rep: Rep, rule: str = "PHONE-1", **more: Any) -> dict[str, Any]:
        """Make a code; give all that was told of it."""
        self.ask(rep, **more)
        now = self.bench.now
        wanted = {
            "code": Anything("nine digits"),
            "url": Anything("its URL"),
            "expires": now + limits.CODE_LIVES,
            "created": now,
            "representative": rep.email,
            "portal": self.place.portal,
            "customer_name": _NAME,
            "reference_id": more.get("reference_id"),
        }
        told: dict[str, Any] = self.bench.expect(rule, gives(wanted))["gives"]
        return told

    def ask(self, rep: Rep, **more: Any) -> Outcome:
        """Ask for a code, whatever comes."""
        given = {"representative": rep.email, "portal": self.place.portal, **more}
        return self.call("createCode", customer_name=_NAME, **given)

    def call(self, operation: str, /, **arguments: Any) -> Outcome:
        """Call an operation of PhoneMode."""
        connection = self.floor.connection
        return self.bench.call(
            operation, service="PhoneMode", connection_id=connection, **arguments
        )

    def redeem(self, code: str, **how: str) -> Outcome:
        """Type a code; where wrong ones before it have to be waited out, wait."""
        outcome = self.bench.do("redeem", portal=self.place.portal, code=code, **how)
        if outcome.get("status") == 429:
            self.bench.advance(self.bench.now + timedelta(minutes=10))
            outcome = self.bench.do("redeem", portal=self.place.portal, code=code, **how)
        return outcome

    def clear(self) -> None:
        """Let a right code be typed: what was guessed before counts no more."""
        rep = self.floor.hire()
        self.redeem(self.make(rep)["code"])
        self.bench.expect("PHONE-3", REDEEMED)


@verb
def make_codes(
    hands: Hands, /, *, connection_id: str, portal: str, representatives: list[str]
) -> Outcome:
    """Make all the codes that some representatives may have; tell what is odd about them."""
    codes: list[str] = []
    for email in representatives:
        for _ in range(limits.CODES_PER_REP):
            told = hands.call(
                "createCode",
                service="PhoneMode",
                connection_id=connection_id,
                representative=email,
                portal=portal,
                customer_name="",
            )
            if not isinstance(told.get("gives"), dict):
                return told
            codes.append(told["gives"]["code"])
    numbers = [int(code) for code in codes if code.isdecimal()]
    steps = [abs(b - a) for a, b in pairwise(numbers)]
    return {
        "gives": {
            "nine_digits": sum(len(code) == limits.CODE_DIGITS for code in codes),
            "different": len(set(codes)),
            "steps": len(set(steps)),
            "close": sum(step < 1000 for step in steps),
            "in_order": sum(a < b for a, b in pairwise(numbers)),
        }
    }


@judges({"PHONE-1": ("many codes", "a code is told whole", "and listed")}, exactly=2)
def codes_are_hard_to_guess(bench: Bench, data: st.DataObject) -> None:
    """PHONE-1: nine digits, its URL and its expiry; no code follows from another."""
    many = data.draw(st.booleans(), label="many")
    codes = Codes(bench)
    reps = [codes.floor.hire() for _ in range(4 if many else 1)]
    if not many:
        told = codes.make(reps[0], reference_id="T-1")
        bench.passed("PHONE-1", "a code is told whole")
        codes.call("getCodes")
        bench.expect("PHONE-1", gives([told]), case="and listed")
        return
    bench.do(
        "make_codes",
        connection_id=codes.floor.connection,
        portal=codes.place.portal,
        representatives=[rep.email for rep in reps],
    )
    made = 4 * limits.CODES_PER_REP
    wanted = {
        "nine_digits": made,
        "different": made,
        "steps": Between(made // 2, made),
        "close": 0,
        "in_order": Between(3, made - 4),
    }
    bench.expect("PHONE-1", gives(wanted), case="many codes")


_EDGES: Final = {"a ms before": -MILLISECOND, "at": 0 * MILLISECOND, "a ms after": MILLISECOND}
_FREED: Final = ("cancelled", "redeemed", "expired")


@judges(
    {"PHONE-2": ("the ninth", *(f"one more when one is {how}" for how in _FREED))},
    exactly=2 * len(_FREED),
)
def eight_codes_and_no_more(bench: Bench, data: st.DataObject) -> None:
    """PHONE-2: the ninth active code is refused; when one of the eight is over, one is made."""
    how = data.draw(st.sampled_from(_FREED), label="freed")
    codes = Codes(bench)
    rep, other = codes.floor.hire(), codes.floor.hire()
    first = codes.make(rep)
    for _ in range(limits.CODES_PER_REP - 1):
        bench.advance(bench.now + MILLISECOND)
        codes.make(rep, "PHONE-2")
    codes.ask(rep)
    bench.expect("PHONE-2", fault("TooManyCodes", limit=limits.CODES_PER_REP), case="the ninth")
    codes.make(other, "PHONE-2")
    if how == "cancelled":
        codes.call("cancelCode", code=first["code"])
        bench.expect("PHONE-5", gives())
    elif how == "redeemed":
        codes.redeem(first["code"])
        bench.expect("PHONE-3", REDEEMED)
    else:
        bench.advance(first["expires"] - MILLISECOND)
        codes.ask(rep)
        bench.expect("PHONE-2", fault("TooManyCodes", limit=limits.CODES_PER_REP))
        bench.advance(first["expires"])
    codes.make(rep, "PHONE-2")
    codes.ask(rep)
    bench.expect("PHONE-2", fault("TooManyCodes", limit=limits.CODES_PER_REP))
    bench.passed("PHONE-2", f"one more when one is {how}")


_TYPED: Final = {
    "as it is": "{0}{1}{2}",
    "with blanks": "{0} {1} {2}",
    "with dashes": "{0}-{1}-{2}",
    "with both, and more around": "  {0} - {1} - {2} ",
}


_KEPT: Final = {"PHONE-3": tuple(_TYPED), "PHONE-4": tuple(_TYPED), "UPD-2": ()}


@judges(_KEPT, exactly=len(_TYPED))
def a_code_connects_once(bench: Bench, data: st.DataObject) -> None:
    """PHONE-3, PHONE-4: blanks and dashes do not matter; mode, reference, maker are on record.

    And it comes into the log as any session does (UPD-2).
    """
    how = data.draw(st.sampled_from(tuple(_TYPED)), label="typed")
    codes = Codes(bench)
    rep = codes.floor.hire()
    made = codes.make(rep, reference_id="T-4711")
    digits = made["code"]
    outcome = codes.redeem(digits, typed=_TYPED[how])
    bench.expect("PHONE-3", REDEEMED, case=how)
    bench.call("getSession", connection_id=codes.floor.connection, session_id=outcome["sessionId"])
    wanted = {
        "mode": "Phone",
        "reference_id": "T-4711",
        "representative": rep.email,
        "rep_name": rep.name,
        "status": OneOf(("New", "InSession")),
    }
    bench.expect("PHONE-4", gives(wanted), case=how)
    bench.do("follow", connection_id=codes.floor.connection, since=0)
    posted = {"session_id": outcome["sessionId"], "kind": "Posted"}
    bench.expect("UPD-2", gives({"entries": Holding(posted)}))
    codes.redeem(digits)
    bench.expect("PHONE-3", _REFUSED)
    codes.call("getCodes")
    bench.expect("PHONE-3", gives([]))


@judges({"PHONE-3": tuple(f"{when} the expiry" for when in _EDGES)}, exactly=len(_EDGES))
def a_code_ends_at_its_expiry(bench: Bench, data: st.DataObject) -> None:
    """PHONE-3: it works until it expires, and not from then on."""
    when = data.draw(st.sampled_from(tuple(_EDGES)), label="typed")
    codes = Codes(bench)
    made = codes.make(codes.floor.hire())
    bench.advance(made["expires"] + _EDGES[when])
    works = _EDGES[when] < 0 * MILLISECOND
    codes.call("getCodes")
    bench.expect("PHONE-3", gives([made] if works else []))
    codes.redeem(made["code"])
    bench.expect("PHONE-3", REDEEMED if works else _REFUSED, case=f"{when} the expiry")


@judges({"PHONE-5": ("one of three", "all that a rep made", "also elsewhere", "none")}, exactly=3)
def cancelled_codes_are_over(bench: Bench, data: st.DataObject) -> None:
    """PHONE-5: cancelCode ends one and no other, cancelCodes all of one representative."""
    how = data.draw(st.sampled_from(("one", "all", "elsewhere")), label="how")
    codes = Codes(bench)
    rep, other = codes.floor.hire(), codes.floor.hire()
    made = [codes.make(rep) for _ in range(3)]
    kept = codes.make(other)
    if how == "one":
        codes.call("cancelCode", code=made[1]["code"])
        bench.expect("PHONE-5", gives())
        _left(codes, [made[0], made[2], kept])
        codes.call("cancelCode", code=made[1]["code"])
        bench.expect("PHONE-5", fault("NoSuchCode"), case="one of three")
        made.pop(1)
    own = _elsewhere(codes, rep) if how == "elsewhere" else 0
    codes.call("cancelCodes", representative=rep.email)
    bench.expect("PHONE-5", gives(len(made) + own))
    if own:
        bench.passed("PHONE-5", "also elsewhere")
    _left(codes, [kept])
    bench.passed("PHONE-5", "all that a rep made")
    codes.call("cancelCodes", representative=rep.email)
    bench.expect("PHONE-5", gives(0), case="none")
    codes.redeem(made[0]["code"])
    bench.expect("PHONE-5", _REFUSED)
    codes.redeem(kept["code"])
    bench.expect("PHONE-5", REDEEMED)


def _left(codes: Codes, wanted: list[Pattern]) -> None:
    codes.call("getCodes")
    codes.bench.expect("PHONE-5", gives(Unordered(tuple(wanted))))


def _elsewhere(codes: Codes, rep: Rep) -> int:
    """Let the representative make a code by its own desktop, too."""
    connection = codes.floor.log_on(rep)
    codes.bench.call(
        "startByCode",
        service="Agents",
        connection_id=connection,
        portal=codes.place.portal,
        customer_name="",
    )
    codes.bench.expect("PHONE-1", gives({"representative": rep.email}))
    return 1
