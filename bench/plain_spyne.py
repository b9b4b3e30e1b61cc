"""The same contract served by spyne alone: its own WSGI application, its own parser and writer.

What a person gets who declares the service in spyne and answers out of memory: spyne checks
the call against its schema (`validator="lxml"`) and serialises what the method returns.
"""

from __future__ import annotations

import secrets
import sys
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from broker_sim.contract import limits
from broker_sim.contract.sessions import SESSIONS
from broker_sim.core.record import Session
from broker_sim.soap import spyne_compat
from broker_sim.soap.definition import define

# as spyne_compat does for the rest of spyne: Python 3.13 has no cgi any more
sys.modules.setdefault("cgi", spyne_compat._small_cgi())  # noqa: SLF001  the one more use of it
from spyne.server.wsgi import WsgiApplication  # noqa: E402  it needs what stands above

PATH: Final = "/spyne"


class Plain:
    """The service.

    Args:
        passwords: by user name.
        sessions: by id.
        updates: the change log.
        ids: of a range.
    """

    def __init__(
        self,
        passwords: Mapping[str, str],
        sessions: Mapping[int, Session],
        updates: Sequence[Any],
        ids: Sequence[int],
    ) -> None:
        self._passwords = passwords
        self._sessions = sessions
        self._updates = updates
        self._ids = ids
        self._connections: dict[str, str] = {}

    def application(self) -> Callable[..., Any]:
        """Give it as a WSGI application."""
        defined = define.__wrapped__(SESSIONS).application  # its own: spyne writes into its types
        application = spyne_compat.Application(
            defined.services,
            tns=limits.NAMESPACE,
            name=SESSIONS.name,
            in_protocol=spyne_compat.Soap11(validator="lxml"),
            out_protocol=spyne_compat.Soap11(),
        )
        for name in ("logon", "getSession", "getUpdates", "getSessionIds"):
            (method,) = application.interface.service_method_map[f"{{{limits.NAMESPACE}}}{name}"]
            method.function = getattr(self, f"_{name}")
        served: Callable[..., Any] = WsgiApplication(application)
        return served

    def _logon(self, _context: object, username: str, password: str) -> str:
        if self._passwords[username] != password:
            raise ValueError(username)
        identifier = secrets.token_urlsafe(limits.CONNECTION_ID_BYTES)
        self._connections[identifier] = username
        return identifier

    def _getSession(self, _context: object, connection: str, number: int) -> Session:  # noqa: N802  named as the operation
        self._connections[connection]
        return self._sessions[number]

    def _getUpdates(  # noqa: N802  named as the operation
        self, _context: object, connection: str, since: int, limit: int | None
    ) -> Sequence[Any]:
        self._connections[connection]
        found = bisect_right(self._updates, since, key=lambda update: update.update_id)
        return self._updates[found : found + (limit or limits.PAGE_MAX)]

    def _getSessionIds(  # noqa: N802  named as the operation
        self, _context: object, connection: str, *_range: object
    ) -> Sequence[int]:
        self._connections[connection]
        return self._ids[: limits.PAGE_MAX]
