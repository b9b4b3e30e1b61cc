"""Ports, bound before a server starts: everybody can know them, and nobody else takes them."""

import errno
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sim.front.authority import Certificates
from broker_sim.front.door import Door

BACKLOG: Final = 1024
STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class Listener:
    """A door behind a port that is bound and listening.

    A caller may connect from now on; it is answered once a server serves the listener.

    Attributes:
        host: the address.
        port: the port, which may not be the one that was wanted.
        tls: what https needs; None for plain http.
    """

    door: Door
    socket: socket.socket
    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Scheme, address and port, without a slash at the end."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{shown}:{self.port}"


def listen(
    door: Door, host: str = "127.0.0.1", wanted: int = 0, tls: Certificates | None = None
) -> Listener:
    """Open a door on the wanted port, or on the first free one after it.

    Args:
        door: who answers there.
        host: an address of this machine, or a name of it.
        wanted: a port; 0 for any.
        tls: serve https with these; plain http without.

    Raises:
        OSError: the address is not this machine's, or no port is free there.
        ssl.SSLError: the certificate and its key do not go together.
    """
    context = None if tls is None else tls_context(tls.leaf_pem)
    bound = free_port(host, wanted)
    address, port, *_ = bound.getsockname()
    return Listener(door, bound, address, port, context)


def free_port(host: str, wanted: int) -> socket.socket:
    """Bind the wanted port, or step over busy ones to the next free one, and listen.

    Raises:
        OSError: the address is not this machine's, or none of 50 ports can be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
    except OSError as unknown:
        raise OSError(errno.EADDRNOTAVAIL, f"{host}: {unknown.strerror}") from unknown
    last = min(wanted + STEPS, 65536) if wanted else 1
    for port in range(wanted, last):
        bound = _bind(family, (address[0], port, *address[2:]))
        if isinstance(bound, socket.socket):
            return bound
    ports = f"the ports from {wanted} to {last - 1} on {host}"
    if bound == errno.EACCES:
        raise OSError(bound, f"{ports}: this user may not have them; from 1024 on everybody may")
    raise OSError(bound, f"{ports} are all in use")


def _bind(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket | int:
    """Bind and listen; give why not where another port may do: it is taken, or not for us."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # without it, a port cannot be had again for a minute after its server went
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)  # only now is it known whether another process has the port
        bound.setblocking(False)  # noqa: FBT003  the standard library's signature
    except OSError as failure:
        bound.close()
        if failure.errno in {errno.EADDRINUSE, errno.EACCES}:
            return failure.errno
        raise OSError(failure.errno, f"{address[0]}: {failure.strerror}") from failure
    return bound


def tls_context(leaf_pem: Path) -> ssl.SSLContext:
    """Make what a TLS door needs; TLS 1.2 is the oldest spoken (.NET and old Java need it).

    Args:
        leaf_pem: its certificate, the chain behind it, and its key.

    Raises:
        ssl.SSLError: the certificate and its key do not go together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(leaf_pem)
    context.set_alpn_protocols(["http/1.1"])
    return context
