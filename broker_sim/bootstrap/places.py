"""Where a broker's settings say that its data lies."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from broker_sim.adapters.buckets import Bucket
from broker_sim.adapters.database import MEMORY, sqlite_url
from broker_sim.settings import FILE, Settings, s3_options


def recordings(settings: Settings) -> Path | Bucket | None:
    """Give the place of large recordings; None for memory."""
    if settings.recordings is None:
        return None if settings.in_memory else settings.home / "recordings"
    said, options = urlsplit(settings.recordings), dict(s3_options())
    asked = {name: values[-1] for name, values in parse_qs(said.query).items()}
    endpoint = asked.get("endpoint", options.pop("endpoint", None))
    options["region"] = asked.get("region") or options.get("region") or "us-east-1"
    return Bucket(said.netloc, said.path.strip("/"), endpoint, options)


def database(settings: Settings) -> str:
    """Give the URL of the database; the folder of a file is made."""
    if settings.in_memory:
        return MEMORY
    if settings.store == FILE:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return sqlite_url(settings.home / "broker.db")
    return settings.store
