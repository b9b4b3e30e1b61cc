"""FAULT-2: whatever is posted, a declared fault or a plain 4xx, in bounded time and memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import ENDPOINTS, faults
from broker_sim.contract.kinds import Operation
from broker_sim.service.exchange import Answer, Request
from broker_sim.service.seen import Exchange
from broker_sim.soap.parser import Parsing, markup_of, pieces_of
from broker_sim.soap.service import SoapService
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests import soap_hostile_bodies as bodies
from broker_sim.tests.soap_drawing import SOAP11, SOAP12
from broker_sim.tests.soap_hostile_bodies import logon

SESSIONS: Final = ENDPOINTS[0]
SECRET: Final = b"root:"  # of /etc/passwd
CPU_SECONDS: Final = 0.5  # for any one request; the worst takes about a tenth of it

SEEN: list[Exchange] = []
CALLS: list[Mapping[str, Any]] = []


def call(_operation: Operation, arguments: Mapping[str, Any], _request: Request) -> Any:
    CALLS.append(arguments)
    return "connection-1"


def crash() -> str:
    msg = "no incident may come of anything that is posted"
    raise AssertionError(msg)


SERVICE = SoapService(SESSIONS, call, "https://b.example", crash, lambda done, _: SEEN.append(done))


def post(body: bytes, content_type: str) -> Answer:
    started = time.process_time()
    answer = drawing.finished(SERVICE.handle(drawing.posted(body, content_type)))
    took = time.process_time() - started
    assert took < CPU_SECONDS, f"{took:.2f} s"
    return answer


def assert_no_insides(answer: Answer) -> None:
    for word in (b"libxml", b"lxml", b"spyne", b"Traceback", b".py", SECRET):
        assert word not in answer.body
    assert len(answer.body) < 4 * 1024


def assert_declared(answer: Answer, reason: str = "") -> None:
    assert_no_insides(answer)
    assert answer.status in {400, 500}
    found = drawing.told(drawing.detail(answer))
    assert found["code"] == faults.INVALID_ARGUMENT.code
    assert found["reason"].startswith(reason)


@pytest.mark.parametrize("name", bodies.REFUSED)
def test_hostile_bodies_are_refused(name: str) -> None:
    """FAULT-2: with a declared fault, in bounded time, and nothing is called."""
    posted, reason = bodies.REFUSED[name]
    before = len(CALLS)

    assert_declared(post(*posted), reason)
    assert len(CALLS) == before


@pytest.mark.parametrize("name", bodies.UNREAD)
def test_some_are_not_even_read(name: str) -> None:
    """FAULT-2: a plain 4xx."""
    posted, status = bodies.UNREAD[name]

    answer = post(*posted)

    assert_no_insides(answer)
    assert answer.status == status
    assert dict(answer.headers)["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("name", bodies.MISMATCHED)
def test_other_envelopes_are_a_mismatch(name: str) -> None:
    """FAULT-2: SOAP's own fault for it."""
    assert_no_insides(post(*bodies.MISMATCHED[name]))
    assert SEEN[-1].fault == "VersionMismatch"


@pytest.mark.parametrize("name", bodies.TAKEN)
def test_odd_bodies_are_served(name: str) -> None:
    """FAULT-2, SESS-4: in bounded time; nothing is fetched from anywhere."""
    assert post(bodies.TAKEN[name], SOAP11).status == 200
    assert CALLS[-1]["password"] == "p"


@drawing.MODEST
@given(
    body=st.binary(max_size=300)
    | st.text(max_size=100).map(str.encode)
    | st.builds(
        lambda cut, at, more: logon()[:at] + more + logon()[at + cut :],
        st.integers(0, 9),
        st.integers(0, len(logon())),
        st.binary(max_size=4) | st.sampled_from([b"<", b"&", b"<!--", b'"', b"<a>"]),
    ),
    media=st.sampled_from([SOAP11, SOAP12, "text/xml; charset=utf-16", "text/xml; charset=latin1"]),
)
def test_noise_and_damage_end_well(body: bytes, media: str) -> None:
    """FAULT-2: no incident comes of anything that is posted."""
    answer = post(body, media)

    assert_no_insides(answer)
    if SEEN[-1].fault not in {None, "VersionMismatch"}:
        assert_declared(answer)


# What strangers' names leave in the parser


def here(_root: object) -> int:
    return threading.get_ident()


def test_unseen_markup_is_parsed_aside_once_the_budget_is_spent() -> None:
    """FAULT-2: what has been seen is still parsed here, whatever its texts say."""
    parsing = Parsing(budget=100)
    ours = threading.get_ident()

    assert parsing.read(b"<a><b>1</b></a>", here) == ours
    assert parsing.read(b"<c>" + b"<d/>" * 30 + b"</c>", here) != ours
    assert parsing.read(b"<a><b>another text, and longer</b></a>", here) == ours
    assert parsing.read(b"<e/>", here) == ours
    assert parsing.left == 100 - len(b"<a><b></b></a>") - len(b"<e/>")


def test_what_goes_wrong_aside_comes_back() -> None:
    """FAULT-2: the same refusal as here."""
    parsing = Parsing(budget=0)

    def divide(_root: object) -> float:
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        parsing.read(b"<a/>", divide)


PIECES = st.sampled_from(
    ["x", '"', "'", ">", " ", "=", '<!-- " -->', "<![CDATA[ ' > ]]>", '<?p "?>', "&lt;", "\n"]
)


@drawing.MODEST
@given(
    double=st.lists(PIECES, max_size=4).map("".join),
    single=st.lists(PIECES, max_size=4).map("".join),
    between=st.lists(PIECES, max_size=4).map("".join),
)
@example(double="u", single='">', between='<!-- " -->')
@example(double="u", single='">', between='<?p "?>')
@example(double="'>", single="u", between="<![CDATA['x]]>")
@example(double=">'>", single='">>', between="' \"")
def test_no_name_hides_from_the_budget(double: str, single: str, between: str) -> None:
    """FAULT-2: each name of a well-formed body is in what the budget counts."""
    body = (
        f"<name0 name1=\"{double}\" name2='{single}' >{between}<name3:name4 name5='{single}'"
        f' xmlns:name3="{double}" name6=""/>{between}<name7/></name0>'
    )
    try:
        etree.fromstring(body)
    except etree.XMLSyntaxError:
        return  # the pieces do not always fit

    markup = markup_of(pieces_of(body.encode())).decode()

    assert [n for n in range(8) if f"name{n}" not in markup] == []


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's own count")
def test_fresh_names_do_not_fill_the_memory() -> None:
    """FAULT-2: 150 bodies of 100 KB of fresh names leave a few megabytes, not twenty."""
    parsing = Parsing()

    def post_fresh_names(first: int) -> None:
        for nth in range(first, first + 150):
            tags = "".join(f"<n{nth}x{n}{'y' * 10}/>" for n in range(4_000))
            parsing.read(f"<a>{tags}</a>".encode(), len)

    post_fresh_names(0)
    before = resident_bytes()
    post_fresh_names(1_000)

    assert resident_bytes() - before < 6_000_000


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
