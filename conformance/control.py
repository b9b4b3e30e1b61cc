"""The tester's door of a target: worlds, clock, acts, journal."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from conformance.exchange import Http, NoAnswer, Unreachable

_ROOT: Final = "/_sim"


class Control:
    """Speaks JSON to the control API with a token."""

    def __init__(self, http: Http, token: str) -> None:
        self._http = http
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }

    def close(self) -> None:
        """Close this thread's connections."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask for something; `path` is in parts, each quoted.

        Returns:
            The outcome: the status, and what the answer holds; an answer that is no JSON
            object stands under "broken".
        """
        place = "/".join((_ROOT, *(quote(part, safe="") for part in path)))
        place += f"?{urlencode(query)}" if query else ""
        sent = None if body is None else json.dumps(written(body)).encode("ascii")
        try:
            answer = self._http.send(method, place, self._headers, sent)
        except NoAnswer as error:
            return {"status": 0, "broken": str(error)}
        if not answer.body:
            return {"status": answer.status}
        try:
            told = json.loads(answer.body)
        except ValueError:
            said = answer.body[:80].decode("utf-8", "backslashreplace")
            return {"status": answer.status, "broken": f"no JSON: {said!r}"}
        inner = told if isinstance(told, dict) else {"items": told}
        return {**inner, "status": answer.status}

    def world(self) -> dict[str, Any]:
        """Tell of the world behind the door.

        Raises:
            Unreachable: it does not answer, or refuses the token.
        """
        told = self.ask("GET", ["world"])
        if told["status"] == 200 and "broken" not in told:
            return told
        msg = f"the control API at {self._http.base} {_answered(told)}"
        raise Unreachable(msg)

    def freeze(self, now: datetime | None = None) -> datetime:
        """Stop the clock, at `now` if given; tell what it says.

        Raises:
            Unreachable: the clock cannot be had.
        """
        wanted: dict[str, Any] = {"mode": "frozen"}
        told = self.ask("PUT", ["clock"], wanted if now is None else {**wanted, "now": now})
        return self._told_now(told)

    def advance(self, to: datetime) -> datetime:
        """Let time go on to `to`; what falls due happens; tell what the clock says.

        Raises:
            Unreachable: the clock cannot be had.
        """
        return self._told_now(self.ask("POST", ["clock", "advance"], {"to": to}))

    def _told_now(self, told: Mapping[str, Any]) -> datetime:
        try:
            return datetime.fromisoformat(told["now"])
        except (KeyError, ValueError, TypeError):
            msg = f"the clock of the control API at {self._http.base} {_answered(told)}"
            raise Unreachable(msg) from None


def _answered(told: Mapping[str, Any]) -> str:
    """Say what came where something else was expected."""
    reason = told.get("error") or told.get("broken") or "no reason given"
    return f"answers {told['status']}: {reason}" if told["status"] else f"gives {reason}"


def instant(value: datetime) -> str:
    """Write an instant as the control API reads it: UTC, milliseconds, `Z`."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written(value: Any) -> Any:
    """Give a value as it goes into JSON: instants as texts, at any depth."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Mapping):
        return {key: written(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(each) for each in value]
    return value
