"""PHONE-3 and PHONE-6: dead codes look alike, guessing has to wait, one of several gets in."""

import hashlib
import re
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st

from broker_sim.contract import limits
from conformance.bench import Bench
from conformance.broker.phone import REDEEMED, Codes
from conformance.caller import Outcome
from conformance.customer import redeem as redeem_at
from conformance.hands import Hands, verb
from conformance.patterns import gives, http
from conformance.properties import judges

_DEAD: Final = ("made up", "used", "expired", "cancelled", "of another portal", "no code at all")


_LINK: Final = "by the link, too"


@judges({"PHONE-6": (*_DEAD, "guessing has to wait", _LINK)}, exactly=3)
def dead_codes_look_alike(bench: Bench, data: st.DataObject) -> None:
    """PHONE-6: the customer cannot tell why a code does not work, nor try for long."""
    codes = Codes(bench)
    how = data.draw(st.sampled_from(("guess on", "type", "follow links")), label="how")
    if how == "guess on":
        codes.clear()
        right = codes.make(codes.floor.hire())["code"]
        bench.do("guess", portal=codes.place.portal, tries=100, right=right)
        bench.expect("PHONE-6", gives({"waits": True, "opened": 0}), case="guessing has to wait")
        bench.advance(bench.now + timedelta(minutes=10))
        return
    codes.clear()
    dead = _dead(codes)
    if how == "follow links":
        _follow(codes, dead)
        return
    same: dict[str, Any] = {}
    for name in _DEAD:
        outcome = bench.do("redeem", portal=codes.place.portal, code=dead[name])
        bench.expect("PHONE-6", http(400, 499, **same), case=name)
        same = {"status": outcome["status"], "sha256": outcome["sha256"]}


def _follow(codes: Codes, dead: dict[str, str]) -> None:
    """Come by the links of dead codes: they are as those of living ones, but for the code."""
    alive = codes.make(codes.floor.hire())
    same: dict[str, Any] = {}
    for name in ("made up", "used", "expired", "cancelled"):
        url = alive["url"].replace(alive["code"], dead[name])
        outcome = codes.bench.do("open_code", url=url)
        codes.bench.expect("PHONE-6", same)
        same = outcome
    codes.bench.passed("PHONE-6", _LINK)


@verb
def open_code(hands: Hands, /, *, url: str) -> Outcome:
    """Open the link of a code; tell how it looks, whatever its digits are."""
    answer = hands.target.http.send("GET", url, {"Accept": "application/json"})
    digest = hashlib.sha256(re.sub(rb"\d", b"", answer.body)).hexdigest()
    return {"status": answer.status, "sha256": digest}


def _dead(codes: Codes) -> dict[str, str]:
    """Give a code of every kind that does not work."""
    bench, rep = codes.bench, codes.floor.hire()
    other = Codes(bench)
    stranger = other.floor.hire()
    expired = codes.make(rep)
    bench.advance(expired["expires"])
    used, cancelled = codes.make(rep), codes.make(rep)
    codes.redeem(used["code"])
    bench.expect("PHONE-3", REDEEMED)
    codes.call("cancelCode", code=cancelled["code"])
    return {
        "made up": "000000017",
        "used": used["code"],
        "expired": expired["code"],
        "cancelled": cancelled["code"],
        "of another portal": other.make(stranger)["code"],
        "no code at all": "12",
    }


@verb
def guess(hands: Hands, /, *, portal: str, tries: int, right: str) -> Outcome:
    """Type wrong codes until the page says to wait; then the right one, which waits as well."""
    waits, opened = False, 0
    for number in range(tries):
        typed = f"{(number * 7_654_321 + 13) % 10**limits.CODE_DIGITS:0{limits.CODE_DIGITS}d}"
        outcome = redeem_at(hands, portal=portal, code=typed)
        opened += outcome["status"] < 300
        if outcome["status"] == 429:
            waits = True
            opened += redeem_at(hands, portal=portal, code=right)["status"] < 300
            break
    return {"gives": {"waits": waits, "opened": opened}}


@verb
def race_redemptions(hands: Hands, /, *, portal: str, code: str, callers: int) -> Outcome:
    """Let several type one code at the same time; count who got in."""

    def redeem() -> Outcome:
        return redeem_at(hands, portal=portal, code=code)

    answers = hands.at_once([redeem] * callers)
    return {"gives": {"in": sum(answer["status"] < 300 for answer in answers)}}


@judges({"PHONE-3": ("several type it at once",)}, share=0.2)
def one_of_several_gets_in(bench: Bench, data: st.DataObject) -> None:
    """PHONE-3: a code works once, also when several type it at the same moment."""
    codes = Codes(bench)
    codes.clear()
    made = codes.make(codes.floor.hire())
    callers = data.draw(st.integers(2, 6), label="callers")
    bench.do("race_redemptions", portal=codes.place.portal, code=made["code"], callers=callers)
    bench.expect("PHONE-3", gives({"in": 1}), case="several type it at once")
