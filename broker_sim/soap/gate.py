"""The gate before the parser: what is refused by looking at bytes.

Source: FAULT-2.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from broker_sim.contract import limits
from broker_sim.service.exchange import Answer, Request
from broker_sim.soap.envelope import VERSIONS, Version, unacceptable

ALLOWED: Final = "GET, HEAD, POST"

# What a body may be written in, by the names that HTTP and XML give; to Python's names.
_CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
}
_MARKS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# In these, a message in ASCII is what it is in UTF-8.
ASCII_IS_ASCII: Final = frozenset({"utf-8", "ascii", "iso-8859-1"})
_MARKED: Final = tuple(_MARKS)
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)', re.IGNORECASE)
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"'<>]{0,40})")
# A DTD can only stand before the root element, behind blanks, comments and instructions.
_DTD: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)


def admit(request: Request) -> tuple[Version, str] | Answer:
    """Tell a POST's version of SOAP and its charset by Python's name, or refuse it plainly."""
    if request.method != "POST":
        sentence = f"{request.method[:20]} is not served here; use POST."
        return plain(405, sentence, (("Allow", ALLOWED),))
    content_type = request.headers.get("content-type", "")
    version, named = _read(content_type)
    if version is None:
        return plain(415, f"The Content-Type must be one of {', '.join(VERSIONS)}.")
    encoding = request.headers.get("content-encoding")
    if encoding is not None and encoding.strip().lower() not in {"", "identity"}:
        return plain(415, "The body must not be compressed.")
    if len(request.body) > limits.BODY_MAX_BYTES:
        return plain(413, f"The body must have at most {limits.BODY_MAX_BYTES} bytes.")
    charset = _charset(named, request.body)
    if charset is None:
        return plain(415, "The charset must be one of UTF-8, UTF-16, ISO-8859-1, US-ASCII.")
    return version, charset


def readable(body: bytes, charset: str) -> bytes:
    """Give a body in UTF-8, unmarked; what no parser shall see is refused.

    What the XML declaration says of the encoding is void from here on.

    Raises:
        Refused: InvalidArgument.
    """
    if not (body.isascii() and charset in ASCII_IS_ASCII):
        try:
            body = body.decode(charset).encode()
        except UnicodeError:
            raise unacceptable("the message is not in the charset that it names") from None
    if b"\0" in body:
        raise unacceptable("the message must not hold a NUL character")
    if body.count(b"<") > 2 * limits.ELEMENTS_MAX:
        raise unacceptable(f"the message must have at most {limits.ELEMENTS_MAX} elements")
    if _DTD.match(body):
        raise unacceptable("the message must not have a document type")
    return body


def plain(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer with one sentence for a person."""
    said = (("Content-Type", "text/plain; charset=utf-8"), *headers)
    return Answer(status, said, f"{sentence}\n".encode())


@functools.lru_cache(256)  # callers repeat theirs
def _read(content_type: str) -> tuple[Version | None, str | None]:
    """Give the version of SOAP that a content type means, and the charset that it names."""
    named = _CHARSET.search(content_type)
    version = VERSIONS.get(content_type.partition(";")[0].strip().lower())
    return version, None if named is None else named[1].lower()


def _charset(named: str | None, body: bytes) -> str | None:
    """Tell the charset: the mark before all, then HTTP's word, then the XML declaration's.

    Returns:
        Python's name; None where it is not one that we read. Source: RFC 7303, section 3.
    """
    if body.startswith(_MARKED):
        return next(charset for mark, charset in _MARKS.items() if body.startswith(mark))
    if named is not None:
        return _CHARSETS.get(named)
    declared = _DECLARED.match(body)
    if declared is not None:
        return _CHARSETS.get(declared[1].decode("latin-1").lower())
    return "utf-8"
