"""What is said and done in a told session, as steps of the rules: a beat of the story each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeAlias

from broker_sim.core import chat, desktop, session
from broker_sim.core.record import Event, Session
from broker_sim.synthetic import chatter
from broker_sim.synthetic.chatter import Beat
from broker_sim.synthetic.story import Story

Step: TypeAlias = Callable[[Session, datetime], Session]


def beats(told: Story) -> list[tuple[int, Step]]:
    """Give what happens between start and end, each with its offset after the post in ms."""
    steps = ((offset, _step(beat, told)) for offset, beat in told.beats)
    return [(offset, step) for offset, step in steps if step is not None]


def closing(told: Story) -> Step | None:
    """Give what ends the session; None for a transfer, and where nobody acts."""
    if told.course.fate is Event.ENDED:
        outcome = told.outcome
        return partial(
            session.end,
            resolution=outcome.resolution or "Unknown",
            comment=outcome.comment,
            end_label=outcome.end_label,
            end_data=outcome.end_data,
            rep_ratings=outcome.rep_ratings,
        )
    if told.course.fate in (Event.FAILED, Event.ABANDONED):
        detail = told.closing if told.course.fate is Event.FAILED else ""
        return partial(_move, told.course.fate, detail)
    return None


def _step(beat: Beat, told: Story) -> Step | None:
    steps: dict[Event, Step] = {
        Event.CHAT: partial(_say, beat.who, beat.text),
        Event.FILE_SENT: partial(_send, beat.text),
        Event.URL_PUSHED: partial(_push, beat.text),
        Event.DIAGNOSTICS_TAKEN: desktop.take_diagnostics,
        Event.SCREEN_ON: partial(desktop.share_screen, on=True),
        Event.SCREEN_OFF: partial(desktop.share_screen, on=False),
        Event.REBOOTED: partial(desktop.reboot, reconnected=told.outcome.reboot == "Successful"),
    }
    return steps.get(beat.kind)  # the step of a reboot notes the return with it


def _say(who: str, text: str, was: Session, now: datetime) -> Session:
    speaker = chat.rep_name(was) if who == chatter.REP else chat.customer_name(was)
    return chat.say(was, speaker, text, now)


def _send(name: str, was: Session, now: datetime) -> Session:
    return desktop.send_file(was, name, chatter.file_bytes(name), now)


def _push(url: str, was: Session, now: datetime) -> Session:
    return desktop.push_url(was, url, now)


def _move(event: Event, detail: str, was: Session, now: datetime) -> Session:
    return session.move(was, event, now, detail)
