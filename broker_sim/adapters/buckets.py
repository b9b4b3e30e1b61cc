"""Where large recordings lie: memory, a folder, or a bucket of an S3 server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

_KIB: Final = 1024
# A server that does not answer is told of soon: a caller waits.
_RETRIES: Final = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
_SPANS: Final = {"connect_timeout": "3s", "timeout": "30s"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a bucket, and what opens it.

    Attributes:
        prefix: what every name begins with; all below it is the broker's.
        endpoint: URL of the server; None for Amazon's.
        options: region and credentials, by the names that obstore has for them.
    """

    name: str
    prefix: str
    endpoint: str | None
    options: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """An object store that is open.

    Attributes:
        store: of obstore.
        reach: how many bytes are best asked for at once.
        at_once: how many names may be deleted at once.
    """

    store: Any
    reach: int
    at_once: int


def opened(place: Path | Bucket | None) -> Opened:
    """Open a place for blobs; a folder is made if missing. obstore is imported here, and slow."""
    from obstore.store import LocalStore, MemoryStore, S3Store  # noqa: PLC0415  see above

    match place:
        case None:
            return Opened(MemoryStore(), 64 * _KIB, 1)
        case Path():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            store = LocalStore(prefix=str(place), automatic_cleanup=True)
            return Opened(store, 64 * _KIB, 1)
    options: dict[str, Any] = {
        **place.options,
        "prefix": place.prefix,
        "client_options": {**_SPANS, "allow_http": (place.endpoint or "").startswith("http://")},
        "retry_config": _RETRIES,
    }
    if place.endpoint is not None:
        options["endpoint"] = place.endpoint
    return Opened(S3Store(place.name, **options), 1024 * _KIB, 1000)
