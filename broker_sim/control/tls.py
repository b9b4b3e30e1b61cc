"""The certificate that the product's door shows: of the process, not of one world."""

from __future__ import annotations

from typing import Final

from broker_sim.control.routes import Routes, Tls, Told, body
from broker_sim.control.shapes import given, taken, words

_KIND: Final = words("good", "expired", "wrong-name", "untrusted")
_SHOWN: Final = given("ShownCertificate", certificate=_KIND)


def add(routes: Routes) -> None:
    """Register the routes of the certificate."""

    @routes.whole("PUT", "/tls", takes=taken("Certificate", {"certificate": _KIND}), gives=_SHOWN)
    def show(**_named: str) -> Told:
        """Show this kind of certificate from the next TLS handshake on."""
        door = _door(routes)
        door.show(body()["certificate"])
        return {"certificate": door.shown}

    @routes.whole("GET", "/tls", gives=_SHOWN)
    def shown(**_named: str) -> Told:
        """Tell which kind of certificate is shown."""
        return {"certificate": _door(routes).shown}


def _door(routes: Routes) -> Tls:
    door = routes.worlds.tls
    if door is None:
        msg = "this broker speaks plain HTTP: it has no certificate to show"
        raise ValueError(msg)
    return door
