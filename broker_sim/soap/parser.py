"""The parser, and what strangers' markup may leave behind in it.

libxml2 keeps every name of an element, attribute or prefix that a thread has ever parsed, for
as long as the thread lives: 250 KB of fresh names in a body cost 350 KB for good, to a bound
of some 500 MB. So markup that this thread has not seen yet is charged to a budget; when that
is spent, unseen markup is parsed in a thread of its own, whose names go with it.

Source: FAULT-2.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from lxml import etree

from broker_sim.soap.envelope import unacceptable

Result = TypeVar("Result")

# Of markup per thread; each byte is kept once here and about once in the parser.
BUDGET_BYTES: Final = 2 * 1024 * 1024

_TAG: Final = re.compile(rb"(<[^<>\"']*+(?:(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+)*+>?)")


class Parsing(threading.local):
    """One thread's parser and the markup that the thread has seen."""

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self.left = budget
        self._seen: set[bytes] = set()
        self._parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            recover=False,
            collect_ids=False,
        )

    def read(
        self,
        body: bytes,
        reader: Callable[[etree._Element], Result],
        pieces: Sequence[bytes] | None = None,
    ) -> Result:
        """Parse `body`, UTF-8, and read its root element; here, or in a thread of its own.

        Args:
            body: the message.
            reader: takes the root element.
            pieces: of the body, where they are known.

        Raises:
            Refused: InvalidArgument; it is not well-formed, or has a document type.
            Exception: whatever `reader` raises.
        """
        if self._affordable(markup_of(pieces or pieces_of(body))):
            return reader(self._parse(body))
        return aside(lambda: reader(self._parse(body)))

    def _affordable(self, markup: bytes) -> bool:
        if markup in self._seen:
            return True
        if len(markup) > self.left:
            return False
        self.left -= len(markup)
        self._seen.add(markup)
        return True

    def _parse(self, body: bytes) -> etree._Element:
        try:
            root = etree.fromstring(body, self._parser)
        except etree.XMLSyntaxError as error:
            line, column = error.position
            reason = f"the message is not well-formed XML (line {line}, column {column})"
            raise unacceptable(reason) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise unacceptable("the message must not have a document type")
        return root


def pieces_of(body: bytes) -> list[bytes]:
    """Give the texts and tags of a body, alternately, a text first and last.

    Returns:
        The body as a single piece where quotes in comments, CDATA or instructions could hide tags.
    """
    if b"<!" in body or body.count(b"<?") > body.startswith(b"<?xml "):
        return [body]
    return _TAG.split(body)


def markup_of(pieces: Sequence[bytes]) -> bytes:
    """Give all of a body that can hold names: its tags, without the texts between them."""
    return b"".join(pieces[1::2]) if len(pieces) > 1 else pieces[0]


def aside(work: Callable[[], Result]) -> Result:
    """Do short work in a fresh thread and wait for it; about 80 us dearer than here."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.extend((work(), None))
        except Exception as error:  # noqa: BLE001  carried over to the waiting thread, as it is
            outcome.extend((None, error))

    thread = threading.Thread(target=run, name="soap-aside")
    thread.start()
    thread.join()
    result, error = outcome
    if error is not None:
        raise error
    made: Result = result
    return made


PARSING: Final = Parsing()
