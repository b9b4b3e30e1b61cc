"""FAULT-2, SEC-2: whatever customers and web sites send, an answer comes that tells nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.service import passes
from broker_sim.testing import RunningBroker, running_broker

OURS = re.compile(
    r'<script type="module" src="/static/(?:customer/[a-z]+|once)\.js\?v=[0-9a-f]{16}">'
)
FORM = "application/x-www-form-urlencoded"
PLACES = (
    "/h/{portal}", "/sb/{portal}", "/ph/{portal}", "/ds/queryPost.flow", "/ds/sessionEndV8.flow",
    "/servlet/dispatch/ds/queryPost.flow", "/cs/{token}", "/cs/{token}/talk", "/cs/{token}/say",
    "/cs/{token}/agree", "/cs/{token}/leave", "/cs/{token}/endScreenSharing", "/cs/{token}/files/1",
)  # fmt: skip
NAMES = (
    "Portal", "SubPortal", "Question", "Name", "Email", "CustomField1", "Code", "ReferenceId",
    "Locale", "Target", "Template", "QueryKey", "Token", "Text", "Satisfaction", "Remarks",
    "_charset_", "__proto__", "{{7*7}}",
)  # fmt: skip
texts = st.text(max_size=30) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "'\"><b>",
        "{{7*7}}",
        "..",
        "%00",
        "\x00",
        "\ud7ff\U0010ffff",
        "-1",
    ]
)
known = st.sampled_from(["{portal}", "{number}", "{token}", "{survey}"])
forms = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), texts | known, max_size=6)
kinds = st.sampled_from(
    [FORM, f"{FORM}; charset=utf-16", f"{FORM};charset=iso-8859-1", "text/xml", "", "multipart/x"]
)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture(scope="module")
def named(broker: RunningBroker) -> dict[str, str]:
    """Give what a customer of the world may know."""
    world, portal = broker.tester.world, broker.logins[0][0]
    given = {"portal": portal, "subPortal": "email", "question": "Why?"}
    number = broker.tester.perform("post", given).session_id
    return {
        "portal": portal,
        "number": str(number),
        "token": passes.session_pass(world, number),
        "survey": passes.survey_token(world, number, portal),
    }


@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"]),
    place=st.sampled_from(PLACES),
    tail=st.sampled_from(["", "/", "/x", "//", "?", "%00", "/..%2f"]) | texts.map(quote),
    query=forms,
    body=forms.map(urlencode).map(str.encode) | st.binary(max_size=60),
    kind=kinds,
    as_json=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_an_answer_comes_and_tells_nothing(
    broker: RunningBroker,
    named: dict[str, str],
    method: str,
    place: str,
    tail: str,
    query: dict[str, str],
    body: bytes,
    kind: str,
    as_json: bool,
) -> None:
    """Never a fault of ours; markup comes back escaped or not at all; headers on every answer."""
    filled = {name: _named(text, named) for name, text in query.items()}
    url = f"{broker.url}{place.format(**named)}{tail}"
    answer = requests.request(
        method,
        f"{url}{'&' if '?' in url else '?'}{urlencode(filled)}",
        data=body if method in {"POST", "PUT"} else None,
        headers={"Content-Type": kind, "Accept": "application/json" if as_json else "*/*"},
        timeout=10,
    )

    assert answer.status_code < 500
    if "html" in answer.headers.get("Content-Type", ""):
        assert "<script" not in OURS.sub("", answer.text)
        assert "Content-Security-Policy" in answer.headers
        assert "Traceback" not in answer.text


def _named(text: str, named: dict[str, str]) -> str:
    return named.get(text.strip("{}"), text) if text.startswith("{") else text
