"""Proxies and certificates (C-NET-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.chapters.storing import SPAN
from conformance.client.door import foreign_authority
from conformance.client.relays import running
from conformance.client.scene import Scene

_KINDS: Final = {"http": "http", "socks": "socks5h"}


def _through(scene: Scene, kind: str) -> None:
    place = scene.open(SPAN[0])
    number = scene.whole()
    place.advance(seconds=1)
    with running(kind) as relay:
        proxy = f"{_KINDS[kind]}://{relay.address}"
        program = scene.fetch(SPAN[0], place.now(), "proxy", values={"proxy": proxy})
        done(scene, program)
        stored, case = scene.store.ids()[number], f"through a proxy: {kind}"
        received = f"{relay.carried} connections through it, session stored {stored} times"
        held = relay.carried > 0 and stored == 1
        scene.expect("C-NET-1", held, "the session, through the proxy", received, case)


@judges({"C-NET-1": ("through a proxy: http",)}, "fetch", "proxy")
def it_works_through_an_http_proxy(scene: Scene) -> None:
    """C-NET-1: told of an HTTP proxy, it goes through it."""
    _through(scene, "http")


@judges({"C-NET-1": ("through a proxy: socks",)}, "fetch", "proxy")
def it_works_through_a_socks_proxy(scene: Scene) -> None:
    """C-NET-1: told of a SOCKS proxy, it goes through it."""
    _through(scene, "socks")


@judges({"C-NET-1": ("a good certificate", "a wrong certificate")}, "fetch", "ca")
def certificates_are_verified(scene: Scene) -> None:
    """C-NET-1: TLS with the authority that it was told works; with another nothing is sent."""
    place = scene.open(tls=True)
    assert place.door.ca is not None
    number = scene.whole()
    begun = place.now()
    span = (begun - timedelta(hours=1), begun)
    wrong = scene.folder / "another-authority.pem"
    wrong.write_bytes(foreign_authority())
    program = scene.fetch(*span, "ca", values={"ca": str(wrong)})
    program.wait(12.0)
    scene.supported(program)
    scene.kill(program)
    refused = not place.calls("logon") and not scene.store.ids()
    good = scene.fetch(*span, "ca", values={"ca": str(place.door.ca)})
    done(scene, good)
    stored = scene.store.ids()[number]
    case = "a good certificate"
    scene.expect("C-NET-1", stored == 1, "the session", f"stored {stored} times", case)
    received = "nothing" if refused else "it logged on"
    case = "a wrong certificate"
    scene.expect("C-NET-1", refused, "nothing sent to an unknown authority", received, case)
