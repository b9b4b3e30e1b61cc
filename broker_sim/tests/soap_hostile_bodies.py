"""Bodies that strangers might post, by what they are: those to be refused, those to be taken."""

from __future__ import annotations

import gzip
from typing import Final, TypeAlias

from broker_sim.contract import limits
from broker_sim.tests import soap_drawing as drawing
from broker_sim.tests.soap_drawing import ENVELOPES, NAMESPACE, SOAP11, SOAP12, XSI

# A body and its Content-Type.
Posted: TypeAlias = tuple[bytes, str]

CAP: Final = limits.BODY_MAX_BYTES
HERE: Final = f'xmlns="{NAMESPACE}"'


def logon(username: str = "api", prolog: str = "", header: str = "", tag: str = "") -> bytes:
    """Write a call; `tag` stands in the tag of the first argument."""
    first = f"<username {tag}>{username}</username>"
    payload = f"<logon {HERE}>{first}<password>p</password></logon>"
    return prolog.encode() + drawing.envelope(payload, SOAP11, header)


def in_header(text: str) -> bytes:
    return logon(header=f"<e:Header><h>{text}</h></e:Header>")


def in_body(text: str) -> bytes:
    return drawing.envelope(text)


def get_session(number: str) -> bytes:
    inner = f"<connectionId>c</connectionId><sessionId>{number}</sessionId>"
    return in_body(f"<getSession {HERE}>{inner}</getSession>")


def get_ids(start: str) -> bytes:
    inner = f"<connectionId>c</connectionId><from>{start}</from>"
    return in_body(f"<getSessionIds {HERE}>{inner}</getSessionIds>")


def nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def listed(form: str, count: int) -> str:
    return " ".join(form.format(n=n) for n in range(count))


_ENTITIES: Final = [f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in ("ab", "bc", "cd", "de", "ef")]
BOMB: Final = '<!DOCTYPE a [<!ENTITY a "ha">' + "".join(_ENTITIES) + "]>"
FILE: Final = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
PARAMETERS: Final = (
    '<!DOCTYPE a [<!ENTITY % f SYSTEM "file:///etc/passwd"><!ENTITY % g "<!ENTITY h \'%f;\'>">%g;]>'
)
XINCLUDE: Final = 'xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"'
XOP: Final = 'xmlns:x="http://www.w3.org/2004/08/xop/include" href="file:///etc/passwd"'
HREFS: Final = (
    f'<logon {HERE}><username href="#a"/><password id="a" href="#b"/></logon><m id="b" href="#a"/>'
)

_NOT_WELL_FORMED: Final = {
    "nothing": b"",
    "blanks": b" \r\n" * 1024,
    "no XML": b"connectionId=1&max=2",
    "JSON": b'{"logon": {}}',
    "a NUL by number": logon("a&#0;b"),
    "a control character": logon("a\x01b"),
    "a control character by number": logon("a&#1;b"),
    "half a pair by number": logon("a&#xD800;b"),
    "no character by number": logon("a&#xFFFF;b"),
    "XML 1.1": logon("a&#1;b", '<?xml version="1.1"?>'),
    "cut": logon()[:-20],
    "cut in a tag": logon()[:60],
    "more behind the end": logon() + b"<a/>",
    "two messages": logon() + logon(),
    "an entity nobody declared": logon("&nbsp;"),
    "too deep": in_header(nested(300)),
    "far too deep": in_body(nested(15_000)),
    "a long tag": in_body(f"<{'n' * (CAP - 1024)}/>"),
    "one attribute twice": in_header('<b c="" c=""/>'),
    "one attribute by two prefixes": in_header('<b xmlns:x="u" xmlns:y="u" x:c="" y:c=""/>'),
    "a prefix nobody declared": logon("<x:a/>"),
    "many prefixes": logon(tag=listed('xmlns:a{n}="u" a{n}:b=""', 5_000)),
}
_DOCUMENT_TYPES: Final = {
    "an entity bomb": logon("&f;", BOMB),
    "an entity bomb in an attribute": BOMB.encode() + in_header('<b c="&f;"/>'),
    "a file as entity": logon("&f;", FILE),
    "a file as parameter entity": logon("&h;", PARAMETERS),
    "a DTD elsewhere": logon(prolog='<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">'),
    "a DTD behind comments": logon(prolog="<!-- <a> --><?a?>\n<!DOCTYPE a>"),
    "a DTD in UTF-16": logon(prolog="<!DOCTYPE a>").decode().encode("utf-16"),
}
_TOO_MANY: Final = {
    "too many elements": in_header("<a/>" * (CAP // 4 - 100)),
    "too many elements in the Body": in_body("<a/>" * (CAP // 4 - 100)),
    "too many elements, and deep": in_body(nested(CAP // 8)),
}
_UNREADABLE: Final = {
    "noise": bytes(range(256)) * 1024,
    "a letter in too many bytes": logon().replace(b"api", b"\xc1\xa1pi"),
    "half a letter": logon().replace(b"api", b"\xe2\x82"),
    "a surrogate in UTF-8": logon().replace(b"api", b"\xed\xa0\x80"),
    "packed without a word": gzip.compress(logon()),
    "EBCDIC": logon().decode().encode("cp037"),
    "UTF-16 with half a letter": logon().decode().encode("utf-16") + b"\x3c",
}
_NUL: Final = {
    "zeros": b"\0" * 1024,
    "a NUL in a text": logon("a\0b"),
    "UTF-32": logon().decode().encode("utf-32"),
    "UTF-16 without a mark": logon().decode().encode("utf-16-le"),
}
_ENVELOPE: Final = {
    "no Body": f'<e:Envelope xmlns:e="{ENVELOPES[SOAP11]}"/>'.encode(),
    "an empty Body": in_body(""),
    "a text in the Body": in_body("logon"),
    "two in the Body": in_body("<a/><b/>"),
    "two Bodies": logon().replace(b"</e:Envelope>", b"<e:Body><a/></e:Body></e:Envelope>"),
    "a loop of hrefs": in_body(HREFS),
}
_OTHERS: Final = {
    "something beside the Body": logon().replace(b"<e:Body>", b"<a/><e:Body>"),
    "no Envelope": b"<logon/>",
    "a Fault": in_body("<e:Fault><faultcode>e:Client</faultcode></e:Fault>"),
    "a file by XInclude": logon(f"<x:include {XINCLUDE} parse='text'/>"),
    "a file by XOP": logon(f"<x:Include {XOP}/>"),
    "too many for the operation": in_body(f"<logon {HERE}>{'<a/>' * 19_000}</logon>"),
    "one argument too often": in_body(f"<logon {HERE}>{'<username>a</username>' * 9_000}</logon>"),
    "a long name": logon("n" * (CAP - 1024)),
    "many attributes": logon(tag=listed('a{n}=""', 20_000)),
    "a type of elsewhere": logon("", tag=f'xmlns:i="{XSI}" i:type="i:b"'),
    "a long number": get_session("0" * 200_000 + "x"),
    "digits without end": get_session("9" * 200_000),
    "a long date": get_ids(f"2026-01-01T00:00:00.{'1' * 200_000}X"),
}

# What must be refused as InvalidArgument, with part of the reason.
REFUSED: Final[dict[str, tuple[Posted, str]]] = {
    name: ((body, SOAP11), reason)
    for reason, bodies in {
        "the message is not well-formed XML": _NOT_WELL_FORMED,
        "the message must not have a document type": _DOCUMENT_TYPES,
        "the message must have at most 20000 elements": _TOO_MANY,
        "the message is not in the charset that it names": _UNREADABLE,
        "the message must not hold a NUL character": _NUL,
        "the Envelope must hold one Body with one element in it": _ENVELOPE,
        "": _OTHERS,
    }.items()
    for name, body in bodies.items()
} | {"UTF-16 in name only": ((logon(), "text/xml; charset=utf-16"), "")}

# What is refused in one plain sentence, and with what status.
UNREAD: Final[dict[str, tuple[Posted, int]]] = {
    "UTF-7 by its declaration": (
        (b'<?xml version="1.0" encoding="utf-7"?>+ADw-a/+AD4-', SOAP11),
        415,
    ),
    "EBCDIC by its header": ((logon().decode().encode("cp037"), "text/xml; charset=ibm037"), 415),
    "a charset nobody knows": ((logon(), "text/xml; charset=klingon"), 415),
    "MTOM": ((b"--b\r\n\r\n" + logon() + b"\r\n--b--", "multipart/related; boundary=b"), 415),
    "multipart without end": ((b"--b\r\n" * 9_000, "multipart/related; boundary=b"), 415),
    "over the cap": ((logon("<a/>" * (512 * 1024)), SOAP11), 413),
}

# Envelopes that are none of the version that the Content-Type says.
MISMATCHED: Final[dict[str, Posted]] = {
    "the other version": (logon(), SOAP12),
    "an Envelope of nobody": (b'<Envelope xmlns="urn:example:x"><Body/></Envelope>', SOAP11),
}

_HINTS: Final = (
    f'xmlns:i="{XSI}" i:schemaLocation="{NAMESPACE} http://127.0.0.1:9/a.xsd"'
    ' i:noNamespaceSchemaLocation="file:///etc/passwd"'
)

# What is odd, and a good call nevertheless.
TAKEN: Final[dict[str, bytes]] = {
    "many attributes in a header": in_header("<b " + listed('a{n}=""', 20_000) + "/>"),
    "many namespaces in a header": in_header("<b " + listed('xmlns:a{n}="u{n}"', 10_000) + "/>"),
    "many ids in a header": in_header(listed('<b xml:id="a{n}"/>', 10_000)),
    "many comments": in_header("<!---->" * 30_000),
    "a document type in a text": logon("<![CDATA[<!DOCTYPE a>]]>", "<!-- <!DOCTYPE a> -->"),
    "a hint at a schema elsewhere": logon(tag=_HINTS),
    "a stylesheet": logon(prolog='<?xml-stylesheet href="http://127.0.0.1:9/a.xsl"?>'),
    "blanks in a tag": logon(tag=" " * 100_000),
}
