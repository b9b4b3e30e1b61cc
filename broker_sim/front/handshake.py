"""Does a certificate work? A TLS handshake with oneself, in memory, tells."""

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a client learns of the server it speaks to.

    Attributes:
        names: host names in lower case, addresses in their short form.
        ends: the last instant of validity.
    """

    names: frozenset[str]
    ends: datetime


def shake(ca_pem: Path, leaf_pem: Path, leaf_key: Path) -> Leaf:
    """Let a client that trusts `ca_pem` meet a server that has the leaf.

    Raises:
        ssl.SSLCertVerificationError: the client would not accept the server.
        ssl.SSLError: a file is not what it should be, or key and certificate do not match.
        OSError: a file cannot be read.
    """
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(leaf_pem, leaf_key)
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.check_hostname = False  # the names are what we want to learn
    client_side.load_verify_locations(ca_pem)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_side.wrap_bio(up, down, server_side=True)
    client = client_side.wrap_bio(down, up)
    _until_done(client, server)
    return _leaf(cast("dict[str, Any]", client.getpeercert()))


def ended(told: Mapping[str, Any]) -> datetime:
    """Read the last instant of validity out of what `ssl` tells of a certificate."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC)


def _until_done(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    waiting = [client, server]
    while waiting:
        for side in tuple(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)


def _leaf(told: Mapping[str, Any]) -> Leaf:
    names = frozenset(
        str(ipaddress.ip_address(name)) if kind == "IP Address" else name.lower()
        for kind, name in told.get("subjectAltName", ())
    )
    return Leaf(names, ended(told))
