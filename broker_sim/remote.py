"""The control API of a running broker, called from another process.

Every call opens a connection of its own, so a `Control` may be shared by threads. Proxies that
the environment names are not asked: the control door stands on the loopback address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote, urlencode, urlsplit

ENVIRONMENT: Final = "env.json"
_ALWAYS_TOLD: Final = {"baseUrl", "controlUrl"}
_ROOT: Final = "/_sim"
_SECONDS: Final = 60.0  # a million sessions take about a minute, and have a call's own timeout


class ControlError(RuntimeError):
    """The call was refused, or nobody answered it; the text is one sentence.

    Attributes:
        status: of HTTP; None where no answer came.
        told: what the answer said, by the names of the control API.
    """

    def __init__(
        self, sentence: str, status: int | None = None, told: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.told = dict(told or {})


def environment(home: Path) -> Mapping[str, Any]:
    """Give what `broker-sim env` shows of the broker that runs with this home.

    Raises:
        ControlError: none does.
    """
    try:
        told = json.loads((home.expanduser() / ENVIRONMENT).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        msg = (
            f"no broker runs with the home {home}."
            " Start one with `broker-sim serve`, or name its --home."
        )
        raise ControlError(msg) from None
    except (OSError, ValueError):
        told = None
    if not isinstance(told, dict) or not told.keys() >= _ALWAYS_TOLD:
        msg = (
            f"{home / ENVIRONMENT} is not as a broker writes it."
            " End the broker, delete the file, and start it again with `broker-sim serve`."
        )
        raise ControlError(msg)
    return told


@dataclass(frozen=True, slots=True)
class Control:
    """The control API of one broker.

    Paths are relative to it: `get("/clock")` asks for `/_sim/clock`, and for
    `/_sim/worlds/blue/clock` on what `of_world("blue")` gives.

    Attributes:
        url: scheme, host and port of the control door.
        token: what opens it.
        root: what stands before every path.
        seconds: how long an answer may take.
    """

    url: str
    token: str = field(repr=False)
    root: str = _ROOT
    seconds: float = _SECONDS

    @classmethod
    def from_home(cls, home: Path) -> Self:
        """Find the control door of the broker that runs with this home.

        Raises:
            ControlError: no broker runs there, or its control door is not open.
        """
        told = environment(home)
        if not told.get("controlUrl"):
            msg = (
                f"the broker at {told['baseUrl']} runs without its control API."
                " Start it with `broker-sim serve --control`."
            )
            raise ControlError(msg)
        return cls(told["controlUrl"], told["controlToken"])

    def of_world(self, name: str | None) -> Self:
        """Give the same API for one world; for None as it is, for the default world."""
        return self if name is None else replace(self, root=f"{_ROOT}/worlds/{quote(name, '')}")

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Ask; the query's parts that are None are left out."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self._call("GET", f"{path}?{urlencode(given, doseq=True)}" if given else path)

    def post(self, path: str, given: Any = None) -> Any:
        """Do something, with this as its JSON body."""
        return self._call("POST", path, given)

    def put(self, path: str, given: Any = None) -> Any:
        """Set something, to what this JSON body says."""
        return self._call("PUT", path, given)

    def patch(self, path: str, given: Any = None) -> Any:
        """Change what this JSON body names."""
        return self._call("PATCH", path, given)

    def delete(self, path: str) -> Any:
        """Drop something."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, given: Any = None) -> Any:
        """Give the answer: its JSON as a value, None if it is empty, anything else as a text.

        Raises:
            ControlError: nobody answered, or the answer is not of the 200s.
        """
        place = urlsplit(self.url)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=self.seconds)
        body = None if given is None else json.dumps(given).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, self.root + path, body, headers)
            answer = connection.getresponse()
            return _value(answer, answer.read())
        except TimeoutError:
            msg = f"{method} {self.root + path} was not answered within {self.seconds:g} seconds"
            raise ControlError(msg) from None
        except (HTTPException, OSError) as problem:
            msg = f"no broker answers at {self.url} ({str(problem) or type(problem).__name__})"
            raise ControlError(msg) from None
        finally:
            connection.close()


def _value(answer: HTTPResponse, body: bytes) -> Any:
    is_json = answer.headers.get_content_subtype() == "json"
    value = json.loads(body) if body and is_json else body.decode(errors="replace") or None
    if answer.status // 100 == 2:
        return value
    told = value if isinstance(value, dict) else {}
    other = f"HTTP {answer.status} {answer.reason}, which no control API says: is the URL right?"
    said = told.get("error") or told.get("message") or other
    raise ControlError(str(said), answer.status, told)
