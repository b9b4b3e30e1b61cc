"""Signatures that may stand in a URL, made and checked with a secret.

Source: REC-5, CHAN-1.
"""

from __future__ import annotations

import base64
import hmac


def sign(secret: bytes, text: str) -> str:
    """Sign a text: HMAC-SHA256 as 43 characters that need no escaping in a URL.

    Source: REC-5.
    """
    digest = hmac.digest(secret, text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def verify(secret: bytes, text: str, signature: str) -> bool:
    """Was this text signed with this secret? In constant time; a signature may be any text."""
    return hmac.compare_digest(sign(secret, text).encode(), signature.encode("utf-8", "replace"))
