"""Brokers whose files are wrong or open to the wrong people: REC-1, REC-5, REC-6."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.core.record import Session
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_SHELF: Final = "broker_sim.synthetic.shelf.Shelf"
_ACCESS: Final = "broker_sim.core.access"
_RANGE: Final = "broker_sim.web.downloads._range"
_LOCATE: Final = "broker_sim.service.recording.locate"
_TRANSCRIPT: Final = "chatTranscript.txt"


def _body_by_its_old_name(body: Original) -> Original:
    def found(shelf: Any, session: Session, name: str) -> bytes:
        number = session.session_id
        made: bytes = body(
            shelf, session, f"chatTranscript{number}.txt" if name == _TRANSCRIPT else name
        )
        return made

    return found


@mutant("REC-1", at=f"{_SHELF}.names", with_=(Overlay(f"{_SHELF}.body", _body_by_its_old_name),))
def transcripts_bear_no_number(names: Original) -> Original:
    """Every session's transcript is named chatTranscript.txt."""

    def plain(shelf: Any, session: Session) -> Sequence[tuple[str, str]]:
        found = names(shelf, session)
        return [(c, _TRANSCRIPT if n.startswith("chatTranscript") else n) for c, n in found]

    return plain


@mutant("REC-1", at=f"{_SHELF}.names")
def properties_are_missing(names: Original) -> Original:
    """A session has no properties file."""
    return lambda shelf, session: [
        (channel, name) for channel, name in names(shelf, session) if channel != "Properties"
    ]


@mutant("REC-5", at=f"{_ACCESS}.may_download")
def urls_never_expire(_may_download: Original) -> Original:
    """A URL works for ever."""
    return lambda _expires, _now: True


@mutant("REC-5", at=f"{_ACCESS}.may_download")
def urls_work_at_their_end(_may_download: Original) -> Original:
    """A URL works at the instant at which it expires: `<=` where `<` is meant."""
    return lambda expires, now: now <= expires


@mutant("REC-5", at=f"{_ACCESS}.url_text")
def a_url_opens_all_files_of_its_session(_url_text: Original) -> Original:
    """The signature leaves the file's name out."""
    return lambda session_id, _name, expires_ms: f"{session_id}/{expires_ms}"


@mutant("REC-5", at=f"{_ACCESS}.url_text")
def a_url_opens_the_file_of_any_session(_url_text: Original) -> Original:
    """The signature leaves the session out, and one file is named alike in all of them."""
    return lambda _session_id, name, expires_ms: f"{name}/{expires_ms}"


@mutant("REC-5", at=f"{_ACCESS}.url_text")
def expiry_is_not_signed(_url_text: Original) -> Original:
    """The signature leaves the expiry out, so anybody can move it."""
    return lambda session_id, name, _expires_ms: f"{session_id}/{name}"


@mutant("REC-5", at="broker_sim.service.recording.may_read")
def urls_tell_which_sessions_exist(may_read: Original) -> Original:
    """A session that does not exist is told apart before the signature is looked at."""

    def telling(world: Any, session_id: int, *more: Any) -> bool:
        with world.store.reading() as tx:
            unknown = tx.held(session_id) is None
        return unknown or bool(may_read(world, session_id, *more))

    return telling


@mutant("REC-6", at=_RANGE)
def ranges_end_a_byte_early(asked: Original) -> Original:
    """The last byte of a range is taken for the first one behind it."""

    def short(*given: Any) -> tuple[int, int] | None:
        found: tuple[int, int] | None = asked(*given)
        if found is None or found[1] == given[2] or found[1] < 2:
            return found
        return found[0], found[1] - 1

    return short


@mutant("REC-6", at=_LOCATE)
def resumed_downloads_begin_anew(locate: Original) -> Original:
    """Every range is read from the beginning of the file."""

    def from_the_start(*given: Any) -> Any:
        found = locate(*given)
        if found is None:
            return None

        def read(_start: int, length: int) -> Iterator[bytes]:
            pieces: Iterator[bytes] = found.read(0, length)
            return pieces

        return replace(found, read=read)

    return from_the_start


@mutant("REC-6", at=_RANGE)
def suffixes_are_read_as_prefixes(asked: Original) -> Original:
    """`bytes=-n` gives the first n bytes instead of the last."""

    def first(headers: Any, tag: str, size: int) -> tuple[int, int] | None:
        found: tuple[int, int] | None = asked(headers, tag, size)
        suffix = headers.get("range", "").strip().startswith("bytes=-")
        return (0, found[1]) if found and suffix else found

    return first


@mutant("REC-6", at=_RANGE)
def ranges_over_the_end_are_refused(asked: Original) -> Original:
    """A range that ends behind the file is answered as one that begins there."""

    def strict(headers: Any, tag: str, size: int) -> tuple[int, int] | None:
        last = headers.get("range", "").rpartition("-")[2]
        found: tuple[int, int] | None = asked(headers, tag, size)
        return None if last.isdecimal() and int(last) > size else found

    return strict


# By the store, that is: by what one running broker has for itself; when each newest URL ends.
_NEWEST: Final[WeakKeyDictionary[Any, dict[tuple[int, str], datetime]]] = WeakKeyDictionary()


def _noting(url: Original) -> Original:
    def noted(world: Any, session_id: int, name: str, expires: datetime) -> Any:
        _NEWEST.setdefault(world.store, {})[session_id, name] = expires
        return url(world, session_id, name, expires)

    return noted


@mutant(
    "REC-5",
    at="broker_sim.service.recording.may_read",
    with_=(Overlay("broker_sim.service.recording.url", _noting),),
)
def a_newer_url_ends_the_older(may_read: Original) -> Original:
    """Of a file's URLs only the one that was handed out last works."""

    def newest(world: Any, session_id: int, name: str, expires_ms: int, signature: str) -> bool:
        last = _NEWEST.get(world.store, {}).get((session_id, name))
        older = last is not None and expires_ms < int(last.timestamp() * 1000) - 1
        return not older and bool(may_read(world, session_id, name, expires_ms, signature))

    return newest
