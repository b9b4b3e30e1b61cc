"""WIRE-1, SESS-4: single values on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind
from broker_sim.soap import lexical
from broker_sim.tests import soap_drawing as drawing

MILLISECOND = timedelta(milliseconds=1)
NOON = datetime(2026, 1, 25, 12, tzinfo=UTC)


@drawing.MODEST
@given(text=drawing.texts)
def test_a_text_comes_back_from_any_parser(text: str) -> None:
    """SESS-4: byte for byte as entered."""
    parsed = etree.fromstring(f"<x>{lexical.write_text(text)}</x>")

    assert (parsed.text or "") == text


@pytest.mark.parametrize("letter", ["\0", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_is_never_written(letter: str) -> None:
    """SESS-4: it is neither dropped nor replaced."""
    with pytest.raises(ValueError, match="XML forbids"):
        lexical.write_text(f"a{letter}b")


@drawing.MODEST
@given(instant=drawing.instants, minutes=st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_written_in_utc_and_read_in_any_zone(instant: datetime, minutes: int) -> None:
    """WIRE-1: what is sent ends in Z; another zone means the same instant."""
    written = lexical.write_instant(instant)
    elsewhere = instant.astimezone(timezone(timedelta(minutes=minutes)))

    assert written.endswith("Z")
    assert len(written) == len("2026-01-25T08:07:29.123Z")
    assert lexical.read_instant(written) == instant
    assert lexical.read_instant(written[:-1]) == instant
    assert lexical.read_instant(elsewhere.isoformat()) == instant
    assert lexical.write_instant(elsewhere) == written


@drawing.MODEST
@given(
    instants=st.lists(drawing.instants | st.datetimes(timezones=st.just(UTC)), max_size=5),
    minutes=st.lists(st.just(0) | st.integers(-14 * 60, 14 * 60), min_size=5, max_size=5),
)
@example(instants=[NOON, NOON + MILLISECOND, NOON + timedelta(microseconds=1)], minutes=[0] * 3)
@example(instants=[NOON, NOON + MILLISECOND], minutes=[0, 60])
def test_a_list_of_instants_is_written_as_each_of_them(
    instants: list[datetime], minutes: list[int]
) -> None:
    """WIRE-1: with a fraction or none, in whatever zone they are."""
    zones = [timezone(timedelta(minutes=each)) if each else UTC for each in minutes]
    meant = [at.astimezone(zone) for at, zone in zip(instants, zones, strict=False)]

    assert lexical.write_instants(meant) == [lexical.write_instant(instant) for instant in meant]


@drawing.MODEST
@given(instant=drawing.instants, digits=st.text("0123456789", min_size=1, max_size=12))
def test_finer_instants_are_rounded_up_to_the_next_millisecond(
    instant: datetime, digits: str
) -> None:
    """SESS-5: so no instant of the broker changes sides of a half-open range."""
    read = lexical.read_instant(lexical.write_instant(instant)[:-1] + digits)

    assert read == instant + (MILLISECOND if digits.strip("0") else timedelta(0))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-24T24:00:00", datetime(2026, 1, 25, tzinfo=UTC)),
        ("2026-01-24T24:00:00.000+01:00", datetime(2026, 1, 24, 23, tzinfo=UTC)),
        (" \n2026-01-25T12:00:00Z\t", NOON),
        ("2026-01-25T12:00:00.5", NOON + 500 * MILLISECOND),
        ("2026-01-25T12:00:59.9999Z", NOON + timedelta(minutes=1)),
        ("2026-01-26T02:00:00+14:00", NOON),
    ],
)
def test_odd_instants_are_read(text: str, instant: datetime) -> None:
    """WIRE-1: all that the schema calls a date and time, if it exists."""
    assert lexical.read_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-25",
        "2026-01-25 12:00:00",
        "2026-02-30T12:00:00Z",
        "2026-01-25T24:00:01Z",
        "2026-01-25T12:60:00Z",
        "2026-01-25T12:00:60Z",
        "2026-01-25T12:00:00+14:01",
        "2026-01-25T12:00:00+01:60",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59.9999Z",
        "9999-12-31T24:00:00Z",
        "12026-01-25T12:00:00Z",
        "-2026-01-25T12:00:00Z",
        "\u0662\u0660\u0662\u0666-01-25T12:00:00Z",
    ],
)
def test_what_is_no_instant_of_ours_is_refused(text: str) -> None:
    """FAULT-1: with a clause, and no other exception."""
    with pytest.raises(ValueError, match="it must be a date and time"):
        lexical.read_instant(text)


def test_an_instant_without_a_zone_is_not_written() -> None:
    """WIRE-1: a naive instant is our mistake, not somebody's local time."""
    with pytest.raises(ValueError, match="time zone"):
        lexical.write_instant(NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        lexical.write_instants([NOON, NOON.replace(tzinfo=None)])


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [(Kind.ID, 1, 2**63 - 1), (Kind.COUNT, 0, 2**31 - 1), (Kind.POSITION, 0, 2**63 - 1)],
)
def test_numbers_end_where_the_contract_ends_them(kind: Kind, least: int, most: int) -> None:
    """FAULT-1: both ends are in, their neighbours are out."""
    read = lexical.READERS[kind]

    assert [read(f" +00{least} "), read(f"{most}\n")] == [least, most]
    for beyond in (least - 1, most + 1, 10**400):
        with pytest.raises(ValueError, match=f"from {least} to {most}"):
            read(str(beyond))


@pytest.mark.parametrize("text", ["", "1_0", "\u0661", "1.0", "1e3", "0x1", "- 1", "++1", "1 1"])
def test_what_python_takes_for_a_number_may_be_none(text: str) -> None:
    """FAULT-1: only XML's own digits count."""
    with pytest.raises(ValueError, match="whole number"):
        lexical.READERS[Kind.COUNT](text)


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.INSTANT, Kind.BINARY, Kind.FLAG])
@pytest.mark.parametrize("unit", ["0", "1", " ", "A", "2026-01-25T12:00:00.1"])
def test_long_nonsense_is_refused_in_no_time(kind: Kind, unit: str) -> None:
    """FAULT-2: no reader takes more than one look at a body's worth of text."""
    with pytest.raises(ValueError, match="it must be"):
        lexical.READERS[kind](unit * limits.BODY_MAX_BYTES + "?")


@drawing.MODEST
@given(value=st.binary(max_size=60), at=st.integers(0, 60))
def test_binary_comes_back_with_blanks_in_it(value: bytes, at: int) -> None:
    """WIRE-1: line ends in base64 do not count."""
    written = lexical.write_binary(value)

    assert lexical.read_binary(f"{written[:at]}\r\n {written[at:]}") == value


@pytest.mark.parametrize("text", ["Q", "QQ", "Q===", "????", "QQ=A", "Q\u00e9=="])
def test_what_is_no_base64_is_refused(text: str) -> None:
    """FAULT-1: nothing is guessed."""
    with pytest.raises(ValueError, match="it must be base64"):
        lexical.read_binary(text)


@pytest.mark.parametrize(
    ("text", "flag"), [("true", True), (" 1 ", True), ("false", False), ("0", False)]
)
def test_a_flag_has_four_spellings(text: str, flag: bool) -> None:
    """WIRE-1: those of XML Schema."""
    assert lexical.read_flag(text) is flag


def test_names_and_texts_have_a_longest() -> None:
    """SESS-4: the ends are in."""
    assert len(lexical.read_name("n" * limits.NAME_MAX)) == limits.NAME_MAX
    assert len(lexical.read_text("t" * limits.TEXT_MAX)) == limits.TEXT_MAX
    for reader, text in (
        (lexical.read_name, ""),
        (lexical.read_name, "n" * (limits.NAME_MAX + 1)),
        (lexical.read_text, "t" * (limits.TEXT_MAX + 1)),
    ):
        with pytest.raises(ValueError, match="characters"):
            reader(text)
