"""The people who ask: a population of customers, each the same at every return."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from broker_sim.synthetic import pools
from broker_sim.synthetic.chance import Draws

# So many customers are known to a company; a few of them ask often.
POPULATION: Final = 1500

# Documentation ranges (RFC 5737), 254 hosts each; who does not fit lives in 10/8.
_DOCUMENTATION: Final = ("192.0.2", "198.51.100", "203.0.113")
_HOSTS: Final = 254

_LANGUAGES: Final = ("en",) * 26 + ("de",) * 5 + ("fr",) * 3 + ("es",) * 3 + ("ja",) * 2 + ("pl",)
_AREAS: Final = ("201", "303", "415", "617", "720", "808", "917")


@dataclass(frozen=True, slots=True)
class Customer:
    """One invented person: domains end in .example, phone numbers lie in 555-0100 to 555-0199."""

    number: int
    name: str
    given: str
    company: str
    email: str
    phone: str
    city: str
    ip: str
    language: str


def which(draws: Draws) -> int:
    """Draw a customer's number; small ones are drawn more often."""
    share = draws.unit()
    return int(POPULATION * share * share)


@lru_cache(maxsize=2 * POPULATION)
def customer(seed: int, number: int) -> Customer:
    """Give the `number`-th customer of a seed."""
    draws = Draws(seed, "customer", number)
    language = draws.pick(_LANGUAGES)
    names = pools.people()[language]
    given, family = draws.pick(names.given), draws.pick(names.family)
    firm = draws.pick(names.company)
    # Japanese names are written family name first.
    written = f"{family[0]} {given[0]}" if language == "ja" else f"{given[0]} {family[0]}"
    host = pools.plain(firm) or f"firm{number}"
    return Customer(
        number=number,
        name=written,
        given=family[0] if language == "ja" else given[0],
        company=firm,
        email=f"{given[1]}.{family[1]}@{host[:40]}.example",
        phone=f"+1-{draws.pick(_AREAS)}-555-01{draws.below(100):02d}",
        city=draws.pick(names.city),
        ip=address(number),
        language=language,
    )


def address(number: int) -> str:
    """Give the customer's IP address; no two share one."""
    if number % 2 and number // 2 < _HOSTS * len(_DOCUMENTATION):
        net, host = divmod(number // 2, _HOSTS)
        return f"{_DOCUMENTATION[net]}.{1 + host}"
    return f"10.{40 + number // 50_000}.{number // 250 % 200}.{2 + number % 250}"
