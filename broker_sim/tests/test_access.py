"""LOGON-2, REC-2, REC-5, SESS-4: names, texts, downloads, what is encrypted."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import faults
from broker_sim.contract.sessions import FILE_CHANNEL
from broker_sim.core import access
from broker_sim.core.refusal import Refused

NOW = datetime(2030, 1, 15, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)

texts = st.text(st.characters(exclude_categories=()), max_size=12)
# Letters that fold into several, and marks that compose with one of these.
names = texts | st.text("\u00df\u0130\u0390\u01f0 S\u0301\u0307\u0323\u0345", max_size=6)


@given(name=names)
def test_folding_a_user_name_twice_changes_nothing(name: str) -> None:
    """LOGON-2: whoever uses the folded name finds the same login and the same count."""
    folded = access.canonical(name)

    assert folded == access.canonical(folded)


@pytest.mark.parametrize(
    "spelling", ["amy@example.com", "AMY@EXAMPLE.COM", " amy@example.com\t", "\uff41my@example.com"]
)
def test_no_spelling_evades_a_lock(spelling: str) -> None:
    """LOGON-2: case, width and blanks around are what people do not tell apart."""
    assert access.canonical(spelling) == "amy@example.com"


@given(number=st.integers(0, 0x10FFFF))
def test_a_text_is_accepted_when_xml_can_carry_it(number: int) -> None:
    """SESS-4: the ranges of XML 1.0's Char, written down once more; the refusal names both."""
    allowed = (
        number in {0x9, 0xA, 0xD}
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or number >= 0x10000
    )
    text = f"a{chr(number)}b"

    if allowed:
        assert text == access.check_text("question", text)
        return
    with pytest.raises(Refused) as refused:
        access.check_text("question", text)
    assert refused.value.fault is faults.INVALID_ARGUMENT
    assert refused.value.extra["field"] == "question"
    assert f"U+{number:04X}" in refused.value.extra["reason"]


@given(text=texts)
def test_what_is_accepted_comes_back_from_a_foreign_parser(text: str) -> None:
    """SESS-4: nothing is let in that the standard library's parser would choke on."""
    try:
        access.check_text("question", text)
    except Refused:
        return
    holder = ET.Element("t")
    holder.text = text

    assert ET.fromstring(ET.tostring(holder, "utf-8")).text in (text or None, *_folded(text))


def _folded(text: str) -> tuple[str, ...]:
    """ElementTree writes a carriage return bare, and XML reads that as a line feed."""
    return (text.replace("\r\n", "\n").replace("\r", "\n"),)


@pytest.mark.parametrize("channel", FILE_CHANNEL.words)
@pytest.mark.parametrize("secured", [False, True])
def test_screens_are_always_sealed_and_words_when_there_is_a_security_key(
    channel: str, *, secured: bool
) -> None:
    """REC-2: the properties file, which names no customer's words, never is."""
    always = channel in {"LocalScreen", "RemoteScreen"}
    words = channel in {"Chat", "Diagnostics"}

    assert (always or (words and secured)) == access.is_encrypted(channel, secured=secured)


def test_a_link_ends_at_its_end_and_not_before() -> None:
    """REC-5: it works in [made, expires), the end left out."""
    assert [access.may_download(NOW, NOW + d * TICK) for d in (-1, 0, 1)] == [True, False, False]


links = st.tuples(
    st.integers(1, 10**12),
    st.text(st.characters(exclude_characters="/"), min_size=1, max_size=6),
    st.integers(0, 10**14),
)


@given(one=links, other=links)
def test_two_links_are_signed_over_the_same_text_only_if_they_are_one(
    one: tuple[int, str, int], other: tuple[int, str, int]
) -> None:
    """REC-5: no session, name and time can be shifted into another's."""
    assert (one == other) == (access.url_text(*one) == access.url_text(*other))
