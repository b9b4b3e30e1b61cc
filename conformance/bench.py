"""Where a target stands under test: what is done to it becomes a history, and is judged.

Every act goes through `Bench.do`; every judgement through `Bench.expect`, which names the
rule and quotes all outcomes that the rule allows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import reject

from conformance import patterns
from conformance.caller import Outcome
from conformance.coverage import Tally
from conformance.hands import Hands, Missing
from conformance.history import Break, History, Step, made_up, veiled
from conformance.passive import Finding
from conformance.patterns import Anything, gives, told

RIGHT: Final = "Right-horse-7-staple"
WRONG: Final = "Wrong-horse-8-staple"
SUB_PORTALS: Final = ("General", "Billing", "Printers")
MILLISECOND: Final = timedelta(milliseconds=1)


class Broken(Exception):  # noqa: N818  # told in words, not our error
    """A rule does not hold; carries the evidence."""

    def __init__(self, broken: Break) -> None:
        super().__init__(f"{broken.rule}: expected {broken.expected}, received {broken.received}")
        self.broken: Final = broken


class ShrinkingOver(BaseException):  # told in words, not our error
    """The time for making a failing history smaller is over; the smallest so far is kept."""


class InTheWay(BaseException):  # told in words, not our error
    """Every example meets a rule that is known to be broken; more of them would, too."""


# After so many such examples in a row the rest is not tried.
_PATIENCE: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A portal with one login, fresh where the target can make one."""

    portal: str
    username: str
    password: str
    sub_portals: tuple[str, ...] = SUB_PORTALS


@dataclass(slots=True)
class Chase:
    """What one run of a property looks for.

    Attributes:
        rules: those it judges.
        muted: already known to be broken: an example that meets them says nothing more.
        found: the smallest break of one rule; a run chases one rule only.
        longest: the number of steps of the first failing history.
        failures: how many examples failed.
        in_a_row: how many examples in a row, to the last, met a muted rule.
    """

    rules: tuple[str, ...]
    muted: frozenset[str] = frozenset()
    found: Break | None = None
    longest: int = 0
    failures: int = 0
    in_a_row: int = 0


class Bench:
    """One target, one run of the suite; `begin` starts the next example."""

    def __init__(self, hands: Hands, tag: str, tally: Tally) -> None:
        self.hands: Final = hands
        self.tally: Final = tally
        self.strays: Final[dict[str, Break]] = {}
        self.chase = Chase(())
        self.history = History(hands.now)
        self._tag: Final = tag
        self._made = 0
        self._undoings: list[tuple[str, dict[str, Any]]] = []
        self._said_nothing = False

    @property
    def now(self) -> datetime:
        """What the target's clock says."""
        return self.hands.now

    def begin(self) -> None:
        """Start a new example with an empty history."""
        self.give_back()
        self.history = History(self.now)
        if not self._said_nothing:
            self.chase.in_a_row = 0
        self._said_nothing = False

    def give_back(self) -> None:
        """Do what `afterwards` was told, the last first; a refusal says that it was done before."""
        while self._undoings:
            self.hands.do(*self._undoings.pop())

    def afterwards(self, verb: str, /, **arguments: Any) -> None:
        """Take note of what is to be done when the example is over, however it ends.

        So a target that is not ours is left as it was found. It is no step of the history.
        """
        self._undoings.append((verb, arguments))

    def name(self, kind: str) -> str:
        """Make up a name that this target has not seen; a history calls it `kind-n`."""
        self._made += 1
        local = f"{kind}-{sum(name.startswith(kind) for name in self.history.names) + 1}"
        self.history.names[local] = made_up(kind, f"{self._tag}-{self._made}")
        return self.history.names[local]

    def do(self, verb: str, /, **arguments: Any) -> Outcome:
        """Do one verb as the next step; passive findings are judged or noted."""
        at = self.now - self.history.start
        outcome = self.hands.do(verb, arguments)
        number = len(self.history.steps) + 1
        step = Step(number, at, verb, arguments, outcome, *self.hands.wire)
        self.history.steps.append(step)
        for finding in self.hands.findings:
            self._note(finding)
        return outcome

    def call(self, name: str, /, **arguments: Any) -> Outcome:
        """Call an operation as the next step."""
        return self.do("call", name=name, **arguments)

    def expect(self, rule: str, *allowed: patterns.Pattern, case: str | None = None) -> Outcome:
        """Hold the last outcome against all that the rule allows there; count the case.

        Raises:
            Broken: it is none of them.
        """
        outcome = self.history.steps[-1].outcome
        if any(patterns.allows(option, outcome) for option in allowed):
            if case is not None:
                self.tally.hit(rule, case)
            return outcome
        expected = " or ".join(told(option) for option in allowed)
        self._break(rule, allowed, expected, told(veiled(outcome)))
        return outcome

    def passed(self, rule: str, case: str) -> None:
        """Count a case whose expectations were held one by one."""
        self.tally.hit(rule, case)

    def _note(self, finding: Finding) -> None:
        if finding.rule in self.chase.muted:
            return
        if finding.rule in self.chase.rules:
            self._break(finding.rule, (), finding.expected, finding.received)
        elif finding.rule not in self.strays:
            history = self.history.copy()
            self.strays[finding.rule] = Break(
                finding.rule, history, (), finding.expected, finding.received
            )

    def _break(
        self, rule: str, allowed: tuple[patterns.Pattern, ...], expected: str, received: str
    ) -> None:
        chase = self.chase
        if rule in chase.muted or (chase.found is not None and chase.found.rule != rule):
            self._say_nothing()
        broken = Break(rule, self.history.copy(), allowed, expected, received)
        chase.failures += 1
        chase.longest = max(chase.longest, len(broken.history.steps))
        if chase.found is None or broken.size < chase.found.size:
            chase.found = broken
        raise Broken(broken)

    def _say_nothing(self) -> None:
        """End an example that says nothing more; and the property, if it has but such.

        Raises:
            InTheWay: so it was in every example for long.
        """
        self._said_nothing = True
        self.chase.in_a_row += 1
        if self.chase.found is None and self.chase.in_a_row >= _PATIENCE:
            raise InTheWay
        reject()

    def place(self, *, hard: bool = False, fresh: bool = True, kind: str = "") -> Place:
        """Give a portal with a login: a fresh one, else (if that will do) a lent one.

        `kind` is its type; whatever the target makes where none is said.

        Raises:
            Missing: there is no control API, and none was lent or will do.
        """
        if self.hands.target.control is None:
            return self._lent_place(fresh=fresh)
        place = Place(self.name("portal"), self.name("user"), RIGHT)
        body = {
            "name": place.portal,
            "subPortals": list(place.sub_portals),
            "hardLockouts": hard,
            "username": place.username,
            "password": place.password,
            **({"portalType": kind} if kind else {}),
        }
        outcome = self.do("control", method="POST", path=["portals"], body=body)
        self._prepared(outcome)
        return place

    def _lent_place(self, *, fresh: bool) -> Place:
        logins = self.hands.target.description.logins
        if fresh or not logins:
            wanted = "" if fresh else ", or lend a login in target.toml"
            msg = f"no control API to make a portal by: give --control URL --token TOKEN{wanted}"
            raise Missing(msg)
        self.history.names.update({"user-1": logins[0].username, "password-1": logins[0].password})
        return Place("", logins[0].username, logins[0].password, ())

    def login(self, place: Place, password: str = RIGHT) -> Place:
        """Give a second login to the same portal.

        Raises:
            Missing: it cannot be made.
        """
        other = Place(place.portal, self.name("user"), password, place.sub_portals)
        body = {"portal": place.portal, "username": other.username, "password": other.password}
        self._prepared(self.do("control", method="POST", path=["logins"], body=body))
        return other

    def _prepared(self, outcome: Outcome) -> None:
        if outcome.get("status") not in (200, 201, 204):
            msg = f"the control API did not do what it was asked: {told(outcome)}"
            raise Missing(msg)

    def lend(self, connection: str, service: str = "Sessions") -> None:
        """Take note of a connection of a login that is not ours, to be logged off again."""
        more = {"service": service, "connection_id": connection}
        self.afterwards("call", name="logoff", **more)

    def connect(self, place: Place) -> str:
        """Log on with the right password; that must work, by LOGON-1."""
        self.call("logon", username=place.username, password=place.password)
        outcome = self.expect("LOGON-1", gives(Anything("a connection")))
        connection: str = outcome["gives"]
        if self.hands.target.control is None:
            self.lend(connection)
        return connection

    def advance(self, to: datetime) -> None:
        """Let virtual time go on to `to`; an instant that has passed changes nothing."""
        if to > self.now:
            self.do("advance", to=to)

    def to_whole_second(self) -> None:
        """Go to the next whole second, for rules that count in seconds."""
        self.advance(self.now + timedelta(microseconds=-self.now.microsecond % 1_000_000))

    def act(self, act: str, /, **facts: Any) -> Outcome:
        """Let customers and representatives do something, through the control API."""
        return self.do("control", method="POST", path=["acts"], body={"act": act, **facts})
