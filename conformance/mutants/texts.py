"""Brokers that change what was entered: SESS-4."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from broker_sim.core.record import Labelled, Session
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_POST: Final = "broker_sim.core.session.post"
_SAY: Final = "broker_sim.core.chat.say"
_END: Final = "broker_sim.core.session.end"
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")


def _question(change: Callable[[str], str]) -> Callable[[Original], Original]:
    """Change the question of every request."""

    def wrap(post: Original) -> Original:
        def changed(
            number: int, portal: str, sub: str, question: str, *more: Any, **named: Any
        ) -> Any:
            return post(number, portal, sub, change(question), *more, **named)

        return changed

    return wrap


@mutant("SESS-4", at=_POST)
def texts_are_trimmed(post: Original) -> Original:
    """Spaces around a question are taken away."""
    return _question(str.strip)(post)


@mutant("SESS-4", at=_POST)
def line_ends_are_made_alike(post: Original) -> Original:
    """Every line end becomes a line feed."""
    return _question(lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))(post)


@mutant("SESS-4", at=_POST)
def long_texts_are_cut(post: Original) -> Original:
    """A question is cut to 4000 characters, the width of its column."""
    return _question(lambda text: text[:4000])(post)


@mutant("SESS-4", at=_POST)
def astral_letters_are_lost(post: Original) -> Original:
    """Letters beyond U+FFFF become question marks, as in three-byte UTF-8 columns."""
    return _question(lambda text: _ASTRAL.sub("?", text))(post)


def _cleaned(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _clean_speech(say: Original) -> Original:
    def cleaned(session: Session, speaker: str, text: str, now: Any) -> Any:
        return say(session, speaker, _cleaned(text), now)

    return cleaned


@mutant(
    "SESS-4",
    at="broker_sim.core.access.check_text",
    with_=(Overlay(_POST, _question(_cleaned)), Overlay(_SAY, _clean_speech)),
)
def control_characters_are_dropped(_check_text: Original) -> Original:
    """What XML forbids is dropped in silence instead of being refused."""
    return lambda _field, text: _cleaned(text)


def _entries(
    change: Callable[[tuple[Labelled, ...]], tuple[Labelled, ...]],
) -> Callable[[Original], Original]:
    """Change the form's entries of every request."""

    def wrap(post: Original) -> Original:
        def changed(*given: Any, **named: Any) -> Session:
            posted: Session = post(*given, **named)
            return replace(posted, smart_box_entries=change(posted.smart_box_entries))

        return changed

    return wrap


@mutant("SESS-4", at=_POST)
def missing_labels_become_empty(post: Original) -> Original:
    """An entry without a label gets an empty one."""
    return _entries(lambda pairs: tuple(Labelled(p.label or "", p.value) for p in pairs))(post)


@mutant("SESS-4", at=_POST)
def entries_are_sorted(post: Original) -> Original:
    """The form's entries stand in the order of their labels, not of the form."""
    return _entries(lambda pairs: tuple(sorted(pairs, key=lambda pair: pair.label or "")))(post)


@mutant("SESS-4", at=_POST)
def one_entry_per_label(post: Original) -> Original:
    """Of entries with the same label only the last is kept, as in a dictionary."""
    return _entries(lambda pairs: tuple({pair.label: pair for pair in pairs}.values()))(post)


@mutant("SESS-4", at=_END)
def end_data_is_lost(end: Original) -> Original:
    """What the representative enters at the end under a label of their own is not kept."""

    def lossy(*given: Any, **named: Any) -> Session:
        ended: Session = end(*given, **named)
        return replace(ended, end_data=None)

    return lossy


@mutant("SESS-4", at="broker_sim.core.session.rate")
def surveys_overwrite_the_reps(rate: Original) -> Original:
    """The customer's survey lands where the representative's stood."""

    def misplaced(*given: Any) -> Session:
        rated: Session = rate(*given)
        return replace(rated, rep_ratings=rated.customer_ratings)

    return misplaced


def _of_session(change: Callable[[Session], Session]) -> Callable[[Original], Original]:
    """Change what a step makes of a session."""

    def wrap(step: Original) -> Original:
        def changed(*given: Any, **named: Any) -> Session:
            return change(step(*given, **named))

        return changed

    return wrap


@mutant("SESS-4", at=_POST)
def ticket_numbers_are_numbers(post: Original) -> Original:
    """A ticket number of digits is kept as a number, so it loses its zeros in front."""

    def as_number(session: Session) -> Session:
        ticket = session.reference_id
        digits = ticket is not None and ticket.isdecimal()
        return replace(session, reference_id=str(int(ticket or "")) if digits else ticket)

    return _of_session(as_number)(post)


@mutant("SESS-4", at=_POST)
def twenty_entries_are_kept(post: Original) -> Original:
    """Of a form's entries the first twenty are kept."""
    return _entries(lambda pairs: pairs[:20])(post)


@mutant("SESS-4", at=_POST)
def entries_are_cut_to_a_column(post: Original) -> Original:
    """The values of a form are cut to 255 letters."""
    return _entries(lambda pairs: tuple(Labelled(p.label, p.value[:255]) for p in pairs))(post)


@mutant("SESS-4", at=_END)
def comments_are_cut_to_a_column(end: Original) -> Original:
    """The representative's comment is cut to 255 letters."""

    def short(session: Session) -> Session:
        return replace(session, rep_comment=session.rep_comment and session.rep_comment[:255])

    return _of_session(short)(end)


@mutant("SESS-4", at=_END)
def what_is_not_resolved_is_unknown(end: Original) -> Original:
    """A session is told as Resolved or Unknown, and never as Unresolved."""

    def vague(session: Session) -> Session:
        left_open = session.resolution == "Unresolved"
        return replace(session, resolution="Unknown") if left_open else session

    return _of_session(vague)(end)


@mutant("SESS-4", at="broker_sim.core.session.move")
def fifty_events_are_kept(move: Original) -> Original:
    """Of a session's events the newest fifty are kept."""
    return _of_session(lambda session: replace(session, events=session.events[-50:]))(move)
