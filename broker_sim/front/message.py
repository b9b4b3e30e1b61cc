"""The head of a request, read strictly: what is not plainly HTTP/1 is refused, never guessed.

Pure: bytes in, values out. The connection brings the bytes and keeps the time.

Where RFC 9112 lets a server be lenient, this one is strict: no bare line feeds, no folded
fields, no two lengths, no length beside a transfer coding. Two readers that guess
differently at one message are how requests get smuggled.

Source: FAULT-2; RFC 9110, RFC 9112.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from broker_sim.front.limits import Limits

TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
REQUEST_LINE: Final = re.compile(rb"(%s{1,32}) ([!-~]+) HTTP/([0-9])\.([0-9])" % TOKEN)
FIELDS: Final = re.compile(rb"(?:%s+:[\t\x20-\x7e\x80-\xff]*(?:\r\n|\Z))*" % TOKEN)
FIRST_BYTE: Final = re.compile(TOKEN)
HOST: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]*)?|[0-9A-Za-z._~%!$&'()*+,;=:-]*")
ORIGIN: Final = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
DIGITS: Final = re.compile(r"[0-9]{1,15}")

ONCE: Final = frozenset(
    {"authorization", "content-length", "content-type", "expect", "host", "transfer-encoding"}
)
"""Fields that make a request ambiguous when they come twice."""


class Unacceptable(Exception):  # noqa: N818  it is the product's no, not a failure of ours
    """What came is not a request that is served.

    Attributes:
        status: the HTTP status to answer with; the connection closes after it.
        sentence: what is wrong, for a person to act on.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status = status
        self.sentence = sentence


class Head(NamedTuple):
    """The request line and the header fields of one request.

    Attributes:
        path: percent-decoded; begins with a slash, or is `*`.
        query: undecoded, without its question mark.
        headers: by lower-case name; repeated fields joined with a comma.
        old: true for HTTP/1.0.
        keep: whether the caller wants the connection kept.
        body_bytes: length of the body; None when it comes in chunks.
        waits: whether the caller waits for `100 Continue` before it sends the body.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    old: bool
    keep: bool
    body_bytes: int | None
    waits: bool


def parse_head(raw: bytes, limits: Limits) -> Head:
    """Read a head, given without the empty line that ends it.

    Raises:
        Unacceptable: it is no HTTP/1 head, is ambiguous, or is over a limit.
    """
    line, _, rest = raw.partition(b"\r\n")
    method, target, old = _request_line(line, limits)
    headers = _fields(rest, limits)
    path, query = _target(method, target)
    _check_host(headers, old=old)
    body_bytes = _body_bytes(headers, old=old)
    keep = _keep(headers.get("connection"), old=old)
    waits = _waits(headers.get("expect"), old=old)
    return Head(method, path, query, headers, old, keep, body_bytes, waits)


def may_begin(with_these: bytes | bytearray) -> bool:
    """Tell whether a request can begin so: no TLS hello does, and no control byte."""
    return FIRST_BYTE.match(with_these) is not None


def _request_line(line: bytes, limits: Limits) -> tuple[str, str, bool]:
    found = REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Unacceptable(400, "The request line is not `METHOD /path HTTP/1.1`.")
    method, target, major, minor = found.groups()
    if major != b"1":
        raise Unacceptable(505, "This server speaks HTTP/1.1 and HTTP/1.0.")
    if len(target) > limits.target_bytes:
        raise Unacceptable(414, f"The path and query exceed {limits.target_bytes} bytes.")
    return method.decode("ascii"), target.decode("ascii"), minor == b"0"


def _fields(rest: bytes, limits: Limits) -> dict[str, str]:
    if FIELDS.fullmatch(rest) is None:
        raise Unacceptable(400, "A header field is not `Name: value` on one line.")
    headers: dict[str, str] = {}
    if not rest:
        return headers
    lines = rest.decode("latin-1").split("\r\n")
    if len(lines) > limits.header_count:
        raise Unacceptable(431, f"More than {limits.header_count} header fields.")
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        if name in headers:
            if name in ONCE:
                raise Unacceptable(400, f"The header field {name} came twice.")
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers


def _target(method: str, target: str) -> tuple[str, str]:
    if not target.startswith("/"):
        if target == "*" and method == "OPTIONS":
            return "*", ""
        origin = ORIGIN.match(target)  # a client that believes we are its proxy
        if origin is None:
            raise Unacceptable(400, "The path does not begin with a slash.")
        target = target[origin.end() :]
        target = target if target.startswith("/") else f"/{target}"
    path, _, query = target.partition("?")
    return (_decoded(path) if "%" in path else path), query


def _decoded(path: str) -> str:
    if BAD_ESCAPE.search(path):
        raise Unacceptable(400, "A percent sign in the path is not followed by two hex digits.")
    try:
        decoded = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Unacceptable(400, "The path is not percent-encoded UTF-8.") from None
    if CONTROL.search(decoded):
        raise Unacceptable(400, "The path holds a control character.")
    return decoded


def _check_host(headers: Mapping[str, str], *, old: bool) -> None:
    host = headers.get("host")
    if host is None:
        if old:
            return
        raise Unacceptable(400, "The header field Host is missing.")
    found = HOST.fullmatch(host)
    if found is None or not (found[1] is None or _is_ipv6(found[1])):
        raise Unacceptable(400, "The header field Host is not a name or an address.")


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _body_bytes(headers: Mapping[str, str], *, old: bool) -> int | None:
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if length is not None or old:
            raise Unacceptable(400, "Transfer-Encoding goes with neither a length nor HTTP/1.0.")
        if coding.lower() != "chunked":
            raise Unacceptable(501, "The only transfer coding served is chunked.")
        return None
    if length is None:
        return 0
    if DIGITS.fullmatch(length) is None:
        raise Unacceptable(400, "The header field Content-Length is not a number of bytes.")
    return int(length)


def _keep(connection: str | None, *, old: bool) -> bool:
    if connection is None:
        return not old
    tokens = {token.strip() for token in connection.lower().split(",")}
    return "keep-alive" in tokens if old else "close" not in tokens


def _waits(expect: str | None, *, old: bool) -> bool:
    if expect is None or old:
        return False
    if expect.lower() != "100-continue":
        raise Unacceptable(417, "The only expectation served is 100-continue.")
    return True
