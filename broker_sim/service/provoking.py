"""The fault rules of one world: added, counted, told, saved.

They live in this process. A call that nobody provokes costs one look at `armed`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Operation
from broker_sim.core import magic
from broker_sim.core.access import canonical
from broker_sim.core.effects import INSTEAD, Delay, Effect, Refuse, refusal
from broker_sim.core.provocation import (
    DOWNLOAD,
    NOTHING,
    RULES_MOST,
    Called,
    Standing,
    Strike,
    strike,
)
from broker_sim.core.record import Session
from broker_sim.core.refusal import Refused
from broker_sim.service import striking, wording
from broker_sim.service.exchange import Answer, Cut
from broker_sim.service.hostility import Hostility
from broker_sim.service.ports import Arguments, World

MAGIC: Final = "magic"
# Which arguments may hold a magic value, and how each is read.
_MAGIC: Final[Mapping[str, Callable[[str], Effect | None]]] = {
    "username": magic.in_name,
    "connection_id": magic.in_name,
    "code": magic.in_code,
}
_PYTHON_NAMES: Final = {"retry_after": "retryAfter", "content_type": "contentType"}


class Faults:
    """The fault rules of one world.

    Attributes:
        armed: whether any call can be struck, or its answer dressed.
        hostility: the world's hostile profile.

    Args:
        world: whose calls are struck.
        seed: tells the world's seed.
        shared: others serve the same world, and rules would strike here only.
    """

    def __init__(self, world: World, seed: Callable[[], int], *, shared: bool = False) -> None:
        self._shared = shared
        self.armed = world.magic
        self._world = world
        self._seed = seed
        self._lock = threading.Lock()
        self._standings: tuple[Standing, ...] = ()
        self._made = 0
        self.hostility = Hostility(world, self._arm)

    def add(self, operation: str = "*", *, effect: str, **said: Any) -> Mapping[str, Any]:
        """Add a rule, named in Python's way: `retry_after`, `content_type`; give it in words.

        Raises:
            ValueError: a field is wrong, or there are 100 rules.
        """
        given = {_PYTHON_NAMES.get(name, name): value for name, value in said.items()}
        return self.add_said({"operation": operation, "effect": effect, **given})

    def add_said(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add a rule as the control API takes it; give it in words.

        Raises:
            ValueError: a field is wrong, or there are 100 rules.
        """
        if self._shared:
            msg = "fault rules strike in one process only: start without --workers"
            raise ValueError(msg)
        with self._lock:
            number = self._made + 1
            rule = wording.rule_of(given, f"fault-{number}")
            if any(one.rule.id == rule.id for one in self._standings):
                msg = f"'id' must be new; there is a rule {rule.id!r}"
                raise ValueError(msg)
            if len(self._standings) >= RULES_MOST:
                msg = f"a world has {RULES_MOST} rules at most; remove some first"
                raise ValueError(msg)
            self._made = number
            standing = Standing(rule)
            self._stand((*self._standings, standing))
        return wording.words_of(standing)

    def list(self) -> Sequence[Mapping[str, Any]]:
        """Tell every rule in words, in order, with how many calls it has fitted and struck."""
        return [wording.words_of(standing) for standing in self._standings]

    def remove(self, rule_id: str) -> None:
        """Drop one rule.

        Raises:
            LookupError: there is none of that id.
        """
        with self._lock:
            left = tuple(one for one in self._standings if one.rule.id != rule_id)
            if len(left) == len(self._standings):
                msg = f"there is no rule {rule_id!r}; GET /_sim/faults lists them"
                raise LookupError(msg)
            self._stand(left)

    def clear(self) -> None:
        """Drop all rules; the next one is the first again. The hostile profile stays."""
        with self._lock:
            self._made = 0
            self._stand(())

    def _stand(self, standings: Iterable[Standing]) -> None:
        self._standings = tuple(standings)
        self._arm()

    def _arm(self) -> None:
        self.armed = bool(self._standings) or self.hostility.is_on or self._world.magic

    def saved(self) -> Mapping[str, Any]:
        """Give rules, counts and hostile profile as plain JSON data, for `restore`."""
        with self._lock:
            rules, made = [wording.words_of(one) for one in self._standings], self._made
        return {"rules": rules, "made": made, "hostile": self.hostility.saved()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on where `saved` stood.

        Raises:
            ValueError: it is nothing that `saved` gave.
        """
        standings = [_standing(words) for words in saved["rules"]]
        with self._lock:
            self._made = int(saved["made"])
            self._stand(standings)
        self.hostility.restore(saved.get("hostile"))

    def strike(self, service: str, operation: Operation, arguments: Arguments) -> Strike:
        """Tell what happens to this call, and count it."""
        found = self._by_rules(service, operation, arguments) if self._standings else NOTHING
        if self._world.magic and found.effect is None:
            return _with(found, _magic(arguments), operation)
        return found

    def strike_reading(self, found: Strike, operation: Operation, value: object) -> Strike:
        """Tell what happens to an answer that holds a session with a magic question."""
        if not self._world.magic or found.effect is not None or not isinstance(value, Session):
            return found
        return _with(found, magic.in_question(value.question), operation, after=True)

    def _by_rules(self, service: str, operation: Operation, arguments: Arguments) -> Strike:
        with self._lock:
            knows_logins = any(one.rule.login is not None for one in self._standings)
        called = Called(
            service,
            operation.name,
            self._login(arguments) if knows_logins else None,
            {field.wire: tuple(_texts(arguments.get(field.name))) for field in operation.takes},
            _codes(operation),
        )
        return self._count(called)

    def strike_download(self, session_id: int, name: str) -> Strike:
        """Tell what happens to the download of this file, and count it."""
        return self._count(
            Called("", DOWNLOAD, fields={"sessionId": (str(session_id),), "name": (name,)})
        )

    def _login(self, arguments: Arguments) -> str | None:
        username = arguments.get("username")
        return login_of(self._world, arguments) if username is None else canonical(username)

    def _count(self, called: Called) -> Strike:
        with self._lock:
            if not self._standings:
                return NOTHING
            self._standings, struck = strike(self._standings, called, self._seed())
        return struck

    def refusal(self, effect: Refuse) -> Refused:
        """Give the refusal that a rule wants."""
        return refusal(effect, self._world.clock.now())

    def instead(self, struck: Strike, content_type: str) -> Answer | Cut:
        """Give what is sent in the place of an answer.

        Raises:
            Refused: the rule wants a fault.
        """
        if isinstance(struck.effect, Refuse):
            raise self.refusal(struck.effect)
        return striking.instead(struck, content_type, self._seed())


def _magic(arguments: Arguments) -> Effect | None:
    """Give the effect of the first magic value among these."""
    for name, read in _MAGIC.items():
        value = arguments.get(name)
        effect = read(value) if isinstance(value, str) else None
        if effect is not None:
            return effect
    return None


def _with(
    found: Strike, effect: Effect | None, operation: Operation, *, after: bool = False
) -> Strike:
    """Add a magic effect to what the rules want."""
    if effect is None or (isinstance(effect, Refuse) and effect.code not in _codes(operation)):
        return found
    rules = (*found.rules, MAGIC)
    if isinstance(effect, Delay):
        seconds = effect.seconds
        if after:
            return replace(found, rules=rules, wait_after=found.wait_after + seconds)
        return replace(found, rules=rules, wait_before=found.wait_before + seconds)
    after = after or not isinstance(effect, INSTEAD)
    return replace(found, rules=rules, effect=effect, after=after, nth=1)


def _codes(operation: Operation) -> frozenset[str]:
    return frozenset(fault.code for fault in (*operation.faults, *faults.ALWAYS))


def login_of(world: World, arguments: Arguments) -> str | None:
    """Tell whose connection a call names; None where there is no such connection."""
    identifier = arguments.get("connection_id")
    if identifier is None:
        return None
    with world.store.reading() as tx:
        digest = world.vault.digest(identifier)
        found = tx.connection(digest)
        if found is not None:
            return found.login
        member = tx.rep_connected(digest)
    return None if member is None else member.rep.email


def _standing(words: Mapping[str, Any]) -> Standing:
    given = {name: value for name, value in words.items() if name not in {"fitted", "struck"}}
    rule = wording.rule_of(given, "")
    return replace(Standing(rule), fitted=int(words["fitted"]), struck=int(words["struck"]))


def _texts(value: Any) -> Iterable[str]:
    """Give a value's texts as a rule is matched with: as the wire would write them."""
    match value:
        case None:
            return
        case bool():
            yield str(value).lower()
        case datetime():
            shown = value.astimezone(UTC).isoformat(timespec="milliseconds")
            yield shown.replace("+00:00", "Z")
        case Mapping():
            for one in value.values():
                yield from _texts(one)
        case list() | tuple():
            for one in value:
                yield from _texts(one)
        case bytes():
            return
        case _:
            yield str(value)
