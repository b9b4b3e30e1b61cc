"""What a form carries, whoever wrote it and in whichever charset.

Web sites that link here were written in many years: their forms come by GET and POST, in
UTF-8 or ISO-8859-1, mostly without saying which, with names in upper or lower case.

Source: PORTAL-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

_MOST: Final = 300
_KIND: Final = "application/x-www-form-urlencoded"
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_UTF8: Final = frozenset({"utf-8", "utf8"})
_LATIN: Final = frozenset({"iso-8859-1", "latin1", "windows-1252", "us-ascii"})


class Carried(Mapping[str, str]):
    """The fields of a form, and which of them were looked at: the rest nobody wanted."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found
        self._unread = dict.fromkeys(found)

    def __getitem__(self, name: str) -> str:
        self._unread.pop(name, None)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def unread(self) -> tuple[str, ...]:
        """The names of fields whose value nobody has looked at, in order."""
        return tuple(self._unread)


def read(query: str, body: bytes, content_type: str) -> Carried:
    """Read the fields of query and body, by lower-case name; the last of a name counts.

    Args:
        query: undecoded, as latin-1.
        body: of a form in application/x-www-form-urlencoded; may be empty.
        content_type: of the body.

    Raises:
        ValueError: another kind of body, a charset that is not spoken, too many fields.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if body and kind not in {_KIND, ""}:
        msg = f"send the form as {_KIND}"
        raise ValueError(msg)
    pairs = [*_pairs(query), *_pairs(body.decode("latin-1"))]
    charset = _charset(pairs, content_type)
    return Carried({_text(name, charset).lower(): _text(value, charset) for name, value in pairs})


def _pairs(text: str) -> list[tuple[bytes, bytes]]:
    try:
        found = parse_qsl(text, keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST)
    except ValueError:
        msg = f"a form has at most {_MOST} fields"
        raise ValueError(msg) from None
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found]


def _charset(pairs: list[tuple[bytes, bytes]], content_type: str) -> str:
    """Tell the charset: what the form says of itself, then HTTP's word, then what the bytes are."""
    named = _CHARSET.search(content_type)
    said = dict(pairs).get(b"_charset_", b"").decode("latin-1") or (named[1] if named else "")
    if said.lower() in _UTF8:
        return "utf-8"
    if said.lower() in _LATIN:
        return "cp1252"
    if said:
        msg = "send the form in UTF-8 or ISO-8859-1"
        raise ValueError(msg)
    try:
        for pair in pairs:
            b"".join(pair).decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _text(data: bytes, charset: str) -> str:
    """Decode; ISO-8859-1 is read as browsers write it, with the signs of Windows in its gaps.

    Raises:
        ValueError: it is not in the charset that was named.
    """
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        if charset == "cp1252":
            return data.decode("latin-1")
        msg = "the form is not in the charset that it names"
        raise ValueError(msg) from None
