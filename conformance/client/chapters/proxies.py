"""Proxies and certificates (C-NET-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.chapters.storing import SPAN
from conformance.client.door import showing_any
from conformance.client.folders import empty
from conformance.client.place import Place
from conformance.client.program import Program
from conformance.client.relays import running
from conformance.client.scene import PASSWORD, USERNAME, Scene
from conformance.target import Description

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


# What else a broker may show that a client must refuse, and the case of it.
_REFUSED: Final = {
    "wrong-name": "a certificate for somebody else",
    "expired": "a certificate that is over",
}


@judges(
    {"C-NET-1": ("a good certificate", "a wrong certificate", *_REFUSED.values())}, "fetch", "ca"
)
def certificates_are_verified(scene: Scene) -> None:
    """C-NET-1: TLS with the authority that it was told works; with another nothing is sent.

    Nor where that authority has signed for another name, or for a time that is over.
    """
    place = scene.open(tls=True)
    assert place.door.ca is not None
    number = scene.whole()
    begun = place.now()
    span = (begun - timedelta(hours=1), begun)
    with showing_any() as (other, show):
        _given_up(scene, scene.fetch(*span, "ca", values={"ca": str(other.ca)}))
        refused = not place.calls("logon") and not scene.store.ids()
        done(scene, scene.fetch(*span, "ca", values={"ca": str(place.door.ca)}))
        stored = scene.store.ids()[number]
        case = "a good certificate"
        scene.expect("C-NET-1", stored == 1, "the session", f"stored {stored} times", case)
        received = "nothing" if refused else "it logged on"
        case = "a wrong certificate"
        scene.expect("C-NET-1", refused, "nothing sent to an unknown authority", received, case)
        for kind in _REFUSED:
            _refuses(scene, other, show, kind)


def _given_up(scene: Scene, program: Program) -> None:
    """Leave it time to give up, or to go wrong."""
    program.wait(12.0)
    scene.supported(program)
    scene.kill(program)


def _refuses(scene: Scene, door: Description, show: Callable[[str], None], kind: str) -> None:
    """Let a broker show a certificate of the right authority that is none for it."""
    empty(scene, "archive", "state")
    place = Place(door, diary=scene.diary)
    place.portal(USERNAME, PASSWORD)
    now = place.now()
    values = {"ca": str(door.ca), "wsdl": place.wsdl, "url": place.url}
    show(kind)
    _given_up(scene, scene.fetch(now - timedelta(hours=1), now, "ca", values=values))
    show("good")
    logons = place.calls("logon")
    place.close()
    received = "it logged on" if logons else "nothing"
    expected = f"nothing sent to a broker that shows {_REFUSED[kind]}"
    scene.expect("C-NET-1", not logons, expected, received, _REFUSED[kind])
