"""Secrets struck out of what is shown of an exchange.

Source: REC-7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_plus

READ: Final = 4096  # bytes: no more of a body is looked at
STRUCK_OUT: Final = "[struck out]"
# Elements whose content is a secret. `logonResult` is the connection id.
_NAMES: Final = (
    "(?:new)?password(?:Again)?|connectionId|logonResult|key|contentKey|wrappedKey|kdfSalt"
    "|passphrase(?:Again)?|signature|token|ticket"
)
_PREFIX: Final = r"(?:[^\s<>/:]+:)?"
# An element up to its end tag; where anything but plain text is in it, all up to the end.
_ELEMENT: Final = re.compile(
    rf"(<{_PREFIX}({_NAMES})(?=[\s/>])[^>]*>)(?:[^<]*(</{_PREFIX}\2\s*>)|.*)",
    re.DOTALL | re.IGNORECASE,
)
# An attribute, a part of a URL or of a form; up to the next tag.
_VALUE: Final = re.compile(rf"(\b(?:{_NAMES})[\"']?\s*[=:])[^<]*", re.IGNORECASE)
_TYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY).*", re.DOTALL | re.IGNORECASE)
# The link of a customer's page or survey: a number of a session and its signature.
_PASS: Final = re.compile(r"\b([0-9]{1,18}(?:[.:]|%3A))[A-Za-z0-9+/_%-]{20,}={0,2}", re.IGNORECASE)
# Where the text is no XML at all: from the first of the names.
_NAMED: Final = re.compile(rf"\b(?:{_NAMES})\b.*", re.DOTALL | re.IGNORECASE)
_SECRET: Final = re.compile(_NAMES, re.IGNORECASE)
# A name of a query or a form that is worth repeating: nothing that could be a value.
_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_FIELDS_MOST: Final = 20


def redact(body: bytes) -> str:
    """Give a body as text, every secret in it struck out, cut to a readable length."""
    if b"\0" in body:  # not UTF-8: names could not be found in it
        return "[bytes that are not UTF-8]"
    text = body[:READ].decode(errors="replace")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        text = _TYPE.sub(STRUCK_OUT, text)
        text = _ELEMENT.sub(rf"\1{STRUCK_OUT}\3", text)
        text = _VALUE.sub(rf"\1{STRUCK_OUT}", text)
    else:
        text = _NAMED.sub(STRUCK_OUT, text)
    text = _PASS.sub(rf"\1{STRUCK_OUT}", text)
    if len(body) > READ:
        return f"{text} [cut]"
    return text


def redact_value(text: str, most: int) -> str:
    """Give a single value as it may be shown: no secret behind its name, cut."""
    text = _ELEMENT.sub(rf"\1{STRUCK_OUT}\3", text[: 2 * most])
    text = _VALUE.sub(rf"\1{STRUCK_OUT}", text)
    text = _PASS.sub(rf"\1{STRUCK_OUT}", text)
    return text if len(text) <= most else f"{text[:most]} [cut]"


def is_secret(name: str) -> bool:
    """Tell whether what goes by this name, on the wire, is never shown."""
    return _SECRET.fullmatch(name) is not None


def field_names(query: str) -> tuple[str, ...]:
    """Give the names in a query or a form, once each; for what may be none, that it is there."""
    return tuple(dict.fromkeys(_named(query)))


def _named(query: str) -> Iterator[str]:
    for part in query.split("&")[:_FIELDS_MOST]:
        name, equals, _ = part.partition("=")
        name = unquote_plus(name)
        if equals and _FIELD.fullmatch(name):
            yield name
        elif part:
            yield "[unreadable]"
