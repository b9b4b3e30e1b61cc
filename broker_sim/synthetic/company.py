"""A seed gives a company: its portals with their logins, its teams, its representatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from broker_sim.synthetic import pools
from broker_sim.synthetic.chance import Draws

_ROOTS: Final = (
    "Alderbrook", "Birchfold", "Coppermere", "Dunmoor", "Elmsworth", "Fernhollow", "Glenharrow",
    "Hazelmont", "Ivyfield", "Juniper Bay", "Kestrel Hill", "Larkspur", "Mossgate", "Northwold",
    "Oakhurst", "Pinemarsh", "Quillstone", "Rowanleigh", "Saltmarsh", "Thornbury Vale",
)  # fmt: skip
_TRADES: Final = ("Instruments", "Foods", "Logistics", "Hardware", "Optics", "Paper", "Textiles")

# The kinds of portals: slug, what people call it, portal type, the skills it has sub-portals for.
_KINDS: Final = (
    ("helpdesk", "Help Desk", "SmartBox", ("email", "printing", "network", "desktop")),
    ("applications", "Business Applications", "SmartPin", ("billing", "reports", "interfaces")),
    ("stores", "Store Support", "SmartButton", ("tills", "scanners")),
    ("partners", "Partner Desk", "SmartMatch", ("accounts", "licences")),
)
_TEAMS: Final = ("Service Desk", "Applications", "Field Team", "Night Desk", "Tier 2", "Rollouts")
# The teams that are a part of another one, where that is there.
_PARENTS: Final = {"Night Desk": "Service Desk", "Tier 2": "Applications", "Rollouts": "Field Team"}
_ADJECTIVES: Final = ("Amber", "Brisk", "Calm", "Dusty", "Early", "Frosty", "Gentle", "Hollow")
_NOUNS: Final = ("Anchor", "Beacon", "Cedar", "Falcon", "Harbor", "Lantern", "Meadow", "Ribbon")


@dataclass(frozen=True, slots=True)
class LoginPlan:
    """The API login of one portal; the password is for worlds made by a seed only."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class PortalPlan:
    """One support queue; `name` is a slug, unique in the company."""

    name: str
    display_name: str
    portal_type: str
    sub_portals: tuple[str, ...]
    hard_lockouts: bool
    login: LoginPlan


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """A team, the (portal, sub-portal) pairs it takes requests from, and what it is a part of."""

    name: str
    sub_portals: tuple[tuple[str, str], ...]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class RepPlan:
    """One representative: in exactly one team, serving (portal, sub-portal) pairs of it."""

    email: str
    name: str
    screen_name: str
    team: str
    ip: str
    sub_portals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ManagerPlan:
    """One who may use the Management Center; `team` is of a team manager."""

    email: str
    name: str
    role: str
    team: str | None = None


@dataclass(frozen=True)
class CompanyPlan:
    """A customer of the hosted service, as the seed has it; every sub-portal has a rep.

    `staff_password` is what all its reps log on with, as on the day they were hired, and
    `manager_password` what its managers log in with. The first rep has access to the
    Management Center, too, with its own password.
    """

    name: str
    portals: tuple[PortalPlan, ...]
    teams: tuple[TeamPlan, ...]
    reps: tuple[RepPlan, ...]
    staff_password: str
    managers: tuple[ManagerPlan, ...]
    manager_password: str

    @cached_property
    def desks(self) -> tuple[tuple[PortalPlan, str, tuple[RepPlan, ...]], ...]:
        """Every sub-portal as (portal, sub-portal, the reps who serve it)."""
        return tuple(
            (portal, sub, tuple(rep for rep in self.reps if (portal.name, sub) in rep.sub_portals))
            for portal in self.portals
            for sub in portal.sub_portals
        )

    @cached_property
    def desk_of(self) -> Mapping[tuple[str, str], int]:
        """The place of a (portal, sub-portal) among `desks`."""
        return {(portal.name, sub): place for place, (portal, sub, _) in enumerate(self.desks)}


def plan(seed: int, *, portals: int = 2, reps: int = 12) -> CompanyPlan:
    """Give the company of a seed.

    The first portal has no hard lockouts, the second has them, and so on in turn.

    Raises:
        ValueError: no portal or no rep asked for.
    """
    if portals < 1 or reps < 1:
        msg = f"a company has at least one portal and one rep, not {portals} and {reps}"
        raise ValueError(msg)
    return _plan(seed, portals, reps)


@lru_cache(maxsize=16)
def _plan(seed: int, portals: int, reps: int) -> CompanyPlan:
    draws = Draws(seed, "company")
    root = draws.pick(_ROOTS)
    slug = pools.plain(root)
    queues = tuple(_portal(seed, slug, root, nth) for nth in range(portals))
    teams = _teams(queues, reps)
    staff = _staff(seed, slug, teams, reps)
    name = f"{root} {draws.pick(_TRADES)}"
    return CompanyPlan(
        name,
        queues,
        teams,
        staff,
        _password(Draws(seed, "staff password")),
        _managers(seed, slug, teams, staff),
        _password(Draws(seed, "manager password")),
    )


def _portal(seed: int, slug: str, root: str, nth: int) -> PortalPlan:
    kind, title, portal_type, skills = _KINDS[nth % len(_KINDS)]
    again = nth // len(_KINDS)
    kind, title = (f"{kind}{again + 1}", f"{title} {again + 1}") if again else (kind, title)
    return PortalPlan(
        name=f"{slug}-{kind}",
        display_name=f"{root} {title}",
        portal_type=portal_type,
        sub_portals=skills,
        hard_lockouts=nth % 2 == 1,
        login=_login(seed, slug, kind, nth),
    )


def _login(seed: int, slug: str, kind: str, nth: int) -> LoginPlan:
    return LoginPlan(f"{slug}.{kind}.api", _password(Draws(seed, "login", nth)))


def _password(draws: Draws) -> str:
    words = f"{draws.pick(_ADJECTIVES)}-{draws.pick(_NOUNS)}"
    return f"{words}-{draws.between(1000, 9999)}"


def _teams(queues: tuple[PortalPlan, ...], reps: int) -> tuple[TeamPlan, ...]:
    desks = [(queue.name, sub) for queue in queues for sub in queue.sub_portals]
    count = min(len(_TEAMS), reps, 2 * len(queues))
    # Desk n goes to team n, and to a second one, so that somebody can be transferred to.
    taken: list[list[tuple[str, str]]] = [[] for _ in range(count)]
    for place, desk in enumerate(desks):
        further = 1 + place // count % max(1, count - 1)
        for team in sorted({place % count, (place + further) % count}):
            taken[team].append(desk)
    there = _TEAMS[:count]
    parents = [parent if (parent := _PARENTS.get(name)) in there else None for name in there]
    return tuple(
        TeamPlan(name, tuple(own), parent)
        for name, own, parent in zip(there, taken, parents, strict=True)
    )


def _staff(seed: int, slug: str, teams: tuple[TeamPlan, ...], reps: int) -> tuple[RepPlan, ...]:
    names = pools.people()["en"]
    taken: set[str] = set()
    staff = []
    for nth in range(reps):
        draws = Draws(seed, "rep", nth)
        given, family = draws.pick(names.given), draws.pick(names.family)
        nickname, tail = _nickname(given[0], family[0], taken)
        team = teams[nth % len(teams)]
        staff.append(
            RepPlan(
                email=f"{given[1]}.{family[1]}{tail}@{slug}.example",
                name=f"{given[0]} {family[0]}",
                screen_name=nickname,
                team=team.name,
                ip=f"10.1.{20 + nth // 200}.{20 + nth % 200}",
                sub_portals=team.sub_portals,
            )
        )
    return tuple(staff)


def _managers(
    seed: int, slug: str, teams: tuple[TeamPlan, ...], staff: tuple[RepPlan, ...]
) -> tuple[ManagerPlan, ...]:
    """Give one of every role; the one with a team has the first."""
    names = pools.people()["en"]
    taken = {name for rep in staff for name in (rep.screen_name, rep.name)}
    found = []
    for nth, (role, team) in enumerate([("company", None), ("api", None), ("team", teams[0].name)]):
        draws = Draws(seed, "manager", nth)
        given, family = draws.pick(names.given), draws.pick(names.family)
        _, tail = _nickname(given[0], family[0], taken)
        address = f"{given[1]}.{family[1]}{tail}@{slug}.example"
        found.append(ManagerPlan(address, f"{given[0]} {family[0]}", role, team))
    return (*found, ManagerPlan(staff[0].email, staff[0].name, "representative"))


def _nickname(given: str, family: str, taken: set[str]) -> tuple[str, str]:
    """Give a screen name nobody has yet, and what tells the address from a namesake's."""
    full = f"{given} {family}"
    tries = [given, f"{given} {family[0]}"] if full not in taken else []
    again = (f"{full} {nth}" for nth in range(2, len(taken) + 3))
    name = next(name for name in (*tries, full, *again) if name not in taken)
    taken.update((name, full))
    return name, name[len(full) :].strip() if name.startswith(full) else ""
