"""Can the client be started at all? Asked before any case, so that no rule is judged by silence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from conformance.client.adapter import Adapter
from conformance.client.pacing import Pace, Stopped
from conformance.client.scene import Scene
from conformance.exchange import Unreachable
from conformance.target import Description

_PROBE_SECONDS: Final = 20.0


def probe(adapter: Adapter, opened: Callable[[bool], Description], pace: Pace) -> None:
    """Ask whether the client can be started at all.

    Raises:
        Unreachable: it does not call the broker, whatever verb it is given.
    """
    said = []
    for verb in ("watch", "fetch"):
        if verb in adapter.verbs:
            problem = _calls(adapter, opened, pace, verb)
            if problem is None:
                return
            said.append(f"{verb}: {problem}")
    msg = (
        f"the client never called the broker ({'; '.join(said)}); it has to speak the protocol of "
        "docs/client-suite.md, or needs an --adapter FILE that says how it is started"
    )
    raise Unreachable(msg)


def _calls(
    adapter: Adapter, opened: Callable[[bool], Description], pace: Pace, verb: str
) -> str | None:
    folder = Path(tempfile.mkdtemp(prefix="client-probe-"))
    scene = Scene(adapter, opened, folder, "probe", pace)
    try:
        now = scene.place.now()
        values = {"from": "2020-01-01T00:00:00Z", "to": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
        program = scene.start(verb, values=values)
        scene.until(lambda: scene.place.calls() or not program.running, _PROBE_SECONDS)
        if scene.place.calls("logon", "getPortal", "getUpdates"):
            return None
        scene.until(lambda: scene.place.calls("logon") or not program.running, _PROBE_SECONDS / 2)
        if scene.place.calls("logon"):
            return None
        how = "it hangs" if program.running else f"exit {program.code}"
        return f"{how}, said {program.last_words()}"
    except Stopped:
        raise KeyboardInterrupt from None
    finally:
        scene.close()
        shutil.rmtree(folder, ignore_errors=True)
