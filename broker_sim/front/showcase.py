"""Which certificate a TLS door shows: its own, or one that clients must refuse.

A switch holds for handshakes that begin after it; connections that are open stay.

Source: C-NET-1.
"""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from broker_sim.front.authority import OWN_NAMES, Certificates, keep
from broker_sim.front.listener import tls_context

GOOD: Final = "good"
KINDS: Final = (GOOD, "expired", "wrong-name", "untrusted")
WRONG_NAME: Final = "somebody-else.example"
_HOUR: Final = timedelta(hours=1)


class Showcase:
    """The certificate of one door.

    Attributes:
        shown: one of `KINDS`.

    Args:
        context: what the door's handshakes begin with.
        certificates: its own.
        names: of the door, besides localhost and its addresses.
        now: tells the machine's time.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        certificates: Certificates,
        names: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        self.shown = GOOD
        self._context = context
        self._certificates = certificates
        self._names = frozenset({*OWN_NAMES, *(name.lower() for name in names)})
        self._now = now

    def show(self, kind: str) -> None:
        """Show this kind from the next handshake on.

        Raises:
            ValueError: there is no such kind.
        """
        if kind not in KINDS:
            msg = f"'certificate' must be one of {', '.join(KINDS)}; not {kind!r}"
            raise ValueError(msg)
        self._context.sni_callback = None if kind == GOOD else self._turning_to(self._made(kind))
        self.shown = kind

    def _turning_to(self, other: ssl.SSLContext) -> Callable[..., None]:
        def turn(caller: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            caller.context = other

        return turn

    def _made(self, kind: str) -> ssl.SSLContext:
        """Issue a certificate of this kind; give what shows it."""
        from broker_sim.front import issuing  # noqa: PLC0415  most starts need no cryptography

        folder = self._certificates.ca_pem.parent
        ca_pem, ca_key = self._certificates.ca_pem.read_bytes(), (folder / "ca.key").read_bytes()
        now = self._now()
        ends, names = now + 24 * _HOUR, self._names
        match kind:
            case "expired":
                now, ends = now - _HOUR, now - _HOUR
            case "wrong-name":
                names = frozenset({WRONG_NAME})
            case "untrusted":
                ca_pem, ca_key = issuing.authority(now)
        place = folder / f"{kind}.pem"
        keep(place, issuing.leaf(ca_pem, ca_key, names, now, ends))
        return tls_context(place)
