"""C-NET-2, C-POLL-2, C-CONN-1: a broker that answers oddly, with the real WSDL before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from integration.errors import Retry
from integration.tests.fakes import ManualClock
from integration.tests.hostile import Request, Scripted
from integration.tests.hostile import answer as reply
from integration.wire.broker import Broker
from integration.wire.connection import Login as Credential
from integration.wire.http import Http


def canned(answers: list[str]) -> Callable[[Request], bytes]:
    """A broker that knows its WSDL, a logon, and after that these answers, the last for ever."""
    wsdl = (Path(__file__).parents[2] / "fixtures/contract/Sessions.wsdl").read_bytes()

    def script(request: Request) -> bytes:
        if request.method == "GET":
            return reply(200, wsdl, Content_Type="text/xml")
        if b":logon " in request.body:
            said = LOGGED_ON
        else:
            said = answers.pop(0) if len(answers) > 1 else answers[0]
        status = 500 if "Fault" in said else 200
        return reply(status, ENVELOPE.format(said).encode(), Content_Type="text/xml")

    return script


ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soap:Body>{}</soap:Body></soap:Envelope>"
)
LIMITED = (
    "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>Too many</faultstring><detail>"
    '<RateLimited xmlns="urn:broker-sim:v1"><code>RateLimited</code><message>Too many</message>'
    "<retryAfterSeconds>3</retryAfterSeconds></RateLimited></detail></soap:Fault>"
)
ENDED = LIMITED.replace("RateLimited", "ConnectionExpired").replace(
    "<retryAfterSeconds>3</retryAfterSeconds>", ""
)
LOGGED_ON = (
    '<logonResponse xmlns="urn:broker-sim:v1"><connectionId>c</connectionId></logonResponse>'
)
NUMBER = (
    '<getLastUpdateIdResponse xmlns="urn:broker-sim:v1"><lastUpdateId>5</lastUpdateId>'
    "</getLastUpdateIdResponse>"
)


def ask(answers: list[str], folder: Path) -> tuple[int | str, ManualClock]:
    """Ask such a broker for its last update; gives the answer or what to do, and the clock."""
    clock = ManualClock()
    with Scripted(canned(answers)) as server:
        http = Http(None)
        address = f"{server.url}/services/Sessions"
        credential = Credential("api", lambda: "x")
        client = Broker(http, f"{address}?wsdl", address, folder, credential, clock)
        try:
            return client.last_update_id(), clock
        except Retry as why:
            return str(why), clock
        finally:
            http.close()


def test_too_many_calls_wait_as_long_as_told(tmp_path: Path) -> None:
    """C-POLL-2: after each RateLimited the same call comes again, when it may."""
    found, clock = ask([LIMITED, LIMITED, NUMBER], tmp_path)

    assert found == 5
    assert clock.waits == [3.0, 3.0]


def test_a_broker_that_always_says_too_many(tmp_path: Path) -> None:
    """C-POLL-2: is one that does not work, to be tried again later."""
    assert ask([LIMITED], tmp_path)[0] == "too many calls, again and again"


def test_a_connection_that_always_ends_is_not_opened_for_ever(tmp_path: Path) -> None:
    """C-CONN-1: logged on again once."""
    assert "right after the logon" in str(ask([ENDED], tmp_path)[0])
    assert ask([ENDED, NUMBER], tmp_path / "other")[0] == 5


@pytest.mark.parametrize(
    "said",
    [
        "",
        "<x/>",
        NUMBER.replace(">5<", ">soon<"),
        NUMBER.replace("lastUpdateId", "other"),
        '<a xmlns="urn:broker-sim:v1"/>',
        NUMBER[:-9],
        "<!DOCTYPE a []>",
        LIMITED.replace("3<", "soon<"),
        LIMITED.replace("detail", "other"),
    ],
)
def test_an_answer_that_is_none(tmp_path: Path, said: str) -> None:
    """C-NET-2: whatever it is, the call is to be tried again."""
    assert isinstance(ask([said], tmp_path)[0], str)
