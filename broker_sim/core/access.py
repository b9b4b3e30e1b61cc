"""Who may have what: user names, downloads, what is encrypted.

Source: LOGON-2, REC-2, REC-5, REC-8, SESS-4.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from broker_sim.contract import faults
from broker_sim.core.refusal import Refused

# What XML 1.0 cannot carry: SESS-4.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class PortalKey:
    """One version of what wraps a portal's file keys.

    Attributes:
        version: counts up from 1 within the portal.
        secured: made from the portal's security key, so never handed out. REC-8.
        kek: the wrapping key, 16 bytes.
        kdf: how the key is made from the passphrase; "none" for a default key.
        salt: for the kdf; None for a default key.
    """

    version: int
    secured: bool
    kek: bytes
    kdf: str = "none"
    salt: bytes | None = None


def canonical(username: str) -> str:
    """Fold what people do not tell apart, so that no spelling evades a lock. LOGON-2."""
    folded = unicodedata.normalize("NFKC", username).casefold()
    # Folding may leave what composes anew: without this, a folded name would fold once more.
    return unicodedata.normalize("NFKC", folded).strip()


def is_encrypted(channel: str, *, secured: bool) -> bool:
    """Tell whether a channel's file is sealed. Source: REC-2."""
    if channel in ("LocalScreen", "RemoteScreen"):
        return True
    return secured and channel in ("Chat", "Diagnostics")


def may_download(expires: datetime, now: datetime) -> bool:
    """Tell whether a file's URL still works: before `expires`, not at it. Source: REC-5."""
    return now < expires


def url_text(session_id: int, name: str, expires_ms: int) -> str:
    """Give the text that a file's URL is signed over, so it fits that file only. REC-5."""
    return f"{session_id}/{name}/{expires_ms}"


def check_text(field: str, text: str) -> str:
    """Accept a text that XML can carry back as it came.

    Args:
        field: the argument's wire name, for the refusal.
        text: as entered.

    Raises:
        Refused: InvalidArgument; it holds a character that XML forbids.

    Source: SESS-4.
    """
    found = _FORBIDDEN.search(text)
    if found:
        reason = f"it holds the control character U+{ord(found.group()):04X}"
        raise Refused(faults.INVALID_ARGUMENT, field=field, reason=reason)
    return text
