"""SOAP calls, from the WSDL alone; the only place that knows zeep.

Source: C-NET-2, WIRE-2.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import zeep
import zeep.exceptions
import zeep.helpers
import zeep.transports
from lxml import etree

from integration.errors import Retry
from integration.wire.http import Answer, Http
from integration.wire.refusals import as_error

# zeep reads an empty text as no text. An element's text is set to this while it reads, and back
# afterwards: a noncharacter of Unicode, which nobody's text consists of.
_EMPTY: Final = "\ufdd0"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"

# What zeep raises on a WSDL that is not one
_UNUSABLE: Final = (zeep.exceptions.Error, etree.LxmlError, ValueError, KeyError, StopIteration)

# They write calls, passwords included, to the log
for _name in ("zeep", "zeep.transports", "zeep.wsdl", "zeep.xsd"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class Service:
    """The Sessions service at one address. Not for several threads at once."""

    def __init__(self, http: Http, wsdl: str, address: str) -> None:
        """Read the WSDL, once; calls go to `address`, whatever the WSDL says.

        Raises:
            Retry: the WSDL could not be read.
        """
        settings = zeep.Settings(strict=True, xml_huge_tree=False, forbid_dtd=True)
        try:
            self._client = zeep.Client(  # type: ignore[no-untyped-call]  # zeep is half typed
                wsdl, transport=_Transport(http), settings=settings, plugins=[_KeepEmptyTexts()]
            )
            (service,) = self._client.wsdl.services.values()
            binding = next(iter(service.ports.values())).binding
            self._proxy = self._client.create_service(  # type: ignore[no-untyped-call]  # as above
                str(binding.name), address
            )
        except (
            zeep.exceptions.Error,
            etree.LxmlError,
            ValueError,
            KeyError,
            StopIteration,
        ) as error:
            raise Retry(f"there is no usable WSDL at {wsdl}") from error

    def call(self, operation: str, **arguments: object) -> Any:
        """Call an operation; arguments and the answer in plain Python types, by wire names.

        Raises:
            one of `errors`; see `refusals.as_error` for the broker's faults.
        """
        try:
            answer = self._proxy[operation](**arguments)
            plain = zeep.helpers.serialize_object(answer, dict)  # type: ignore[no-untyped-call]  # as above
            return _full(plain)
        except zeep.exceptions.Fault as fault:
            raise as_error(*_detail(fault)) from None
        except Retry:
            raise
        except Exception as error:  # zeep stumbles over garbage in many ways
            if type(error).__module__.startswith("integration."):
                raise
            raise Retry(f"the answer to {operation} is not one") from error


class _Transport(zeep.transports.Transport):
    """Sends zeep's messages through our HTTP."""

    def __init__(self, http: Http) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._http = http

    def load(self, url: str) -> bytes:
        return self._http.get(url)

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        return self._http.post(address, message, headers)


class _KeepEmptyTexts(zeep.Plugin):
    """Marks empty texts in answers before zeep reads them."""

    def ingress(
        self, envelope: etree._Element, headers: object, _operation: object
    ) -> tuple[etree._Element, object]:
        for element in envelope.iter():
            if element.text is None and not len(element) and not element.get(_NIL):
                element.text = _EMPTY
        return envelope, headers


def _full(value: Any) -> Any:
    """Put the empty texts back and take arrays out of their wrappers."""
    match value:
        case str():
            return "" if value == _EMPTY else value
        case dict() if len(value) == 1 and isinstance(items := next(iter(value.values())), list):
            return [_full(item) for item in items]
        case dict():
            return {name: _full(item) for name, item in value.items()}
        case list():
            return [_full(item) for item in value]
        case _:
            return value


def _detail(fault: zeep.exceptions.Fault) -> tuple[str, dict[str, str]]:
    """Read the typed detail of a fault: its code and its fields by wire name."""
    element = next(iter(fault.detail), None) if fault.detail is not None else None
    if element is None:
        return "", {}
    fields = {
        etree.QName(child).localname: "" if child.text in (None, _EMPTY) else str(child.text)
        for child in element
    }
    return fields.get("code") or etree.QName(element).localname, fields
