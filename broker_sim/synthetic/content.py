"""The recorded files of a session: their channels, their names, and how to make each.

Source: REC-1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from broker_sim.core.record import Session
from broker_sim.synthetic import chat, diagnostics, screen
from broker_sim.synthetic.properties import properties

Make = Callable[[], Iterator[bytes]]


def recordings(seed: int, session: Session) -> Iterator[tuple[str, str, Make]]:
    """Give (channel, file name, how to make it) of every file; none if it never started."""
    if session.started is None:
        return
    number = session.session_id
    yield "Chat", f"chatTranscript{number}.txt", lambda: iter((chat.transcript(session),))
    yield "Diagnostics", "remoteDiagnostics.txt", lambda: iter((diagnostics.text(seed, session),))
    yield (
        "Diagnostics",
        f"remoteDiagnostics{number}.xml",
        lambda: iter((diagnostics.xml(seed, session),)),
    )
    yield "RemoteScreen", f"remoteScreen{number}.g2a", lambda: screen.remote(seed, session)
    yield "LocalScreen", f"localScreen{number}.g2a", lambda: screen.local(seed, session)
    yield "Properties", f"session{number}.properties", lambda: iter((properties(session),))
