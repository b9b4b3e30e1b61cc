"""Certificates made: an authority of ten years, leaves of 397 days; ECDSA on P-256.

The only module of the front that loads `cryptography`. Source: SEC-1.
"""

import ipaddress
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_FOR: Final = timedelta(days=3650)
LEAF_FOR: Final = timedelta(days=397)  # the longest that browsers and phones accept
BEFORE: Final = timedelta(hours=1)  # for clients whose clock is behind


def authority(now: datetime) -> tuple[bytes, bytes]:
    """Make an authority; give its certificate and its key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    ski = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _name(f"Broker simulator CA {ski.digest.hex()[:8]}")
    certificate = (
        _certificate(name, name, key, now, now + AUTHORITY_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM), _key_pem(key)


def leaf(
    ca_pem: bytes, ca_key: bytes, names: frozenset[str], now: datetime, latest: datetime
) -> bytes:
    """Make a leaf; give it, its authority and its key as one PEM.

    Args:
        ca_pem: the authority.
        ca_key: its key.
        names: host names and addresses.
        now: the leaf is valid from an hour before.
        latest: the leaf ends by then.

    Raises:
        ValueError: the key is none, or is not the authority's.
    """
    ca = x509.load_pem_x509_certificate(ca_pem)
    signer = load_pem_private_key(ca_key, None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey) or signer.public_key() != ca.public_key():
        msg = "the key is not the authority's"
        raise ValueError(msg)
    key = ec.generate_private_key(ec.SECP256R1())
    aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    ends = min(now + LEAF_FOR, latest)
    certificate = (
        _certificate(_name("Broker simulator"), ca.subject, key, now, ends)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(server, critical=False)
        .add_extension(aki, critical=False)
        .sign(signer, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM) + ca_pem + _key_pem(key)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    ski = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(ends)
        .add_extension(ski, critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: frozenset[str]) -> list[x509.GeneralName]:
    """Give the names in an order that does not change, addresses as addresses."""
    found: list[x509.GeneralName] = []
    for name in sorted(names):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
