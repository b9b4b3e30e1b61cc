"""PHONE-1 to PHONE-6: codes made, listed, cancelled, typed and guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from broker_sim.core.record import Labelled
from broker_sim.service import managers
from broker_sim.service.storage import Portal
from broker_sim.tests.desks import desks
from broker_sim.tests.phone_codes import active, made, typed
from broker_sim.tests.refusals import code_of, refusal_of
from broker_sim.tests.stores import START
from broker_sim.tests.worlds import Hands, world

FIFTEEN: Final = timedelta(minutes=15)
TICK: Final = timedelta(milliseconds=1)


@pytest.fixture
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


def test_a_code_comes_with_its_url_and_its_end(hands: Hands) -> None:
    """PHONE-1: nine digits, below the world's own address, fifteen minutes."""
    desk = desks(hands)[0]
    hands.broker.base_url = "https://broker.example/w/one"

    code = made(hands, desk, reference_id="INC-1")

    assert code.code.isdecimal()
    assert len(code.code) == 9
    assert code.url == f"https://broker.example/w/one/ph/{hands.portal}?code={code.code}"
    assert (code.created, code.expires) == (START, START + FIFTEEN)
    assert (code.representative, code.portal) == (desk.email, hands.portal)
    assert (code.customer_name, code.reference_id) == ("Eve", "INC-1")
    assert hands.call("getCodes") == [code]


def test_a_code_is_not_drawn_twice_while_it_could_be_known(hands: Hands) -> None:
    """PHONE-1: used, cancelled or expired, it is no other's for ninety days."""
    entropy = Repeating()
    hands.logon()
    hands.broker.world.entropy = entropy
    first = made(hands)
    hands.call("cancelCode", code=first.code)
    entropy.left = 5

    assert made(hands).code != first.code
    assert entropy.left == 0
    hands.pass_time(FIFTEEN + timedelta(days=90))
    hands.broker.tester.advance(hands.broker.clock.now())
    with hands.broker.store.reading() as tx:
        assert tx.code(first.code) is None


class Repeating:
    """Chance that gives one draw again for a while."""

    def __init__(self) -> None:
        self.left = 0
        self.others = 0

    def take(self, count: int) -> bytes:
        if self.left:
            self.left -= 1
            return bytes(count)
        self.others += 1
        return (self.others - 1).to_bytes(count, "big")


def test_the_ninth_is_refused_until_one_ends(hands: Hands) -> None:
    """PHONE-2: whichever portal the eight are of; used, cancelled and expired do not count."""
    desk = desks(hands)[0].sit_down()
    codes = [made(hands, desk).code for _ in range(8)]

    refused = refusal_of(partial(made, hands, desk))
    assert refused is not None
    assert (refused.fault.code, refused.extra) == ("TooManyCodes", {"limit": 8})
    own = partial(desk.call, "startByCode", portal=hands.portal, customer_name="")
    assert code_of(own) == "TooManyCodes"
    assert code_of(partial(made, hands, desks(hands)[1])) is None
    hands.call("cancelCode", code=codes[0])
    made(hands, desk)
    typed(hands, codes[1])
    made(hands, desk)
    assert code_of(partial(made, hands, desk)) == "TooManyCodes"
    hands.pass_time(FIFTEEN)
    made(hands, desk)


def test_the_numbers_are_the_portal_s_own(hands: Hands) -> None:
    """PHONE-2, PHONE-3: settings of the portal, for codes from then on."""
    managers.set_code_settings(hands.broker.world, hands.portal, 2, timedelta(seconds=90))

    assert made(hands).expires == START + timedelta(seconds=90)
    made(hands)
    refused = refusal_of(partial(made, hands))
    assert refused is not None
    assert refused.extra == {"limit": 2}
    for most, lives in ((0, FIFTEEN), (1, timedelta(0)), (1, timedelta(days=91))):
        wrong = partial(managers.set_code_settings, hands.broker.world, hands.portal, most, lives)
        assert code_of(wrong) == "InvalidArgument"


@pytest.mark.parametrize(
    ("after", "works"), [(0 * TICK, True), (FIFTEEN - TICK, True), (FIFTEEN, False)]
)
def test_a_code_works_until_its_instant(hands: Hands, after: timedelta, *, works: bool) -> None:
    """PHONE-3: at its expiry it does not, nor is it listed."""
    code = made(hands).code
    hands.pass_time(after)

    assert active(hands) == ([code] if works else [])
    assert code_of(partial(typed, hands, code)) == (None if works else "NoSuchCode")


def test_a_code_works_once(hands: Hands) -> None:
    """PHONE-3: with spaces and dashes as people type them."""
    code = made(hands).code

    typed(hands, f" {code[:3]} {code[3:6]}-{code[6:]} ")

    assert code_of(partial(typed, hands, code)) == "NoSuchCode"
    assert active(hands) == []


def test_a_typed_code_begins_a_session_with_who_made_it(hands: Hands) -> None:
    """PHONE-4, PORTAL-4: mode Phone, the ticket carried over; it starts on the customer's word."""
    desk = desks(hands)[1]
    code = made(hands, desk, reference_id="INC-7")
    hands.pass_time(timedelta(minutes=1))

    session = typed(hands, code.code, customer_ip="192.0.2.9", locale="de")

    read = hands.call("getSession", session_id=session.session_id)
    assert (read.status, read.mode, read.reference_id) == ("New", "Phone", "INC-7")
    assert (read.representative, read.sub_portal) == (desk.email, code.sub_portal)
    assert (read.customer_ip, read.locale) == ("192.0.2.9", "de")
    assert read.smart_box_entries == (Labelled("Name", "Eve"),)
    assert read.posted == read.responded == START + timedelta(minutes=1)
    assert [event.kind for event in read.events] == ["Posted", "Accepted"]
    assert [queue.waiting for queue in hands.call("getQueues")] == [0] * 4
    hands.act("start", sessionId=session.session_id)
    hands.act("end", sessionId=session.session_id)
    hands.act("record", sessionId=session.session_id)
    files = hands.call("getSession", session_id=session.session_id).files
    assert f"chatTranscript{session.session_id}.txt" in {file.name for file in files}


def test_the_desktop_hears_that_its_code_was_typed(hands: Hands) -> None:
    """AGENT-1: the session's number, the ticket and who calls come with the event."""
    desk = desks(hands)[0].sit_down()
    code = desk.call("startByCode", portal=hands.portal, customer_name="Eve", reference_id="INC-8")

    session = typed(hands, code.code)

    (news,) = desk.news()
    assert (news.kind, news.session_id) == ("Accepted", session.session_id)
    assert (news.reference_id, news.smart_box_entries) == ("INC-8", (Labelled("Name", "Eve"),))


def test_a_code_without_a_name_and_a_ticket(hands: Hands) -> None:
    """PHONE-4: nothing is made up."""
    session = typed(hands, made(hands, customer_name="").code)

    assert (session.smart_box_entries, session.reference_id) == ((), None)


def test_cancelling_one_and_all(hands: Hands) -> None:
    """PHONE-5: one by its code; all of a rep wherever made, and how many they were."""
    first, second = desks(hands)[:2]
    with hands.broker.store.writing() as tx:
        tx.assign(first.email, ("oakhurst-applications", "billing"))
    codes = [made(hands, first).code for _ in range(3)]
    other = made(hands, second).code
    away = first.call("startByCode", portal="oakhurst-applications", customer_name="").code

    hands.call("cancelCode", code=f"{codes[0][:4]}-{codes[0][4:]}")
    assert sorted(active(hands, representative=first.email)) == sorted(codes[1:])
    assert hands.call("cancelCodes", representative=first.email.upper()) == 3
    assert active(hands) == [other]
    assert hands.call("cancelCodes", representative=first.email) == 0
    assert {code_of(partial(typed, hands, code)) for code in (*codes, away)} == {"NoSuchCode"}


def test_a_dead_code_keeps_no_name_and_no_ticket(hands: Hands) -> None:
    """RET-1: they are on the session's record, or nowhere."""
    used, cancelled = (made(hands, reference_id="INC-1").code for _ in range(2))
    typed(hands, used)
    hands.call("cancelCode", code=cancelled)

    with hands.broker.store.reading() as tx:
        kept = [tx.code(code) for code in (used, cancelled)]
    assert [(c.customer_name, c.reference_id) for c in kept if c is not None] == [("", None)] * 2


def test_what_cannot_be_cancelled(hands: Hands) -> None:
    """PHONE-5, CONN-4: no code, a dead one, another portal's."""
    desk = desks(hands)[0]
    with hands.broker.store.writing() as tx:
        tx.assign(desk.email, ("oakhurst-applications", "billing"))
    used = made(hands, desk).code
    typed(hands, used)
    away = desk.call("startByCode", portal="oakhurst-applications", customer_name="").code

    for code in ("nonsense", "000000000", used, away):
        assert code_of(partial(hands.call, "cancelCode", code=code)) == "NoSuchCode"
    assert typed(hands, away).portal == "oakhurst-applications"


def test_who_is_no_representative_of_the_portal(hands: Hands) -> None:
    """PHONE-1: unknown, or of another portal only; and another portal cannot be named."""
    portal = Portal("gamma", "G", "Example", "SmartPin", ("a",), hard_lockouts=False)
    managers.add_portal(hands.broker.world, portal, "gamma", "secret")
    desk = desks(hands)[0]

    assert code_of(partial(made, hands, portal="gamma")) == "InvalidArgument"
    assert code_of(partial(made, hands, representative="nobody")) == "NoSuchRepresentative"
    hands.logon("secret", "gamma")
    for name in ("createCode", "cancelCodes", "getCodes"):
        more = {"portal": "gamma", "customer_name": ""} if name == "createCode" else {}
        call = partial(hands.call, name, representative=desk.email, **more)
        assert code_of(call) == "NoSuchRepresentative"
    own = partial(desk.call, "startByCode", portal="gamma", customer_name="")
    assert code_of(own) == "NoSuchRepresentative"


@pytest.mark.parametrize("field", ["customer_name", "reference_id"])
@pytest.mark.parametrize("bad", ["a\0", "x" * 100_001])
def test_texts_are_checked_at_the_door(hands: Hands, field: str, bad: str) -> None:
    """SESS-4: what the record could not carry is refused when the code is made."""
    given: dict[str, Any] = {field: bad}
    assert code_of(partial(made, hands, **given)) == "InvalidArgument"
    assert active(hands) == []


def test_a_code_works_on_its_own_portal_s_page(hands: Hands) -> None:
    """PHONE-6: on another it is as one that never was, and stays good."""
    code = made(hands).code

    assert code_of(partial(typed, hands, code, portal="oakhurst-applications")) == "NoSuchCode"
    assert typed(hands, code, portal=hands.portal).mode == "Phone"


def test_the_dead_look_alike(hands: Hands) -> None:
    """PHONE-6: unknown, used, expired, cancelled and none at all: one refusal, one sentence."""
    expired = made(hands).code
    hands.pass_time(FIFTEEN)
    used, cancelled = made(hands).code, made(hands).code
    typed(hands, used)
    hands.call("cancelCode", code=cancelled)

    said = [
        refusal_of(partial(typed, hands, code))
        for code in ("000000000", used, expired, cancelled, "nonsense", "")
    ]

    assert {(one.fault.code, one.sentence) for one in said if one is not None} == {
        ("NoSuchCode", "There is no such code, or not any more.")
    }
    assert None not in said
