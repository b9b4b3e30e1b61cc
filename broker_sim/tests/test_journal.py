"""The journal: bounded, and never a secret in it."""

import logging
import re
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.adapters.journal import MemoryJournal
from broker_sim.service.seen import Exchange
from broker_sim.testing import running_broker
from broker_sim.tests.sessions_of import SessionsOf

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECRET = "Sesame-4711"

frames = st.sampled_from(
    [
        "<password>{}</password>",
        "<n:password xmlns:n='urn:x'>{}</n:password>",
        '<password a=">" b="1">{}</password >',
        "<password><![CDATA[{}]]></password>",
        "<password><!-- {} --></password>",
        "<connectionId>{}</connectionId>",
        "<wrappedKey>{}</wrappedKey>",
        "<key>{}</key>",
        "<password>{}",  # cut off
        "https://x/recordings/1/a?expires=1&signature={}",
    ]
)
fill = st.text(st.characters(codec="utf-8", exclude_characters="<>\0"), max_size=50)


def told(body: bytes) -> str:
    """Give what the journal shows of a request and of an answer with this body."""
    journal = MemoryJournal()
    journal.add(Exchange("/x", "op", 200, None, "127.0.0.1", body, body), NOW)
    return str(journal.after(0, 10))


@given(frame=frames, before=fill, after=fill)
def test_no_secret_is_shown(frame: str, before: str, after: str) -> None:
    """REC-7: whatever stands around it, prefixes, attributes, CDATA, a cut body."""
    body = f"<e>{before}{frame.format(SECRET)}</e>{after}".encode()

    assert SECRET not in told(body)


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_body_in_another_coding_is_not_shown(coding: str) -> None:
    """REC-7: where names cannot be read, nothing is shown."""
    shown = told(f"<password>{SECRET}</password>".encode(coding))

    assert "not UTF-8" in shown


def test_other_content_is_shown() -> None:
    """A journal that shows nothing would be safe and of no use."""
    assert "hello, goodbye" in told(b"<question>hello, goodbye</question>")


@given(count=st.integers(0, 40), kept=st.integers(1, 20), after=st.integers(0, 45))
def test_it_is_bounded_and_read_in_order(count: int, kept: int, after: int) -> None:
    """The last ones are kept; their numbers go on."""
    journal = MemoryJournal(kept)
    for _ in range(count):
        journal.add(Exchange("/x", None, 200, None, "", b"", b""), NOW)
    numbers = [entry["number"] for entry in journal.after(after, 100)]

    assert numbers == [n for n in range(max(1, count - kept + 1), count + 1) if n > after]


def test_a_whole_round_leaves_no_secret_behind(caplog: pytest.LogCaptureFixture) -> None:
    """REC-7: neither in the journal nor in a log at its most talkative."""
    caplog.set_level(logging.DEBUG)
    with running_broker(seed=6, sessions=10) as broker:
        _, username, password = broker.logins[0]
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<logon xmlns="urn:broker-sim:v1"><username>{username}</username>'
            f"<password>{password}</password></logon></e:Body></e:Envelope>"
        )
        url = broker.wsdl_url.partition("?")[0]
        headers = {"Content-Type": "text/xml"}
        answer = requests.post(url, body, headers=headers, timeout=10).text
        connection = re.search(r"<connectionId>([^<]+)<", answer)
        assert connection is not None
        ended = body.replace("logon", "logoff").partition("<username>")[0]
        ended += f"<connectionId>{connection[1]}</connectionId></logoff></e:Body></e:Envelope>"
        requests.post(url, ended, headers=headers, timeout=10)
        file = SessionsOf(broker).first_finished().files[0]
        requests.get(file.url, timeout=10)
        journal = str(broker.tester.journal.after(0, 100))
        signature = file.url.partition("signature=")[2]
        passwords = [password for _, _, password in broker.logins]

    assert "logon" in journal
    assert "download" in journal
    ours = "".join(r.getMessage() for r in caplog.records if r.name.startswith("broker_sim"))
    for secret in (*passwords, connection[1], signature):
        assert secret not in journal
        assert secret not in ours
