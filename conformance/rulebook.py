"""The rules that a suite judges by, and which of them this suite leaves out, and why.

The sentences are those of `broker_sim/contract/requirements.toml`; nothing is said twice.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract, as `requirements.toml` has it."""

    id: str
    keeper: str
    chapter: str
    level: str
    source: str
    sentence: str
    built: bool = True


# What is judged today; `contracts/` has what was judged under each version of the contract.
PROFILES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "core": (
            *(f"LOGON-{n}" for n in range(1, 7)),
            *(f"CONN-{n}" for n in range(1, 5)),
            *(f"SESS-{n}" for n in range(1, 7)),
            *(f"UPD-{n}" for n in range(1, 5)),
            *(f"RET-{n}" for n in range(1, 5)),
            "FAULT-1",
            "FAULT-2",
            "WIRE-1",
            "SEC-1",
        ),
        "recordings": tuple(f"REC-{n}" for n in range(1, 9)),
        "monitors": tuple(f"MON-{n}" for n in range(1, 4)),
        "phone": tuple(f"PHONE-{n}" for n in range(1, 7)),
        "agents": ("AGENT-1", "AGENT-2"),
        "portal": tuple(f"PORTAL-{n}" for n in range(1, 7)),
        "rate": ("RATE-1",),
        "channel": ("CHAN-1",),
    }
)
PROFILE_NAMES: Final = (*PROFILES, "full")

# A capability that a target may lack, and the rules that are then not applicable.
CAPABILITIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sessions": PROFILES["core"],
        **{name: ids for name, ids in PROFILES.items() if name != "core"},
    }
)

EXCLUDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "WIRE-2": "judged by foreign SOAP stacks, which are not part of this program",
        "SEC-2": "its pages are for people, not for programs; the broker's own tests judge it",
    }
)


def _text() -> str:
    place = resources.files("broker_sim.contract") / "requirements.toml"
    return place.read_text(encoding="utf-8")


@cache
def rules() -> Mapping[str, Rule]:
    """Give every rule by its id, in the order of the contract."""
    return MappingProxyType({row["id"]: Rule(**row) for row in tomllib.loads(_text())["rule"]})


@cache
def sources() -> Mapping[str, str]:
    """Tell where rules come from: what the short names in `Rule.source` stand for."""
    return MappingProxyType(tomllib.loads(_text())["sources"])


@cache
def version() -> str:
    """Tell which version of the contract these rules are."""
    return str(tomllib.loads(_text())["version"])


def chosen(profile: str, wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the ids to judge: those of the profile, or of `wanted` only, in order.

    Raises:
        ValueError: no such profile; a wanted rule is unknown, a client's or excluded.
    """
    if profile not in PROFILE_NAMES:
        msg = f"no profile {profile!r}; there are {', '.join(PROFILE_NAMES)}"
        raise ValueError(msg)
    names = PROFILES.keys() if profile == "full" else (profile,)
    ids = {rule for name in names for rule in PROFILES[name]}
    picked = {_checked(rule) for rule in wanted}
    return tuple(rule for rule in rules() if rule in (picked or ids))


def _checked(rule: str) -> str:
    if rule not in rules():
        msg = f"no rule {rule!r}; `broker-conformance rules` lists them"
        raise ValueError(msg)
    if rules()[rule].keeper != "broker":
        msg = f"{rule} is a duty of clients; this suite judges brokers"
        raise ValueError(msg)
    if rule in EXCLUDED:
        msg = f"{rule} is not judged: {EXCLUDED[rule]}"
        raise ValueError(msg)
    return rule
