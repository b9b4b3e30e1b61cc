"""What an archive consists of, and the two forms it takes.

Source: C-STORE-1, C-STORE-2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from integration.errors import Distrust

INDEX: Final = "session.json"
KEYS: Final = "keys.json"
CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes:
        size: in bytes.
        sha256: hex; checked once more while the member is written. None for our own texts.
        dense: deflate would gain nothing: it is encrypted.
        kept: it is in the old archive, of this form, already.
        open: gives the bytes.
    """

    name: str
    size: int
    sha256: str | None
    dense: bool
    kept: bool
    open: Callable[[], AbstractContextManager[BinaryIO]]


class Shelf(Protocol):
    """A folder of archives, all of one form."""

    def name(self, session_id: int) -> str:
        """The archive's name in the folder."""

    def holds(self, session_id: int) -> bool:
        """Whether there is an archive of the session."""

    def open(self, session_id: int, member: str) -> AbstractContextManager[BinaryIO]:
        """Open a member of an archive; raises `KeyError` if there is none of that name."""

    def names(self, session_id: int) -> Sequence[str]:
        """List the members of an archive."""

    def put(self, session_id: int, members: Sequence[Member]) -> None:
        """Put an archive in place of what is there, whole or not at all."""

    def remove(self, session_id: int) -> None:
        """Remove the session's archive, if there is one."""


def see(member: Member) -> None:
    """See that a member's bytes are still those that were verified; raises `Distrust`."""
    copy(member, len)


def copy(member: Member, write: Callable[[bytes], object]) -> None:
    """Write a member's bytes, and see that they are still those that were verified.

    Raises:
        Distrust: they are not.
    """
    digest, size = hashlib.sha256(), 0
    with member.open() as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            write(chunk)
    if size != member.size or (member.sha256 and digest.hexdigest() != member.sha256):
        raise Distrust(f"{member.name} has changed on the disk since it was verified")
