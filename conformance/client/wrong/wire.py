"""The naive client's calls: SOAP 1.1 by hand, one connection for each call, and downloads."""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener
from xml.sax.saxutils import escape

from lxml import etree

_NAMESPACE: Final = "urn:broker-sim:v1"
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_ACTION: Final = f"{_NAMESPACE}/Sessions/"
_SECONDS: Final = 30.0


class Refused(Exception):  # noqa: N818  the broker's no
    """A fault: its code and its fields."""

    def __init__(self, code: str, fields: Mapping[str, str]) -> None:
        super().__init__(f"{code}: {fields.get('message', '')}")
        self.code = code
        self.fields = fields


class Later(Exception):  # noqa: N818  not now
    """No answer that could be used.

    Attributes:
        after: seconds that the broker asks to wait.
        sent: whether the call may have been carried out.
    """

    def __init__(self, why: str, after: float = 0.0, *, sent: bool = True) -> None:
        super().__init__(why)
        self.after = after
        self.sent = sent


class Wire:
    """The way to one broker."""

    def __init__(self, wsdl: str, ca: str | None, *, wrong: str | None) -> None:
        context = ssl.create_default_context(cafile=ca)
        if wrong in ("tls-check-off", "any-name-will-do"):
            context.check_hostname = False
        if wrong == "tls-check-off":
            context.verify_mode = ssl.CERT_NONE
        self.counting = False
        self._seconds = None if wrong == "waits-for-ever" else _SECONDS
        self._opener = build_opener(HTTPSHandler(context=context), ProxyHandler({}))
        self._url = wsdl.partition("?")[0]

    def call(self, operation: str, **arguments: object) -> etree._Element:
        """Call an operation; give the answer's body.

        Raises:
            Refused: a fault of the contract.
            Later: anything else.
        """
        body = "".join(
            f"<{name}>{escape(str(value))}</{name}>" for name, value in arguments.items()
        )
        text = (
            f'<e:Envelope xmlns:e="{_SOAP}"><e:Body><{operation} xmlns="{_NAMESPACE}">{body}'
            f"</{operation}></e:Body></e:Envelope>"
        )
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{_ACTION}{operation}"',
        }
        status, told, data = self._send(Request(self._url, text.encode(), headers))  # noqa: S310  the URL that it was given
        if "xml" not in told.get("Content-Type", ""):
            after = told.get("Retry-After", "0")
            raise Later(f"HTTP {status}", float(after), sent=status not in (429, 503))
        return _payload(data)

    def download(self, url: str, size: int, sha256: str, *, careless: bool) -> bytes:
        """Give a file's bytes, verified unless careless.

        Raises:
            Later: it could not be had whole.
        """
        status, _, data = self._send(Request(url), partly=careless)  # noqa: S310  the broker's own link
        right = self.counting or hashlib.sha256(data).hexdigest() == sha256
        whole = len(data) == size and right
        if status != 200 or not (careless or whole):
            raise Later(f"a download came to nothing (HTTP {status})")
        return data

    def _send(
        self, request: Request, *, partly: bool = False
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except http.client.IncompleteRead as cut:
            if partly:
                return 200, {}, cut.partial
            raise Later("the answer was cut") from cut
        except HTTPError as error:
            with error:
                return error.code, dict(error.headers), _rest(error)
        except URLError as error:
            refused = isinstance(error.reason, ConnectionRefusedError | ssl.SSLError)
            raise Later(str(error.reason), sent=not refused) from error
        except (OSError, http.client.HTTPException) as error:
            raise Later(str(error)) from error


def _rest(error: HTTPError) -> bytes:
    try:
        return error.read()
    except (OSError, http.client.HTTPException) as cut:
        raise Later("the answer was cut") from cut


def _payload(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        body = etree.fromstring(data, parser).find(f"{{{_SOAP}}}Body")
    except etree.XMLSyntaxError as error:
        raise Later(f"no XML: {error}") from error
    if body is None or len(body) != 1:
        raise Later("no SOAP")
    if body[0].tag == f"{{{_SOAP}}}Fault":
        detail = body[0].find("detail")
        if detail is None or len(detail) == 0:
            raise Later("a fault without a detail")
        fields = {etree.QName(each).localname: each.text or "" for each in detail[0]}
        code = etree.QName(detail[0]).localname
        if code == "ServerError":
            raise Later(code)
        raise Refused(code, fields)
    return body[0]


def texts(element: etree._Element, name: str) -> list[str]:
    """Give the texts of all elements of that name, in order."""
    return [each.text or "" for each in element.iter(f"{{{_NAMESPACE}}}{name}")]


def text(element: etree._Element, name: str) -> str:
    """Give the text of the first element of that name; empty if there is none."""
    return next(iter(texts(element, name)), "")
