"""PHONE-1, PHONE-4, PHONE-5: codes as they are listed, ended one by one, and as they connect."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from conformance.bench import MILLISECOND, Bench
from conformance.broker.phone import REDEEMED, Codes
from conformance.model import SECOND
from conformance.patterns import Anything, Between, Pattern, fault, gives, http
from conformance.properties import judges

_LISTED: Final = ("the next end first", "of one representative", "of one who has none")


@judges({"PHONE-1": _LISTED}, exactly=1)
def codes_are_listed_by_their_end(bench: Bench, data: st.DataObject) -> None:
    """PHONE-1: getCodes gives all active codes, or one representative's, next end first."""
    del data
    codes = Codes(bench)
    reps = [codes.floor.hire() for _ in range(2)]
    made = []
    for number in range(4):
        bench.advance(bench.now + MILLISECOND)
        made.append(codes.make(reps[number % 2]))
    codes.call("getCodes")
    bench.expect("PHONE-1", gives(made), case=_LISTED[0])
    codes.call("getCodes", representative=reps[1].email)
    bench.expect("PHONE-1", gives([made[1], made[3]]), case=_LISTED[1])
    codes.call("getCodes", representative=codes.floor.hire().email)
    bench.expect("PHONE-1", gives([]), case=_LISTED[2])


# A page that asks whether the customer agrees.
_TO_AGREE: Final = http(200, 299, sessionId=Between(1, 2**63), links={"agree": Anything("a link")})
_AGREED: Final = "the customer agrees before it starts"
_REFERENCES: Final = {
    "no reference": None,
    "a reference of letters from everywhere": "  Fall Nº 7 <ä&ß> 😀 ",
    "a long reference": "T-4711/" * 40,
}


@judges({"PHONE-4": (*_REFERENCES, _AGREED)}, exactly=3)
def a_code_brings_what_it_was_made_with(bench: Bench, data: st.DataObject) -> None:
    """PHONE-4: reference and sub-portal as the code has them; it starts when agreed to."""
    name = data.draw(st.sampled_from(tuple(_REFERENCES)), label="reference")
    codes, reference = Codes(bench), _REFERENCES[name]
    rep = codes.floor.hire("Billing")
    made = codes.make(rep, **({} if reference is None else {"reference_id": reference}))
    bench.advance(bench.now + SECOND)
    outcome = codes.redeem(made["code"])
    bench.expect("PHONE-4", _TO_AGREE)
    number, came = outcome["sessionId"], bench.now
    record: dict[str, Any] = {
        "mode": "Phone",
        "reference_id": reference,
        "portal": codes.place.portal,
        "sub_portal": "Billing",
        "representative": rep.email,
        "posted": came,
    }
    _read(codes, number, {**record, "status": "New", "started": None}, name)
    bench.advance(came + SECOND)
    bench.do("follow_link", url=outcome["links"]["agree"])
    bench.expect("PORTAL-4", http(200, 299))
    _read(codes, number, {**record, "status": "InSession", "started": bench.now}, _AGREED)


def _read(codes: Codes, number: int, record: Mapping[str, Pattern], case: str) -> None:
    """Read a session and hold it against what its record must say."""
    codes.bench.call("getSession", connection_id=codes.floor.connection, session_id=number)
    codes.bench.expect("PHONE-4", gives(dict(record)), case=case)


_ENDED: Final = ("typed with dashes", "used", "expired", "of another portal", "no code at all")


@judges({"PHONE-5": _ENDED}, exactly=1)
def only_what_is_active_is_cancelled(bench: Bench, data: st.DataObject) -> None:
    """PHONE-5: cancelCode ends an active code of the portal, however written; no other."""
    del data
    codes, other = Codes(bench), Codes(bench)
    rep, stranger = codes.floor.hire(), other.floor.hire()
    expired = codes.make(rep)
    bench.advance(expired["expires"])
    used, kept, written = (codes.make(rep) for _ in range(3))
    codes.redeem(used["code"])
    bench.expect("PHONE-3", REDEEMED)
    foreign = other.make(stranger)
    dead = (used["code"], expired["code"], foreign["code"], "12")
    for name, code in zip(_ENDED[1:], dead, strict=True):
        codes.call("cancelCode", code=code)
        bench.expect("PHONE-5", fault("NoSuchCode"), case=name)
    digits = written["code"]
    codes.call("cancelCode", code=f" {digits[:3]}-{digits[3:6]} {digits[6:]}")
    bench.expect("PHONE-5", gives(), case="typed with dashes")
    for where, left in ((codes, kept), (other, foreign)):
        where.call("getCodes")
        bench.expect("PHONE-5", gives([left]))
    codes.call("cancelCodes", representative=rep.email)
    bench.expect("PHONE-5", gives(1))
