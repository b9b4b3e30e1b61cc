"""moto's S3 server in this process, on loopback, for as long as a `with` block lasts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final
from urllib.parse import quote

import requests
from moto.server import ThreadedMotoServer

KEYS: Final = {"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example"}
_NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True)
class S3:
    """A server with one bucket, which anybody may open.

    Attributes:
        endpoint: its URL.
        bucket: the bucket's name.
    """

    endpoint: str
    bucket: str

    def url(self, prefix: str) -> str:
        """Give the URL of a part of the bucket, as `broker-sim serve --recordings` takes it."""
        return f"s3://{self.bucket}/{prefix}?endpoint={quote(self.endpoint, safe='')}"

    def names(self) -> list[str]:
        """Give the names of all that lies in the bucket."""
        listed = requests.get(f"{self.endpoint}/{self.bucket}", timeout=10).text
        return [piece.partition("</Key>")[0] for piece in listed.split("<Key>")[1:]]


@contextmanager
def s3_server() -> Iterator[S3]:
    """Start a server and make a bucket in it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it writes a line for every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        # Buckets of one process' servers lie together: each gets one of its own.
        made = S3(f"http://{host}:{port}", f"recordings-{next(_NUMBERS)}")
        requests.put(f"{made.endpoint}/{made.bucket}", timeout=10).raise_for_status()
        yield made
    finally:
        server.stop()
