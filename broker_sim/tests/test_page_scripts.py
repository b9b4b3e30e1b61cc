"""The scripts of the pages that need no browser, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from broker_sim.tests.recording_vectors import document, plain_of

pytestmark = pytest.mark.foreign
SCRIPTS = Path(__file__).parent / "pages_js"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out the scripts of the pages, their tests and the sealed files."""
    static = resources.files("broker_sim.web").joinpath("static")
    with resources.as_file(static) as there:
        shutil.copytree(there, tmp_path / "static")
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, tmp_path)
    # Browsers are told by the tag that a file is a module, Node by this.
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="ascii")
    (tmp_path / "vectors.json").write_text(json.dumps(_vectors(tmp_path)), encoding="utf-8")
    return tmp_path


def _vectors(folder: Path) -> dict[str, object]:
    """Write every sealed and spoilt file; give what opens it, and what should come out."""
    vectors, files = document()
    keks = vectors["wrapping_keys"]
    told: dict[str, list[dict[str, str]]] = {"files": [], "tampered": []}
    for kind, found in told.items():
        for nth, entry in enumerate(vectors[kind]):
            path = folder / f"{kind}-{nth}"
            path.write_bytes(files[entry["name"]])
            one = {key: entry[key] for key in ("name", "key_id", "wrapped_key")}
            one |= {"kek": keks[entry["wrapping_key"]]["kek"], "sealed": path.name}
            if kind == "files":
                plain = folder / f"plain-{nth}"
                plain.write_bytes(plain_of(entry["name"]))
                one["plain"] = plain.name
            found.append(one)
    return {**told, "security": keks["security"]}


@pytest.mark.parametrize("name", sorted(path.name for path in SCRIPTS.glob("*.test.mjs")))
def test_what_node_says(folder: Path, name: str) -> None:
    """REC-3, REC-4: the same vectors as every other reader; properties of the rest."""
    node = shutil.which("node")
    assert node, "this test needs Node 20 or later"

    ran = subprocess.run(
        [node, "--test", name], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )

    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
