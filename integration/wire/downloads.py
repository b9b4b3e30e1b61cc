"""Downloads that go on where they were cut, and are whole and verified or not there.

Source: C-STORE-2, C-NET-2, REC-5, REC-6.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import requests

from integration.core.ports import Clock
from integration.core.record import File
from integration.crashpoint import point
from integration.errors import Distrust, LinkExpired, Retry
from integration.wire.http import CHUNK_BYTES, Http, failure

# Cuts in a row that brought no byte, before the session waits for its next attempt
_CUTS: Final = 3
_LINK_GONE: Final = (401, 403, 404, 410)


class Downloader:
    """Fetches files by their links. Threads may share it; each file by one thread only."""

    def __init__(self, http: Http, address: str, clock: Clock) -> None:
        self._http = http
        self._secure = urlsplit(address).scheme == "https"
        self._clock = clock

    def fetch(self, file: File, target: str) -> None:
        """Complete and verify the file of that path; does nothing where it is there already.

        Bytes gather under the name of `target` plus `.part`, also over restarts. Memory stays the
        same whatever the size.

        Raises:
            LinkExpired: the link no longer works; those bytes stay for a new link.
            Distrust: the bytes are not those of the digest; they are thrown away.
            Retry: the broker cannot be had; the bytes stay.
        """
        whole = Path(target)
        if whole.is_file() and whole.stat().st_size == file.size:
            return
        if self._secure and urlsplit(file.url).scheme != "https":
            raise Distrust(f"the link of {file.name} is not encrypted")
        part = whole.with_name(whole.name + ".part")
        with part.open("a+b") as stream:
            self._complete(file, stream)
            _verify(file, stream, part)
        part.replace(whole)  # not synced: the archive verifies its bytes once more
        point("part-whole")

    def _complete(self, file: File, stream: BinaryIO) -> None:
        """Append until the size is reached; cuts are mended as long as bytes come."""
        cuts = 0
        while (have := stream.seek(0, 2)) < file.size:
            try:
                self._append(file, stream, have)
            except LinkExpired:
                raise
            except Retry as why:
                cuts = 0 if stream.seek(0, 2) > have else cuts + 1
                if cuts >= _CUTS or why.after or self._clock.stopping:
                    raise

    def _append(self, file: File, stream: BinaryIO, have: int) -> None:
        with self._http.stream(file.url, offset=have) as (response, chunks):
            if _begins_at(response, have) == 0 and have:
                stream.truncate(0)  # the broker sends it from the start
            for chunk in chunks:
                stream.write(chunk)
                if stream.tell() > file.size:
                    break
                point("part-begun")
                if self._clock.stopping:
                    raise Retry("stopped")
            stream.flush()
        if stream.tell() < file.size:
            raise Retry("the download was cut")


def _begins_at(response: requests.Response, have: int) -> int:
    """Tell at which byte an answer begins: at `have`, or at 0.

    Raises:
        LinkExpired, Retry: it holds no such bytes.
    """
    status = response.status_code
    if status == requests.codes.ok:
        return 0
    if status == requests.codes.partial_content:
        begin = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        if begin and int(begin[1]) == have:
            return have
        raise Retry("the broker sent another range than asked for")
    if status in _LINK_GONE:
        raise LinkExpired(f"a download link no longer works (HTTP {status})")
    raise failure(status, response.headers)


def _verify(file: File, stream: BinaryIO, part: Path) -> None:
    """Compare length and digest; what does not agree is deleted."""
    size, digest = stream.seek(0, 2), hashlib.sha256()
    for chunk in _chunks(stream):
        digest.update(chunk)
    if size != file.size or digest.hexdigest() != file.sha256:
        part.unlink()
        what = f"{size} bytes instead of {file.size}" if size != file.size else "another digest"
        raise Distrust(f"{file.name} came with {what}")


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk
