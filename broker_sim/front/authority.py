"""A small certificate authority, so that clients can keep TLS verification on.

A folder holds the authority and one leaf; clients are given `ca.pem`, once. The leaf is made
anew when it runs out or lacks a name, and clients need not notice. `cryptography` is
loaded only when something must be made: at an ordinary start the standard library proves, by a
handshake in memory, that what lies there works.

Keys come from the operating system's randomness, whatever seed a world has.

Source: SEC-1.
"""

import fcntl
import hashlib
import ipaddress
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from broker_sim.front.handshake import Leaf, ended, shake

OWN_NAMES: Final = ("localhost", "127.0.0.1", "::1")
RENEW_BEFORE: Final = timedelta(days=30)
HOST: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.?)+(?<!\.)")
FIRST_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL
)
OUT_OF_TIME: Final = frozenset({9, 10})  # X509_V_ERR: not yet valid, has expired


class UnusableAuthority(Exception):  # noqa: N818  says what cannot be used
    """The folder of the authority is damaged or runs out; the message says what to delete."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a TLS door serves, and what its clients trust.

    Attributes:
        ca_pem: public; give it to clients.
        leaf_pem: the leaf's key, the leaf and the CA, in one file, so that they are replaced
            in one step; mode 0600.
        leaf_key: the same file.
        ca_sha256: fingerprint of the CA, as openssl prints it.
        leaf_sha256: fingerprint of the leaf.
    """

    ca_pem: Path
    leaf_pem: Path
    leaf_key: Path
    ca_sha256: str
    leaf_sha256: str


def ensure(folder: Path, names: Sequence[str], now: datetime) -> Certificates:
    """Give working certificates out of `folder`, making what is missing or runs out.

    Processes that ask at once wait for each other and get the same. A leaf keeps the names it
    has, so that two brokers with one folder do not take turns in replacing it.

    Args:
        folder: made with mode 0700 if it is not there.
        names: host names and addresses besides localhost, 127.0.0.1 and ::1.
        now: the machine's time, aware: clients judge by theirs.

    Raises:
        UnusableAuthority: the folder holds half an authority, or a damaged or expiring one.
        ValueError: a name is neither a host name nor an address, or `now` is naive.
    """
    if now.tzinfo is None:
        msg = f"naive instant: {now!r}"
        raise ValueError(msg)
    wanted = frozenset(_canonical(name) for name in (*OWN_NAMES, *names))
    with _alone_in(folder) as place:
        if not place.holds_authority():
            _make_authority(place, now)
        ends = _authority_ends(place, now)
        leaf = _present_leaf(place)
        if leaf is None or not wanted <= leaf.names or leaf.ends - now < RENEW_BEFORE:
            names_now = wanted | (leaf.names if leaf else frozenset())
            _make_leaf(place, names_now, now, ends)
        ca_sha256, leaf_sha256 = _fingerprint(place.ca_pem), _fingerprint(place.leaf)
        return Certificates(place.ca_pem, place.leaf, place.leaf, ca_sha256, leaf_sha256)


@dataclass(frozen=True, slots=True)
class _Place:
    folder: Path

    @property
    def ca_pem(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def ca_key(self) -> Path:
        return self.folder / "ca.key"

    @property
    def leaf(self) -> Path:
        return self.folder / "leaf.pem"

    def holds_authority(self) -> bool:
        """Tell whether there is one; half of one is refused."""
        there = {path.name: path.exists() for path in (self.ca_pem, self.ca_key, self.leaf)}
        if there["ca.pem"] != there["ca.key"] or (there["leaf.pem"] and not there["ca.pem"]):
            missing = ", ".join(name for name, is_there in there.items() if not is_there)
            raise self.unusable(f"{missing} is missing")
        return there["ca.pem"]

    def unusable(self, why: str) -> UnusableAuthority:
        """Say that all must be made anew."""
        return UnusableAuthority(
            f"The certificate authority in {self.folder} cannot be used: {why}. Delete that "
            "folder to have a new one; every client must then be given the new ca.pem."
        )

    def unusable_leaf(self, why: object) -> UnusableAuthority:
        """Say that the leaf must be made anew."""
        return UnusableAuthority(
            f"The certificate in {self.leaf} cannot be used: {why}. Delete that file to have "
            "a new one; clients need nothing new."
        )


def _canonical(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        lower = name.lower()
    if HOST.fullmatch(lower) is None:
        msg = f"neither a host name nor an address: {name!r}"
        raise ValueError(msg)
    return lower


@contextmanager
def _alone_in(folder: Path) -> Iterator[_Place]:
    """Keep other processes out while this one looks and makes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = folder / ".lock"
    lock.touch(mode=0o600, exist_ok=True)
    with lock.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield _Place(folder)


def _authority_ends(place: _Place, now: datetime) -> datetime:
    """Tell until when the authority is good."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(place.ca_pem)
        (told,) = context.get_ca_certs()
    except (ssl.SSLError, ValueError) as failure:
        raise place.unusable("ca.pem is not a certificate of an authority") from failure
    ends = ended(told)
    if ends - now < RENEW_BEFORE:
        raise place.unusable(f"it ends on {ends:%Y-%m-%d}")
    return ends


def _present_leaf(place: _Place) -> Leaf | None:
    """Look at the leaf; None where there is none, or its time is not now."""
    if not place.leaf.exists():
        return None
    try:
        return shake(place.ca_pem, place.leaf, place.leaf)
    except ssl.SSLCertVerificationError as failure:
        if failure.verify_code in OUT_OF_TIME:
            return None
        raise place.unusable_leaf(failure.verify_message) from failure
    except ssl.SSLError as failure:
        raise place.unusable_leaf("it holds no key and certificate that match") from failure


def _make_authority(place: _Place, now: datetime) -> None:
    from broker_sim.front import issuing  # noqa: PLC0415  most starts need no cryptography

    certificate, key = issuing.authority(now)
    keep(place.ca_key, key)
    keep(place.ca_pem, certificate)


def _make_leaf(place: _Place, names: frozenset[str], now: datetime, ends: datetime) -> None:
    from broker_sim.front import issuing  # noqa: PLC0415  most starts need no cryptography

    try:
        ca_pem, ca_key = place.ca_pem.read_bytes(), place.ca_key.read_bytes()
        leaf = issuing.leaf(ca_pem, ca_key, names, now, ends)
    except ValueError as failure:
        raise place.unusable("ca.key is not the key of ca.pem") from failure
    keep(place.leaf, leaf)


def keep(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, readable by its owner only."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)  # left by a crash; the lock keeps others away
    draft.touch(mode=0o600, exist_ok=False)
    with draft.open("r+b") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _fingerprint(path: Path) -> str:
    found = FIRST_CERTIFICATE.search(path.read_text("ascii"))
    assert found is not None  # the handshake has read it
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(found[0])).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
