"""The folders of a case that a chapter makes or empties itself."""

from __future__ import annotations

import shutil

from conformance.client.scene import Scene


def empty(scene: Scene, *names: str) -> None:
    """Let these folders of the case be there, with nothing in them."""
    for name in names:
        folder = scene.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        scene.diary.emptied(name)
