"""Brokers in which what a representative does leaves wrong marks: AGENT-2."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker_sim.core import record
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core"
_DESKTOP: Final = "broker_sim.service.desktop"
_ALERTS: Final = "broker_sim.service.alerts"
_Session = record.Session


@mutant("AGENT-2", at=f"{_CORE}.desktop.take_diagnostics")
def diagnostics_leave_no_mark(_take: Original) -> Original:
    """Diagnostics are taken without a word."""
    return lambda session, _now: session


@mutant("AGENT-2", at=f"{_CORE}.chat.say")
def the_newest_line_comes_first(say: Original) -> Original:
    """Lines of chat stand before what was done earlier."""

    def first(session: _Session, speaker: str, text: str, now: datetime) -> _Session:
        said: _Session = say(session, speaker, text, now)
        head, tail = said.events[:3], said.events[3:]
        return replace(said, events=(*head, tail[-1], *tail[:-1]))

    return first


@mutant("AGENT-2", at="broker_sim.synthetic.chat.transcript")
def the_transcript_lacks_its_last_line(transcript: Original) -> Original:
    """The transcript ends before the last line of chat."""

    def cut(session: _Session) -> bytes:
        chats = [event for event in session.events if event.kind is record.Event.CHAT]
        rest = tuple(event for event in session.events if event not in chats[-1:])
        told: bytes = transcript(replace(session, events=rest))
        return told

    return cut


@mutant("AGENT-2", at="broker_sim.synthetic.chat._told")
def the_transcript_has_chat_only(_told: Original) -> Original:
    """What was sent and opened does not come into the transcript."""
    return lambda _session, _event: ""


# By the store, that is: by what one running broker has for itself.
_FIRST: Final[WeakKeyDictionary[Any, dict[int, datetime]]] = WeakKeyDictionary()


@mutant("AGENT-2", at=f"{_DESKTOP}._step")
def marks_bear_the_time_of_the_first(step: Original) -> Original:
    """All that a representative does is noted as of its first doing in the session."""

    def early(call: Any, session_id: int, do: Any) -> Any:
        kept = _FIRST.setdefault(call.world.store, {})
        at = kept.setdefault(session_id, call.now)
        return step(call, session_id, lambda was, _now: do(was, at))

    return early


@mutant("AGENT-2", at=f"{_ALERTS}._tell")
def desktops_hear_of_their_own_doings_not(tell: Original) -> Original:
    """Pages that were pushed are not told to the desktop."""

    def silent(tx: Any, member: Any, session_id: int, kind: str, *more: Any) -> None:
        if kind != record.Event.URL_PUSHED:
            tell(tx, member, session_id, kind, *more)

    return silent


@mutant("AGENT-2", at="broker_sim.synthetic.chat.transcript")
def the_transcript_is_of_latin_1(transcript: Original) -> Original:
    """Letters beyond ISO-8859-1 become question marks in the transcript."""

    def narrow(session: _Session) -> bytes:
        told: bytes = transcript(session)
        return told.decode().encode("latin-1", "replace").decode("latin-1").encode()

    return narrow


def _but_the_same(do: Original) -> Original:
    """Leave a doing out that is in the same words as the one before."""

    def once(session: _Session, *given: Any) -> _Session:
        done: _Session = do(session, *given)
        was, last = done.events[-2:]
        return session if (was.kind, was.detail) == (last.kind, last.detail) else done

    return once


@mutant("AGENT-2", at=f"{_CORE}.chat.say")
def the_same_line_is_kept_once(say: Original) -> Original:
    """A line of chat like the one before it is taken for one that came twice."""
    return _but_the_same(say)


@mutant("AGENT-2", at=f"{_CORE}.desktop.push_url")
def the_same_page_is_noted_once(push_url: Original) -> Original:
    """A page that is opened again right away is not noted."""
    return _but_the_same(push_url)
