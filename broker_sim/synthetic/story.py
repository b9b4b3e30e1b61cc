"""A whole case: who asks what, what is said and when, what is noted and rated at the end.

Told from a course, for the sessions of the past and for live traffic alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from broker_sim.core.record import Event, Labelled
from broker_sim.synthetic import chatter, customers, pools
from broker_sim.synthetic.chance import Draws
from broker_sim.synthetic.chatter import Beat, Talk
from broker_sim.synthetic.course import Course
from broker_sim.synthetic.customers import Customer

# One question in so many has a whole log pasted behind it.
_PASTED: Final = 60
# A session shorter than this, in milliseconds, has no small talk.
_BRISK: Final = 300_000
_SITES: Final = ("front office", "line 4", "branch 12", "home office", "counter", "warehouse B")


@dataclass(frozen=True, slots=True)
class Request:
    """What the customer brings; a transfer hands it on as it is."""

    customer: Customer
    question: str
    entries: tuple[Labelled, ...]
    reference_id: str | None
    locale: str
    scene: pools.Scene
    app: pools.App


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is noted when a session ends, and what the customer says later."""

    resolution: str | None = None
    comment: str | None = None
    end_label: str | None = None
    end_data: str | None = None
    rep_ratings: tuple[Labelled, ...] = ()
    customer_ratings: tuple[Labelled, ...] = ()
    reboot: str = "No"


@dataclass(frozen=True, slots=True)
class Story:
    """One leg of a case.

    Attributes:
        beats: what is said and done, each with its offset after the post in milliseconds.
        closing: the detail of the event that ends it; may be empty.
    """

    course: Course
    request: Request
    beats: tuple[tuple[int, Beat], ...]
    outcome: Outcome
    closing: str


def tell(seed: int, stream: str, course: Course, asked: Request | None = None) -> Story:
    """Tell one leg of a case; `asked` is its request, where it was told before."""
    asked = asked or request(seed, stream, course)
    draws = Draws(seed, f"{stream} story {course.leg}", course.number)
    fate, times, rep = course.fate, course.times, course.place.rep
    if times.started is None:
        return Story(course, asked, (), Outcome(), _why_not(draws, course))
    solved = fate is not Event.ENDED or draws.below(100) < 86
    length = times.ended - times.started
    slots = _slots(course, asked)
    talk = Talk(asked.scene, slots, solved, course.leg == 1, length < _BRISK)
    speak = chatter.passed_on if fate is Event.TRANSFERRED else chatter.dialogue
    beats = speak(draws, talk)
    closing = ""
    if fate is Event.FAILED:
        beats, closing = _broken_off(draws, beats)
    offsets = chatter.spread(draws, beats, length)
    timed = tuple((times.started + at, beat) for at, beat in zip(offsets, beats, strict=True))
    told = Outcome(reboot=_reboot(beats), resolution="Unknown")
    if fate is Event.ENDED:
        told = _outcome(draws, course, talk, told.reboot, rep.screen_name)
    elif fate is Event.FAILED:
        told = Outcome(reboot=told.reboot)
    return Story(course, asked, timed, told, closing)


def request(seed: int, stream: str, course: Course) -> Request:
    """Tell what the customer of a case brings, whoever will help."""
    draws = Draws(seed, f"{stream} request", course.number)
    who = customers.customer(seed, customers.which(draws))
    words = pools.words()
    skill = course.belongs if course.belongs in words.apps else "desktop"
    app, scene = words.apps[skill], draws.pick(words.scenes[skill, who.language])
    phone = course.place.mode == "Phone"
    reference = None
    if draws.below(100) < (85 if phone else 20):
        reference = f"HD{draws.below(10**12):012d}"
    slots = {"app": app.name, "version": app.version, "old": app.old, "customer": who.name}
    return Request(
        customer=who,
        question=_question(draws, scene, slots, course),
        entries=tuple(_entries(draws, who, app, course.place.portal.portal_type)),
        reference_id=reference,
        locale=pools.LOCALES[who.language],
        scene=scene,
        app=app,
    )


def _question(draws: Draws, scene: pools.Scene, slots: Mapping[str, str], course: Course) -> str:
    if course.place.mode == "Phone" and draws.once_in(3):
        # By phone, the field carries the code that the customer was told.
        code = f"{draws.between(10**8, 10**9 - 1)}"
        return draws.pick((" ", "-", "")).join((code[:3], code[3:6], code[6:]))
    if course.place.portal.portal_type == "SmartButton" and draws.once_in(2):
        return ""
    words = pools.words()
    text = pools.fill(draws.pick(scene.questions), slots)
    text = f"{draws.pick(words.prefixes)}{text}{draws.pick(words.suffixes)}"
    if draws.once_in(_PASTED):
        text += f"\n{draws.pick(words.pasted)}{_log(draws)}"
    return text


def _log(draws: Draws) -> str:
    """Give what a customer may paste: 2 to 20 thousand characters, markup among them."""
    sources = ("core", "net.pool", "ui<main>", "store", "spooler & co", "auth")
    lines = []
    for nth in range(draws.between(40, 300)):
        bits = draws.bits()
        lines.append(
            f"{8 + nth // 60:02d}:{nth % 60:02d}.{bits % 1000:03d}\t"
            f"{('INFO', 'WARN', 'ERROR', 'DEBUG')[bits >> 10 & 3]}\t"
            f'[{sources[(bits >> 12) % 6]}] <event id="{bits >> 44}"/> 0x{bits >> 32:08x} ]]>'
        )
    return "\n".join(lines)


def _entries(draws: Draws, who: Customer, app: pools.App, portal_type: str) -> Iterator[Labelled]:
    yield Labelled("Name", who.name)
    if portal_type != "SmartButton" or draws.once_in(2):
        yield Labelled("Company", who.company)
    if draws.below(3):
        yield Labelled("E-mail", who.email)
    if draws.once_in(2):
        yield Labelled("Phone", who.phone)
    if draws.once_in(3):
        yield Labelled("Product", f"{app.name} {draws.pick((app.version, app.old))}")
    if draws.once_in(4):
        yield Labelled("CustomField1", f"SN-{draws.below(10**8):08d}")
    if draws.once_in(9):
        yield Labelled("Greet me as $Nickname?", who.given)
    if draws.once_in(9):
        yield Labelled(None, draws.pick(_SITES))


def _slots(course: Course, request: Request) -> dict[str, str]:
    return {
        "app": request.app.name,
        "version": request.app.version,
        "old": request.app.old,
        "customer": request.customer.given,
        "company": request.customer.company,
        "rep": course.place.rep.screen_name,
        "ref": request.reference_id or f"C{course.number % 10**8:08d}",
        "other": course.belongs,
    }


def _why_not(draws: Draws, course: Course) -> str:
    if course.fate is Event.DECLINED:
        return course.place.rep.screen_name
    if course.fate is Event.FAILED:
        return draws.pick(pools.words().failures[1:2])
    return ""


def _broken_off(draws: Draws, beats: list[Beat]) -> tuple[list[Beat], str]:
    """Cut the talk in the middle, at a restart if there is one."""
    for place, beat in enumerate(beats):
        if beat.kind is Event.REBOOTED:
            return beats[: place + 1], pools.words().failures[2]
    kept = beats[: len(beats) * draws.between(30, 80) // 100 + 1]
    return kept, draws.pick((pools.words().failures[0], pools.words().failures[3]))


def _reboot(beats: list[Beat]) -> str:
    if all(beat.kind is not Event.REBOOTED for beat in beats):
        return "No"
    back = any(beat.kind is Event.RECONNECTED for beat in beats)
    return "Successful" if back else "ReconnectFailed"


def _outcome(draws: Draws, course: Course, talk: Talk, reboot: str, nickname: str) -> Outcome:
    words = pools.words()
    resolution = ("Resolved" if draws.below(20) else "Unknown") if talk.solved else "Unresolved"
    label = draws.pick(words.end_labels) if draws.below(3) else None
    comment = None
    if draws.below(5):
        source = (
            talk.scene.comments
            if talk.solved
            else (f"Passed to a specialist, {talk.slots['ref']}.",)
        )
        comment = pools.fill(draws.pick(source), talk.slots)
    rated = course.times.survey is not None
    return Outcome(
        resolution=resolution,
        comment=comment,
        end_label=label,
        end_data=f"C{draws.below(10**8):08d}" if label else None,
        rep_ratings=tuple(_ratings(draws, words.rep_survey, talk.solved)) if draws.below(4) else (),
        customer_ratings=tuple(_customer_ratings(draws, talk.solved, nickname)) if rated else (),
        reboot=reboot,
    )


def _ratings(
    draws: Draws, survey: tuple[tuple[str, tuple[str, ...]], ...], solved: bool
) -> Iterator[Labelled]:
    for label, answers in survey[: draws.between(1, len(survey))]:
        # Answers stand from good to bad.
        half = len(answers) // 2
        yield Labelled(label, draws.pick(answers[: half + 1] if solved else answers[half:]))


def _customer_ratings(draws: Draws, solved: bool, nickname: str) -> Iterator[Labelled]:
    words = pools.words()
    yield from _ratings(draws, words.customer_survey, solved)
    for _ in range(draws.below(3)):
        # Free remarks have no label, and macros in them were never expanded by the product.
        label = None if draws.below(4) else f"Message for {nickname}"
        yield Labelled(label, draws.pick(words.remarks))
