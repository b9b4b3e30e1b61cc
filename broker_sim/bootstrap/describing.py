"""What callers and testers are told of a world: URLs, logins, state."""

from __future__ import annotations

from collections.abc import Mapping
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
    passwords = {
        login["username"]: login["password"]
        for logins in broker.logins().values()
        for login in logins
    }
    portals = [
        {
            **portal,
            "customerUrl": f"{broker.base_url}/h/{quote(portal['name'], safe='')}",
            "logins": [
                {"username": name, "password": passwords.get(name)} for name in portal["logins"]
            ],
        }
        for portal in told["portals"]
    ]
    known = {login["username"]: login["password"] for login in broker.rep_logins()}
    reps = [{**rep, "password": known.get(rep["email"])} for rep in told["representatives"]]
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
