"""A power cut: a name is given when the bytes are on the disk (C-STORE-2).

A kill leaves what was written in the machine's memory, so only the order of the system calls
tells. Where strace is not installed, or may not look, nothing is said about it.
"""

from __future__ import annotations

import re
import shutil
from typing import Final

from conformance.client.cases import judges
from conformance.client.chapters.once import done
from conformance.client.chapters.storing import SPAN, one_session
from conformance.client.scene import Scene
from conformance.hands import Missing

_RENAME: Final = re.compile(r'rename(?:at2?)?\(.*?"([^"]+)".*?"([^"]*Session_\d+(?:\.zip)?)"')
_SYNC: Final = re.compile(r"(?:fsync|fdatasync)\(\d+<([^>]+)>")
_SYNC_ALL: Final = re.compile(r"\b(?:sync|syncfs)\(")


@judges({"C-STORE-2": ()}, "fetch")
def bytes_are_on_the_disk_before_the_name(scene: Scene) -> None:
    """C-STORE-2: an archive's bytes are synced before it gets its final name."""
    if shutil.which("strace") is None:
        msg = "strace is not installed: nobody sees the order of the system calls"
        raise Missing(msg)
    one_session(scene)
    told = scene.folder / "said-calls.trace"
    done(scene, scene.fetch(*SPAN, trace=told))
    lines = told.read_text("utf-8", "replace").splitlines()
    renames = [
        (number, found) for number, line in enumerate(lines) if (found := _RENAME.search(line))
    ]
    if not renames:
        msg = "no archive was given its name by a rename that strace could see"
        raise Missing(msg)
    early = [found[2] for number, found in renames if not _synced(lines[:number], found[1])]
    received = f"{early[0].rpartition('/')[2]} was renamed first" if early else "so it is"
    case = "synced before it is renamed"
    scene.expect("C-STORE-2", not early, "a sync of the file, then its name", received, case)


def _synced(lines: list[str], path: str) -> bool:
    name = path.rpartition("/")[2]
    for line in lines:
        found = _SYNC.search(line)
        if _SYNC_ALL.search(line) or (found and found[1].rpartition("/")[2] == name):
            return True
    return False
