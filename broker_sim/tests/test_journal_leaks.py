"""REC-7: the journal of callers who write secrets in every way but the expected one."""

from __future__ import annotations

import gzip
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from broker_sim.adapters.journal import MemoryJournal
from broker_sim.adapters.redaction import READ, redact
from broker_sim.service.seen import Exchange
from broker_sim.testing import running_broker
from broker_sim.tests.sessions_of import SessionsOf
from broker_sim.tests.stores import START

SECRET = "Sesame-4711"
PASSWORDS = {
    "an end tag in CDATA": "<password><![CDATA[</password>{}]]></password>",
    "an end tag in a comment": "<password><!--</password>-->{}</password>",
    "an element inside": "<password><b>x</b>{}</password>",
    "itself inside": "<password><password>x</password>{}</password>",
    "an instruction inside": "<password><?x </password>?>{}</password>",
    "another case": "<Password>{}</Password>",
    "a prefix with a mark": "<e\u0301:password>{}</e\u0301:password>",
    "a prefix that is no letter": "<\u2103:password>{}</\u2103:password>",
    "an attribute": "<logon password='{}'/>",
    "an attribute with a prefix": '<logon x:password = "{}"></logon>',
    "an attribute that is cut off": '<logon username="amy" password="{}',
    "an entity": '<!DOCTYPE a [<!ENTITY p "{}">]><a><password>&p;</password></a>',
    "an empty one before": "<password/><password>{}</password>",
    "an end tag that never comes": "<a><key>x</key><password>{}</a>",
    "a form": "<a>username=amy&password={}</a>",
    "JSON": '<a>{{"username": "amy", "password": "{}"}}</a>',
}
NO_XML = {
    "a form": "username=amy&password={}",
    "a form's other name": "connectionId={}",
    "JSON": '{{"username": "amy", "password": "{}"}}',
    "parts of a form": 'name="password"\r\n\r\n{}\r\n--x',
    "another alphabet": "+ADw-password+AD4-{}+ADw-/password+AD4-",
}


@pytest.mark.parametrize("frame", PASSWORDS.values(), ids=PASSWORDS)
@pytest.mark.parametrize("before", ["", "\ufeff", "<?xml version='1.0'?>\n<e>", " \n"])
def test_no_way_of_writing_shows_a_secret(before: str, frame: str) -> None:
    """REC-7: what the broker refuses is journaled, too."""
    assert SECRET not in redact(f"{before}{frame.format(SECRET)}".encode())


@pytest.mark.parametrize("frame", NO_XML.values(), ids=NO_XML)
@pytest.mark.parametrize("before", ["", "\ufeff", "a b\n"])
def test_what_is_no_xml_shows_none_either(before: str, frame: str) -> None:
    """REC-7: whoever takes the service for a web form has typed a password all the same."""
    assert SECRET not in redact(f"{before}{frame.format(SECRET)}".encode())


@pytest.mark.parametrize("cut", range(60))
def test_a_body_that_was_cut_anywhere_shows_none(cut: int) -> None:
    """REC-7: inside a tag, inside the secret, at its end."""
    body = f"<e><n:connectionId>{SECRET}</n:connectionId></e>".encode()

    assert SECRET[:4] not in redact(body[:cut])


def test_what_is_compressed_is_not_shown() -> None:
    """REC-7: gzip may leave its content as it was."""
    body = gzip.compress(f"<password>{SECRET}</password>".encode(), compresslevel=0)

    assert SECRET not in redact(body)
    assert SECRET not in redact(body.replace(b"\0", b"."))


@pytest.mark.parametrize(
    "shown",
    [
        "<a><question>What is my password?</question><b>1</b></a>",
        "<a><keyVersion>3</keyVersion><monkey>b</monkey></a>",
        "<password>[struck out]</password><b>still here</b>",
        "GET /recordings/1/a.txt",
        "There is nothing at this path.",
    ],
)
def test_what_is_no_secret_stays(shown: str) -> None:
    """A journal that strikes out too much is of no use."""
    assert redact(shown.encode()) == shown


def test_a_secret_at_the_end_of_what_is_read_is_not_shown() -> None:
    """REC-7: bodies are cut before they are read."""
    for length in range(READ - 42, READ + 8):
        body = b"<e>" + b"x" * length + f"<password>{SECRET}</password>".encode()
        entry = Exchange("/x", "op", 200, None, "127.0.0.1", body, body)
        journal = MemoryJournal()
        journal.add(entry, START)
        assert SECRET[:4] not in str(journal.after(0, 1))


def test_a_survey_s_token_is_not_told_however_it_is_escaped() -> None:
    """REC-7, PORTAL-5: a plus that came as it is reads as a blank, and still opens the survey."""
    halves = ("AbCdEfGh", "1234567890/zzz")
    with running_broker() as broker:
        for plus in ("+", "%2B", "%20"):
            said = {"QueryKey": "7", "Portal": "x", "Token": ""}
            form = "&".join(f"{name}={text}" for name, text in said.items())
            requests.post(
                f"{broker.url}/ds/sessionEndV8.flow",
                data=f"{form}7:{plus.join(halves)}==",
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                timeout=10,
            )
        told = str(broker.tester.journal.after(0, 1000))

    assert told.count("'QueryKey': '7'") == 3
    assert not any(half in told for half in halves)


def test_a_download_is_told_without_what_its_link_is_signed_with() -> None:
    """REC-5, REC-7: however the query is spelled."""
    with running_broker(seed=11, sessions=20) as broker:
        url = SessionsOf(broker).first_finished().files[0].url
        parts = urlsplit(url)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        signature = said["signature"]
        spelled = f"%65xpires={said['expires']}&%73ignature=%{ord(signature[0]):02X}{signature[1:]}"
        answers = [
            requests.get(f"{broker.url}{parts.path}?{query}", timeout=10).status_code
            for query in (parts.query, spelled, f"sig={signature}", quote(parts.query))
        ]
        told = str(broker.tester.journal.after(0, 1000))

    assert answers == [200, 200, 403, 403]
    assert told.count(parts.path) >= 4
    assert signature[1:] not in told
