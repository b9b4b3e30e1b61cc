"""Which of a tester's rules strikes a call?

A rule counts the calls that it fits, lets the first `skip` of them pass, then strikes each with
its probability, `times` times at most. Rules are asked in the order in which they were added.
Delays add up, and the call goes on to the rules behind. The first rule with any other effect that
strikes has the call: the rules behind it are not asked, and do not count it.

Chance follows from the seed, the rule's id and its count, so the same calls in the same order
are struck alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from broker_sim.core.effects import Delay, Effect, Refuse

RULES_MOST: Final = 100
ANY: Final = "*"
DOWNLOAD: Final = "download"

When: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Like:
    """A pattern for a text: `*` stands for any characters, none too; all else for itself."""

    pattern: str

    def fits(self, text: str) -> bool:
        """Tell whether the whole text fits; takes time in proportion to its length."""
        first, *middle = self.pattern.split(ANY)
        if not middle:
            return text == first
        last = middle.pop()
        if len(text) < len(first) + len(last) or not text.startswith(first):
            return False
        place, end = len(first), len(text) - len(last)
        for piece in middle:
            place = text.find(piece, place, end)
            if place < 0:
                return False
            place += len(piece)
        return text.endswith(last)


Wanted: TypeAlias = str | Like


@dataclass(frozen=True, slots=True)
class Called:
    """What a rule may look at.

    Attributes:
        service: the endpoint's name; empty for a download.
        operation: its name on the wire, or "download".
        login: whose connection it is, canonical; for a logon, who it is for. None if unknown.
        fields: the arguments as texts, by their wire names; several texts for a list.
        refusals: codes of the faults that the operation may answer.
    """

    service: str
    operation: str
    login: str | None = None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refusals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a tester.

    Attributes:
        id: its name in the world.
        effect: what happens.
        operation: `Service.operation`, `Service.*`, an operation of whichever service, `*` for
            every operation, or `download`.
        login: only calls of this login, canonical; None for all.
        match: only calls with such fields, by wire name.
        skip: so many calls that fit pass first.
        times: it strikes so often at most; None for no end.
        probability: of each strike, in [0, 1].
        when: before the call is carried out, or after its transaction was committed.
        seed: of its chance; the world's where None.
    """

    id: str
    effect: Effect
    operation: str = ANY
    login: str | None = None
    match: Mapping[str, Wanted] = field(default_factory=dict)
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    when: When = "before"
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule in a world: how many calls it has fitted, and how many it has struck."""

    rule: Rule
    fitted: int = 0
    struck: int = 0


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens to one call.

    Attributes:
        rules: ids of those that struck, in order.
        wait_before: seconds to wait before it is carried out.
        wait_after: seconds to wait before its answer is sent.
        effect: what happens besides; None for nothing.
        after: whether the call is carried out all the same.
        nth: which strike of its rule the effect is, from 1; noise follows from it.
    """

    rules: tuple[str, ...] = ()
    wait_before: float = 0.0
    wait_after: float = 0.0
    effect: Effect | None = None
    after: bool = False
    nth: int = 0


NOTHING: Final = Strike()


def covers(pattern: str, service: str, operation: str) -> bool:
    """Tell whether a rule for `pattern` is one for this operation."""
    if operation == DOWNLOAD and not service:
        return pattern == DOWNLOAD
    return pattern in {ANY, operation, f"{service}.{operation}", f"{service}.{ANY}"}


def fits(rule: Rule, called: Called) -> bool:
    """Tell whether a rule is about this call; a fault only fits where the contract has it."""
    return (
        covers(rule.operation, called.service, called.operation)
        and rule.login in {None, called.login}
        and not (isinstance(rule.effect, Refuse) and rule.effect.code not in called.refusals)
        and all(
            _one_fits(wanted, called.fields.get(name, ())) for name, wanted in rule.match.items()
        )
    )


def _one_fits(wanted: Wanted, texts: Sequence[str]) -> bool:
    return any(text == wanted if isinstance(wanted, str) else wanted.fits(text) for text in texts)


def count(standing: Standing, seed: int) -> tuple[Standing, bool]:
    """Count one call that fits; tell whether the rule strikes it.

    Args:
        standing: so far.
        seed: the world's, for a rule without one of its own.
    """
    rule, fitted = standing.rule, standing.fitted + 1
    over = rule.times is not None and standing.struck >= rule.times
    strikes = fitted > rule.skip and not over and _chance(rule, seed, fitted) < rule.probability
    return replace(standing, fitted=fitted, struck=standing.struck + strikes), strikes


def _chance(rule: Rule, seed: int, nth: int) -> float:
    """Give a number in [0, 1) that follows from rule, seed and count alone."""
    source = f"{seed if rule.seed is None else rule.seed} {rule.id} {nth}"
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:6]) / 2**48


def strike(
    standings: Sequence[Standing], called: Called, seed: int
) -> tuple[tuple[Standing, ...], Strike]:
    """Ask every rule about one call; give how they stand after it, and what happens to it."""
    now, result = list(standings), NOTHING
    for place, standing in enumerate(standings):
        if not fits(standing.rule, called):
            continue
        now[place], strikes = count(standing, seed)
        if strikes:
            result = _add(result, now[place])
            if result.effect is not None:
                break
    return tuple(now), result


def _add(strike: Strike, by: Standing) -> Strike:
    rule, rules = by.rule, (*strike.rules, by.rule.id)
    after = rule.when == "after"
    match rule.effect:
        case Delay(seconds) if after:
            return replace(strike, rules=rules, wait_after=strike.wait_after + seconds)
        case Delay(seconds):
            return replace(strike, rules=rules, wait_before=strike.wait_before + seconds)
        case effect:
            return replace(strike, rules=rules, effect=effect, after=after, nth=by.struck)
