"""What is said and done in a session, in order: the same for the same case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from broker_sim.core.record import Event
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
# There are bits for the pauses behind so many steps.
_PAUSES: Final = 20
SUPPORT_SITE: Final = "https://support.example.com/"


class Beat(NamedTuple):
    """One line or act; `who` is CUSTOMER or REP, `text` the line, file name or URL.

    `takes` is how long it needs at a natural pace, in milliseconds.
    """

    kind: Event
    who: str
    text: str
    takes: int


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
    # A bit for each step says whether it is left out if it may be, three whether somebody
    # has to wait behind it.
    left_out, pauses = draws.bits(), draws.bits()
    for place, (optional, step) in enumerate(_steps(talk.scene)):
        if optional and (talk.brisk or left_out >> place & 1):
            continue
        beats.extend(_filled(beat, talk) for beat in step)
        if not talk.brisk and pauses >> 3 * place & 7 == 0 and place < _PAUSES:
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
    takes, lots = [], []
    for beat in beats:
        bits = draws.bits()
        takes.append(beat.takes * (70 + bits % 60) // 100)
        lots.append((bits >> 32 & 63) ** 4)
    # What is behind the last beat is when the rep closes the session.
    spare, all_lots = length * 97 // 100 - sum(takes), sum(lots) + 1
    if spare > 0:
        takes = [own + spare * lot // all_lots for own, lot in zip(takes, lots, strict=True)]
    whole = max(length, sum(takes) * 103 // 100 + 1)
    return [spent * length // whole for spent in accumulate(takes)]


def file_bytes(name: str) -> int:
    """Give the size of a file that is sent, the same whenever it is."""
    return 40_000 + fingerprint(name) % 6_000_000


def _beat(kind: Event, who: str, text: str) -> Beat:
    letters = _BY_LETTER * len(text) if kind is Event.CHAT else 0
    return Beat(kind, who, text, _TAKES[kind] + letters)


def _phrase(draws: Draws, talk: Talk, who: str, occasion: str) -> Beat:
    text = draws.pick(pools.words().phrases[talk.scene.language][occasion])
    return _beat(Event.CHAT, who, pools.fill(text, talk.slots))


def _filled(beat: Beat, talk: Talk) -> Beat:
    if "{" not in beat.text:
        return beat
    return _beat(beat.kind, beat.who, pools.fill(beat.text, talk.slots))


@cache
def _steps(scene: pools.Scene) -> tuple[tuple[bool, tuple[Beat, ...]], ...]:
    """Give a scene's steps as (may be left out, beats); their texts are still to be filled."""
    return tuple((step.optional, tuple(_acted(step))) for step in scene.steps)


def _acted(step: pools.Step) -> Iterator[Beat]:
    kind = _KINDS[step.kind]
    text = SUPPORT_SITE + step.text if kind is Event.URL_PUSHED else step.text
    yield _beat(kind, CUSTOMER if step.kind == "c" else REP, text)
    if kind is Event.REBOOTED:
        yield _beat(Event.RECONNECTED, REP, "")
