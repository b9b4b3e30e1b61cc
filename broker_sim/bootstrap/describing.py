"""What callers and testers are told of a world: URLs, logins, state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from broker_sim.bootstrap.broker import Broker
from broker_sim.contract import ENDPOINTS


def services(base_url: str) -> Mapping[str, Mapping[str, str]]:
    """Give the URLs of every SOAP service."""
    return {
        endpoint.name: {
            "endpoint": f"{base_url}{endpoint.path}",
            "wsdl": f"{base_url}{endpoint.path}?wsdl",
            "wsdl12": f"{base_url}{endpoint.path}?wsdl12",
        }
        for endpoint in ENDPOINTS
    }


def described(name: str, broker: Broker) -> Mapping[str, Any]:
    """Tell a world with its URLs and the passwords of its seeded logins."""
    told = dict(broker.tester.describe())
    known = _passwords(*broker.logins().values())
    portals = [_portal(broker, known, portal) for portal in told["portals"]]
    known = _passwords(broker.rep_logins())
    reps = [_rep(known, rep) for rep in told["representatives"]]
    return {
        "name": name,
        "url": broker.base_url,
        **told,
        "company": broker.plan.name,
        "portals": portals,
        "representatives": reps,
        "managers": broker.manager_logins(),
        "services": services(broker.base_url),
    }


def outlined(name: str, broker: Broker) -> Mapping[str, Any]:
    """Tell a world in short, its portals and people left out."""
    return {"name": name, "url": broker.base_url, **broker.tester.outline()}


def portal(broker: Broker, name: str) -> Mapping[str, Any]:
    """Tell one portal as `described` does.

    Raises:
        LookupError: there is none of that name.
    """
    return _portal(broker, _passwords(*broker.logins().values()), broker.tester.portal(name))


def representative(broker: Broker, email: str) -> Mapping[str, Any]:
    """Tell one representative as `described` does.

    Raises:
        LookupError: there is none of that canonical address.
    """
    return _rep(_passwords(broker.rep_logins()), broker.tester.representative(email))


def _passwords(*seeded: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Give the passwords of seeded logins, by user name."""
    return {login["username"]: login["password"] for logins in seeded for login in logins}


def _portal(broker: Broker, known: Mapping[str, str], told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        **told,
        "customerUrl": f"{broker.base_url}/h/{quote(told['name'], safe='')}",
        "logins": [{"username": name, "password": known.get(name)} for name in told["logins"]],
    }


def _rep(known: Mapping[str, str], told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**told, "password": known.get(told["email"])}
