"""Signatures that may stand in a URL, made and checked with a secret.

Source: REC-5, CHAN-1.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from typing import Final

SIZE: Final = 32  # bytes
_IN_URLS: Final = bytes.maketrans(b"+/", b"-_")


def sign(secret: bytes, text: str) -> str:
    """Sign a text: keyed BLAKE2b as 43 characters that need no escaping in a URL.

    A third of what HMAC-SHA256 takes, and every logon and every URL needs one.

    Args:
        secret: at most 64 bytes.
        text: what is signed.

    Source: REC-5; RFC 7693.
    """
    return sign_with(keyed(secret), text)


def keyed(secret: bytes) -> hashlib.blake2b:
    """Give what signs with a secret, for whoever signs often with the same: half of the work."""
    return hashlib.blake2b(key=secret, digest_size=SIZE)


def sign_with(made: hashlib.blake2b, text: str) -> str:
    """Sign a text with what `keyed` made."""
    hashed = made.copy()
    hashed.update(text.encode())
    digest = hashed.digest()
    return binascii.b2a_base64(digest, newline=False).translate(_IN_URLS, b"=").decode("ascii")


def verify(secret: bytes, text: str, signature: str) -> bool:
    """Was this text signed with this secret? In constant time; a signature may be any text."""
    return hmac.compare_digest(sign(secret, text).encode(), signature.encode("utf-8", "replace"))
