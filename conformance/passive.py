"""What every answer is held against, whatever is being tried: FAULT-1, WIRE-1, REC-7.

Each check gives findings and never raises: a broker that breaks a rule of every message is
told so once, and the other rules are judged all the same.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lxml import etree

from broker_sim.contract import faults
from broker_sim.contract.kinds import Fault, Operation
from conformance.exchange import Answer
from conformance.published import Published, Shape

# Shorter texts would be found in innocent places.
SECRET_LENGTH: Final = 6

_LEAKS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"traceback \(most recent",
        r"\bFile \"[^\"]+\", line \d+",
        r"\.py\b",
        r"\bat [\w.$]+\([\w.]+:\d+\)",
        r"(?:^|[\s'\"(])/(?:usr|home|opt|var|root|tmp|etc|srv|app)/\w",
        r"\b[a-z]:\\\\\w",
        r"\b(?:spyne|lxml|libxml2?|sqlalchemy|sqlite3?|psycopg\d?|granian|werkzeug|flask|msgspec)\b",
        r"\b(?:\w+\.)+\w*(?:Error|Exception)\b",
        r"\bobject at 0x[0-9a-f]+",
        r"\bSQLSTATE\b|\bSELECT .+ FROM\b",
    )
)
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']+)")
_SENTENCE: Final = re.compile(r"\w+ \w+.*")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of every message that one answer broke."""

    rule: str
    expected: str
    received: str


def leak(body: bytes) -> str | None:
    """Give a piece of text that tells of the broker's insides, if there is one."""
    text = body.decode("utf-8", "replace")
    for pattern in _LEAKS:
        found = pattern.search(text)
        if found:
            return text[max(0, found.start() - 20) : found.end() + 40]
    return None


def leaked_secret(body: bytes, secrets: Iterable[str]) -> bool:
    """Tell whether a text that must stay secret stands in `body`."""
    text = body.decode("utf-8", "replace")
    return any(len(secret) >= SECRET_LENGTH and secret in text for secret in secrets)


def declared(operation: Operation) -> dict[str, Fault]:
    """Give the faults that an operation may answer, by code."""
    return {fault.code: fault for fault in (*operation.faults, *faults.ALWAYS)}


def of_any(answer: Answer, version: str, media: str) -> Iterator[Finding]:
    """Check the frame of an answer to an ordinary call."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    if kind.lower() != media:
        yield Finding("WIRE-1", f"content type {media} for SOAP {version}", kind or "none")
    named = _CHARSET.search(answer.headers.get("content-type", ""))
    if named is not None and not _is_written_in(named[1], answer.body):
        yield Finding("WIRE-1", "the charset that the body is written in", named[1])


def _is_written_in(charset: str, body: bytes) -> bool:
    """Tell whether a body, read by what HTTP says, is what its XML says: RFC 7303 has it so."""
    if body.isascii() or b"\0" in body:  # what is in UTF-16 shows it itself
        return True
    declared = _DECLARED.match(body)
    with suppress(LookupError, UnicodeError):
        meant = "utf-8" if declared is None else declared[1].decode("ascii")
        return body.decode(charset) == body.decode(meant)
    return False


def of_gift(
    payload: etree._Element, answer: Answer, shape: Shape, published: Published
) -> Iterator[Finding]:
    """Check an answer that is no fault."""
    if answer.status != 200:
        yield Finding("FAULT-1", "a SOAP fault, or status 200", f"status {answer.status}, no fault")
    if payload.tag != shape.response:
        yield Finding("WIRE-1", f"<{_local(shape.response)}>", f"<{_local(str(payload.tag))}>")
    yield from _valid(payload, published)


def of_fault(
    code: str,
    sentence: str,
    detail: etree._Element | None,
    answer: Answer,
    operation: Operation,
    shape: Shape,
    published: Published,
) -> Iterator[Finding]:
    """Check a fault: the `code` of the envelope, its sentence, its typed detail, its status."""
    allowed = _statuses(code, published.version)
    if answer.status not in allowed:
        yield Finding("FAULT-1", f"status {' or '.join(map(str, allowed))}", f"{answer.status}")
    if not _SENTENCE.search(sentence):
        yield Finding("FAULT-1", "a sentence a person can act on", repr(sentence))
    if told_code(detail) == faults.RATE_LIMITED.code:
        yield from _of_wait(answer, detail)
    if detail is None:
        yield Finding("FAULT-1", "a typed detail", f"a fault {code!r} without one: {sentence!r}")
        return
    told = told_code(detail)
    if told not in declared(operation):
        wanted = f"one of the faults declared for {operation.name}"
        yield Finding("FAULT-1", wanted, f"code {told!r}")
    elif detail.tag not in shape.faults:
        yield Finding("FAULT-1", "a detail that the WSDL declares", f"<{_local(str(detail.tag))}>")
    if not _SENTENCE.search(_child(detail, "message")):
        yield Finding("FAULT-1", "a message in the detail", repr(_child(detail, "message")))
    yield from _valid(detail, published)
    found = leak(answer.body)
    if found:
        yield Finding("FAULT-1", "no stack trace, path or library's name", repr(found))


def _statuses(code: str, version: str) -> tuple[int, ...]:
    return (400,) if version == "1.2" and code == "Sender" else (500,)


def _of_wait(answer: Answer, detail: etree._Element | None) -> Iterator[Finding]:
    """Check that the header tells of the wait, and what the detail tells, to a rounded second."""
    header = answer.headers.get("retry-after", "")
    if not header.isdecimal():
        yield Finding("RATE-1", "a Retry-After of whole seconds", "none")
        return
    told = _child(detail, "retryAfterSeconds")
    if told.isdecimal() and not 0 <= int(header) - int(told) <= 1:
        yield Finding("RATE-1", f"a Retry-After of {told}, as the detail has it", header)


def told_code(detail: etree._Element | None) -> str:
    """Give the code that a typed detail names; "" where there is none."""
    return _child(detail, "code")


def _child(detail: etree._Element | None, name: str) -> str:
    """Give the text of a detail's element; "" where it has none."""
    found = (each for each in detail if _local(str(each.tag)) == name) if detail is not None else ()
    return next((each.text or "" for each in found), "")


def _valid(element: etree._Element, published: Published) -> Iterator[Finding]:
    # as UTF-8: a prefix may have letters that no character reference can stand for
    written = etree.tostring(element, with_tail=False, encoding="UTF-8")
    alone = etree.ElementTree(etree.fromstring(written))
    if not published.schema.validate(alone):
        errors = str(published.schema.error_log).splitlines()
        told = errors[-1].rpartition(": ")[2] if errors else "no reason given"
        wanted = f"<{_local(str(element.tag))}> valid under the published schema"
        yield Finding("WIRE-1", wanted, told)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
