"""HTTP with bounds, and its errors as ours; the only place that knows what requests raises.

Proxies and exceptions to them come from the environment, as requests reads them.

Source: C-NET-1, C-NET-2, C-POLL-2.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as below

from integration.errors import Exit, Retry, Stop, Unreachable

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0  # between two bytes
ANSWER_SECONDS: Final = 120.0  # for a whole answer that is read into memory
ANSWER_MAX_BYTES: Final = 64 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
_AGAIN: Final = (429, 502, 503, 504)


def _check(ca_file: Path) -> None:
    """Read it once: as a broker that cannot be reached it would be tried again and again."""
    try:
        ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:  # ssl.SSLError is one
        msg = f"ca_file {ca_file}: there are no certificates in PEM"
        raise Stop(msg) from error


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end; shaped so that zeep can take it for one of requests'."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str | None = "utf-8"


class Http:
    """A pool of connections to one broker. Threads may share it."""

    def __init__(self, ca_file: Path | None) -> None:
        """Trust the system's authorities, or those of `ca_file` alone.

        Raises:
            Stop: there is no certificate in that file.
        """
        if ca_file is not None:
            _check(ca_file)
        self._verify: bool | str = True if ca_file is None else str(ca_file)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "broker-client"
        adapter = HTTPAdapter(pool_maxsize=32, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def get(self, url: str) -> bytes:
        """Read a whole document.

        Raises:
            Retry: it could not be had.
        """
        answer = self._whole("GET", url, None, {})
        if answer.status_code != requests.codes.ok:
            raise failure(answer.status_code, answer.headers)
        return answer.content

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a call; any answer that holds XML is handed on, whatever its status.

        Raises:
            Retry: there was no such answer.
        """
        answer = self._whole("POST", url, body, headers)
        if "xml" not in answer.headers.get("Content-Type", "").lower():
            if answer.status_code == requests.codes.ok:
                raise Retry("something that is no broker answered")
            raise failure(answer.status_code, answer.headers)
        return answer

    @contextmanager
    def stream(
        self, url: str, *, offset: int = 0
    ) -> Iterator[tuple[requests.Response, Iterator[bytes]]]:
        """Open a download at a byte; gives the response and its bytes as they come.

        Raises:
            Retry: the connection failed, also while the bytes are read.
        """
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with translated(), self._open("GET", url, None, headers) as response:
            yield response, response.iter_content(CHUNK_BYTES)

    def _whole(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        end = time.monotonic() + ANSWER_SECONDS
        content = bytearray()
        with translated(), self._open(method, url, body, headers) as response:
            for chunk in response.iter_content(CHUNK_BYTES):
                content += chunk
                if len(content) > ANSWER_MAX_BYTES or time.monotonic() > end:
                    raise Retry("the answer is endless")
        return Answer(response.status_code, response.headers, bytes(content))

    def _open(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> requests.Response:
        # `verify` goes with each call: as a setting of the session, the environment overrides it
        return self._session.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            verify=self._verify,
            stream=True,
            allow_redirects=False,
        )


def failure(status: int, headers: Mapping[str, str]) -> Retry:
    """Tell what an answer without content we can use asks for."""
    after = retry_after(headers)
    if status in (429, 503):
        return Unreachable(f"the broker is not available now (HTTP {status})", after=after)
    return Retry(f"the broker answered HTTP {status}", after=after)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the header of that name: seconds, or a date."""
    text = headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        now = parsedate_to_datetime(headers["Date"])
    except (ValueError, KeyError, TypeError):
        return None
    return max(0.0, (date - now).total_seconds())


@contextmanager
def translated() -> Iterator[None]:
    """Turn the errors of requests into ours."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error) or "doesn't match" in str(error):
            raise Stop(
                "the broker's certificate is not to be trusted: is ca_file the broker's, and the"
                " host name in the URL the certificate's?",
                exit_code=Exit.UNREACHABLE,
            ) from error
        raise Retry("the TLS connection failed") from error
    except requests.exceptions.ConnectionError as error:
        raise _no_connection(error) from error
    except requests.exceptions.Timeout as error:
        raise Retry("the broker did not answer in time") from error
    except (requests.exceptions.RequestException, below.HTTPError, OSError) as error:
        raise Retry("the connection was cut or the answer was not HTTP") from error


def _no_connection(error: requests.exceptions.ConnectionError) -> Retry:
    """Tell a call that never left from one whose answer was lost."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    never_left = (below.NewConnectionError, below.ConnectTimeoutError, below.ProxyError)
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, never_left):
        return Unreachable("the broker cannot be reached")
    return Retry("the connection was cut")
