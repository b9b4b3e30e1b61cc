"""PORTAL-1: what a form carries, in whichever charset and by whichever way it comes."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.web import fields

FORM = "application/x-www-form-urlencoded"
texts = st.dictionaries(st.from_regex("[A-Za-z]{1,8}", fullmatch=True), st.text(), max_size=5)
GAP = "".join(map(chr, range(128, 160)))  # where Windows has signs of its own
latin = st.text(st.characters(max_codepoint=0xFF, exclude_characters=GAP))


def lower(form: dict[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in form.items()}


@given(form=texts, rest=texts)
def test_utf8_comes_through_from_query_and_body(form: dict[str, str], rest: dict[str, str]) -> None:
    """PORTAL-1: unsaid, said by HTTP, or said by the form; the body's word is the last."""
    query, body = urlencode(rest), urlencode(form).encode()
    expected = lower(rest) | lower(form)

    assert fields.read(query, body, FORM) == expected
    assert fields.read(query, body, f'{FORM}; Charset="UTF-8"') == expected
    said = fields.read(query, body + b"&_charset_=utf-8", FORM)
    assert {**expected, "_charset_": "utf-8"} == said


@given(text=latin)
def test_latin_1_comes_through(text: str) -> None:
    """PORTAL-1: said so, or because it cannot be UTF-8."""
    written = quote_plus(text, encoding="latin-1")
    body = f"Question={written}".encode()

    assert fields.read("", body, f"{FORM};charset=ISO-8859-1") == {"question": text}
    assert fields.read(f"_charset_=iso-8859-1&q={written}", b"", "")["q"] == text
    if "é" in text:
        assert fields.read("", body + quote_plus("é", encoding="latin-1").encode(), FORM)


def test_latin_1_is_told_from_utf8() -> None:
    """PORTAL-1: as old pages send it, without a word about it."""
    assert fields.read("Name=Zo%EB", b"", "") == {"name": "Zoë"}
    assert fields.read("Name=Zo%C3%AB", b"", "") == {"name": "Zoë"}
    assert fields.read("Price=%80+5", b"", "") == {"price": "€ 5"}
    assert fields.read("Gap=%81%EB", b"", "") == {"gap": "\x81ë"}


@given(data=st.binary(max_size=200), kind=st.sampled_from(["", FORM, f"{FORM};charset=utf-8"]))
def test_whatever_comes_is_read_or_refused(data: bytes, kind: str) -> None:
    """FAULT-2: texts, or a ValueError."""
    with suppress(ValueError):
        assert all(isinstance(text, str) for text in fields.read("", data, kind).values())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"a=1", "multipart/form-data; boundary=x"),
        (b"a=1", f"{FORM}; charset=utf-16"),
        (b"a=%ff", f"{FORM}; charset=utf-8"),
        (b"&".join([b"a=1"] * 301), FORM),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str) -> None:
    """FAULT-2: in a sentence."""
    with pytest.raises(ValueError, match="form"):
        fields.read("", body, kind)
