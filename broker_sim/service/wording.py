"""A fault rule in words, and the words of a rule: as JSON has them.

Everything is checked when a rule is added, so that none fails, or never fits, while a test runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from broker_sim.contract import ENDPOINTS
from broker_sim.contract.kinds import Operation
from broker_sim.core import effects
from broker_sim.core.access import canonical
from broker_sim.core.effects import Effect, Refuse
from broker_sim.core.provocation import ANY, DOWNLOAD, Like, Rule, Standing, Wanted, covers
from broker_sim.service import checking
from broker_sim.service.checking import Given, wrong

DOWNLOAD_FIELDS: Final = ("sessionId", "name")
MINUTES_TEN: Final = 600


@dataclass(frozen=True, slots=True)
class Word:
    """An effect's word, and what may be said beside it.

    Attributes:
        effect: makes it.
        takes: (name in JSON, name in Python, how it is read); what is not said keeps its default.
        needs: names in JSON of what must be said.
    """

    effect: Callable[..., Effect]
    takes: tuple[tuple[str, str, Callable[[Given, str], Any]], ...] = ()
    needs: tuple[str, ...] = ()


_HOW = ("how", "how", checking.one_of("rst", "fin"))
EFFECTS: Final[Mapping[str, Word]] = {
    "fault": Word(
        Refuse, (("code", "code", checking.text), ("fields", "fields", checking.mapping)), ("code",)
    ),
    "status": Word(
        effects.Status,
        (
            ("status", "status", checking.one_of(*effects.STATUSES)),
            ("retryAfter", "retry_after", checking.whole(0, 86_400)),
        ),
        ("status",),
    ),
    "delay": Word(
        effects.Delay, (("seconds", "seconds", checking.number(0, MINUTES_TEN)),), ("seconds",)
    ),
    "drip": Word(
        effects.Drip,
        (
            ("seconds", "seconds", checking.number(0, MINUTES_TEN)),
            ("pieces", "pieces", checking.whole(1, 1000)),
        ),
        ("seconds",),
    ),
    "truncate": Word(effects.Truncate, (("keep", "keep", checking.whole(0, 2**40)), _HOW)),
    "cut": Word(effects.Sever, (_HOW,)),
    "garbage": Word(
        effects.Garbage,
        (("size", "size", checking.whole(1, 1024 * 1024)), ("raw", "raw", checking.flag)),
    ),
    "contentType": Word(
        effects.Mistype, (("contentType", "content_type", checking.header),), ("contentType",)
    ),
    "empty": Word(effects.Empty),
}
WORDS: Final = {word.effect: name for name, word in EFFECTS.items()}
COMMON: Final = (
    *("id", "operation", "login", "match", "skip", "times", "probability", "when", "seed"),
    "effect",
)


def rule_of(given: Given, fallback: str) -> Rule:
    """Read a rule.

    Args:
        given: as `POST /_sim/faults` takes it.
        fallback: its id where none is said.

    Raises:
        ValueError: a sentence that names the field, and says what was wanted.
    """
    word = checking.one_of(*EFFECTS)(given, "effect")
    said = EFFECTS[word]
    _refuse_unknown(given, word, said)
    pattern = checking.text(given, "operation", ANY)
    covered = _covered(pattern)
    effect = _effect(said, given, covered)
    return Rule(
        checking.short(given, "id", fallback),
        effect,
        pattern,
        _login(given, pattern),
        _match(given, pattern, covered),
        checking.whole(0, 10**9)(given, "skip", 0),
        checking.whole(1, 10**9)(given, "times", None),
        float(checking.number(0, 1)(given, "probability", 1.0)),
        _when(given, word, effect),
        checking.whole(0, 2**63 - 1)(given, "seed", None),
    )


def _refuse_unknown(given: Given, word: str, said: Word) -> None:
    known = (*COMMON, *(wire for wire, _, _ in said.takes))
    for name in given:
        if name not in known:
            raise wrong(
                name, f"is nothing that a rule with effect {word!r} takes: {_listed(known)}"
            )


def _login(given: Given, pattern: str) -> str | None:
    login = checking.text(given, "login", None)
    if login is not None and pattern == DOWNLOAD:
        raise wrong("login", "cannot be told of a download, which carries no login")
    return None if login is None else canonical(login)


def words_of(standing: Standing) -> dict[str, Any]:
    """Say a rule as `rule_of` reads it, with how many calls it has fitted and struck."""
    rule = standing.rule
    word = WORDS[type(rule.effect)]
    said: dict[str, Any] = {"id": rule.id, "operation": rule.operation, "effect": word}
    for wire, name, _ in EFFECTS[word].takes:
        value = getattr(rule.effect, name)
        if value is not None:
            said[wire] = value
    if isinstance(rule.effect, Refuse):
        said["fields"] = checking.fields_shown(rule.effect)
    match = {name: _wanted_shown(wanted) for name, wanted in rule.match.items()}
    more = {"login": rule.login, "match": match or None, "times": rule.times, "seed": rule.seed}
    said |= {name: value for name, value in more.items() if value is not None}
    said |= {"skip": rule.skip, "probability": rule.probability, "when": rule.when}
    return {**said, "fitted": standing.fitted, "struck": standing.struck}


def _covered(pattern: str) -> Sequence[Operation]:
    """Give the operations that a pattern is about; none for `download`."""
    found = [
        operation
        for endpoint in ENDPOINTS
        for operation in endpoint.operations
        if covers(pattern, endpoint.name, operation.name)
    ]
    if not found and pattern != DOWNLOAD:
        services = _listed([f"{endpoint.name}.*" for endpoint in ENDPOINTS])
        raise wrong(
            "operation",
            f"must be an operation like 'Sessions.getSession' or 'getSession', one of {services},"
            f" '*' for all, or 'download'; there is no {pattern!r}",
        )
    return found


def _effect(said: Word, given: Given, covered: Sequence[Operation]) -> Effect:
    for name in said.needs:
        if given.get(name) is None:
            raise wrong(name, "is missing")
    values = {
        name: read(given, wire) for wire, name, read in said.takes if given.get(wire) is not None
    }
    if said.effect is Refuse:
        return checking.refuse(values["code"], values.get("fields") or {}, covered)
    return said.effect(**values)


def _when(given: Given, word: str, effect: Effect) -> Any:
    needs_answer = isinstance(effect, (effects.Drip, effects.Truncate, effects.Mistype))
    when = checking.one_of("before", "after")(given, "when", "after" if needs_answer else "before")
    if needs_answer and when == "before":
        raise wrong("when", f"must be 'after' for effect {word!r}, which is done to an answer")
    return when


def _match(given: Given, pattern: str, covered: Sequence[Operation]) -> Mapping[str, Wanted]:
    match = checking.mapping(given, "match", {})
    known = {field.wire for operation in covered for field in operation.takes}
    if pattern == DOWNLOAD:
        known = set(DOWNLOAD_FIELDS)
    for name in match:
        if name not in known:
            raise wrong(
                f"match.{name}", f"is no field of {pattern!r}, which has {_listed(sorted(known))}"
            )
    return {name: _wanted(f"match.{name}", value) for name, value in match.items()}


def _wanted(name: str, value: Any) -> Wanted:
    match value:
        case bool():
            return str(value).lower()
        case str() | int():
            return str(value)
        case {"like": str(pattern)} if len(value) == 1 and len(pattern) <= checking.SHORT:
            return Like(pattern)
    raise wrong(name, 'must be a text, a number, true, false, or {"like": "a pattern with *"}')


def _wanted_shown(wanted: Wanted) -> Any:
    return {"like": wanted.pattern} if isinstance(wanted, Like) else wanted


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
