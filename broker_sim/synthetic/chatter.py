"""What is said and done in a session, in order: the same for the same case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, NamedTuple

from broker_sim.core.session import Event
from broker_sim.synthetic import pools
from broker_sim.synthetic.chance import Draws, fingerprint

CUSTOMER: Final = "customer"
REP: Final = "representative"

# How a scene's steps are called in a session's events.
_KINDS: Final[Mapping[str, Event]] = {
    "c": Event.CHAT,
    "r": Event.CHAT,
    "file": Event.FILE_SENT,
    "url": Event.URL_PUSHED,
    "diag": Event.DIAGNOSTICS_TAKEN,
    "screen": Event.SCREEN_ON,
    "unscreen": Event.SCREEN_OFF,
    "reboot": Event.REBOOTED,
}
# How long a thing takes at a natural pace, in milliseconds; chat comes on top by its letters.
_TAKES: Final[Mapping[Event, int]] = {
    Event.CHAT: 2_500,
    Event.FILE_SENT: 9_000,
    Event.URL_PUSHED: 4_000,
    Event.DIAGNOSTICS_TAKEN: 12_000,
    Event.SCREEN_ON: 6_000,
    Event.SCREEN_OFF: 1_500,
    Event.REBOOTED: 5_000,
    Event.RECONNECTED: 55_000,
}
_BY_LETTER: Final = 55
SUPPORT_SITE: Final = "https://support.example.com/"


class Beat(NamedTuple):
    """One line or act; `who` is CUSTOMER or REP, `text` the line, file name or URL."""

    kind: Event
    who: str
    text: str


class Talk(NamedTuple):
    """What the lines of one session are made of.

    Attributes:
        slots: the values of {app}, {customer}, {rep} and so on.
        solved: whether it ends well.
        taken_over: a transfer brought the customer here.
        brisk: there is no time for what could be left out.
    """

    scene: pools.Scene
    slots: Mapping[str, str]
    solved: bool
    taken_over: bool
    brisk: bool


def dialogue(draws: Draws, talk: Talk) -> list[Beat]:
    """Give the lines and acts of a whole session."""
    beats = [_phrase(draws, talk, REP, "again" if talk.taken_over else "greet")]
    if not talk.taken_over or draws.once_in(2):
        beats.append(_phrase(draws, talk, CUSTOMER, "hello"))
    for step in talk.scene.steps:
        if step.optional and (talk.brisk or draws.once_in(2)):
            continue
        beats.extend(_acted(step, talk))
        if not talk.brisk and draws.once_in(6):
            beats.append(_phrase(draws, talk, REP, "wait"))
            beats.append(_phrase(draws, talk, CUSTOMER, "ok"))
    if not talk.solved:
        # The last word of the scene was that it works: it is not said.
        beats = [beat for beat in beats[:-2] if beat.kind is not Event.SCREEN_OFF]
        beats.append(_phrase(draws, talk, REP, "unsolved"))
    beats.append(_phrase(draws, talk, CUSTOMER, "thanks"))
    beats.append(_phrase(draws, talk, REP, "bye"))
    return beats


def passed_on(draws: Draws, talk: Talk) -> list[Beat]:
    """Give the few lines before a transfer; {other} is where it goes."""
    return [
        _phrase(draws, talk, REP, "greet"),
        _phrase(draws, talk, CUSTOMER, "hello"),
        _phrase(draws, talk, REP, "wrong"),
    ]


def spread(draws: Draws, beats: list[Beat], length: int) -> list[int]:
    """Give each beat's offset in [0, `length`), growing; both in milliseconds.

    People keep a natural pace. What time is left goes into a few long pauses, in which
    somebody works; what is missing is taken from all alike.
    """
    takes = [_takes(beat) * (70 + draws.below(60)) // 100 for beat in beats]
    # What is behind the last beat is when the rep closes the session.
    spare = length * 97 // 100 - sum(takes)
    if spare > 0:
        lots = [draws.below(64) ** 4 for _ in beats]
        takes = [own + spare * lot // (sum(lots) + 1) for own, lot in zip(takes, lots, strict=True)]
    whole = max(length, sum(takes) * 103 // 100 + 1)
    return [spent * length // whole for spent in accumulate(takes)]


def file_bytes(name: str) -> int:
    """Give the size of a file that is sent, the same whenever it is."""
    return 40_000 + fingerprint(name) % 6_000_000


def _takes(beat: Beat) -> int:
    return _TAKES[beat.kind] + (_BY_LETTER * len(beat.text) if beat.kind is Event.CHAT else 0)


def _phrase(draws: Draws, talk: Talk, who: str, occasion: str) -> Beat:
    text = draws.pick(pools.words().phrases[talk.scene.language][occasion])
    return Beat(Event.CHAT, who, pools.fill(text, talk.slots))


def _acted(step: pools.Step, talk: Talk) -> Iterator[Beat]:
    kind = _KINDS[step.kind]
    text = pools.fill(step.text, talk.slots)
    if kind is Event.URL_PUSHED:
        text = SUPPORT_SITE + text
    yield Beat(kind, CUSTOMER if step.kind == "c" else REP, text)
    if kind is Event.REBOOTED:
        yield Beat(Event.RECONNECTED, REP, "")
