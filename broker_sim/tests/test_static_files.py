"""Style sheets, scripts and pictures: what a page is made of comes from this broker alone."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import broker_sim.web
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.web import static_files

FOLDER = Path(broker_sim.web.__file__).parent / "static"
_ROW = re.compile(r"\| `([^`]+)` \| .* \[[^]]*\]\(([^)]+)\) \| `([0-9a-f]{64})` \|")


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=7) as running:
        yield running


def test_programs_of_others_are_those_that_the_table_names() -> None:
    """Nothing is changed, nothing stands beside the table, every licence is there."""
    vendor = FOLDER / "vendor"
    rows = {m[1]: (m[2], m[3]) for m in _ROW.finditer((vendor / "README.md").read_text("utf-8"))}
    for name, (licence, digest) in rows.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest, name
        assert (vendor / licence).stat().st_size > 200
    there = {
        str(path.relative_to(vendor))
        for path in vendor.rglob("*")
        if path.is_file() and path.suffix in {".js", ".css"}
    }
    assert there == set(rows)


@pytest.mark.parametrize("name", ["broker.css", "vendor/htmx.min.js", "icon.svg"])
def test_a_file_comes_as_it_lies_there(broker: RunningBroker, name: str) -> None:
    """Packed where the browser takes it, and kept for good by its link."""
    link = broker.url + static_files.address(name)
    answer = requests.get(link, timeout=10)
    assert answer.content == (FOLDER / name).read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = requests.get(link, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    bare = requests.get(link.partition("?")[0], timeout=10)
    assert bare.headers["Cache-Control"] == "no-cache"


def test_a_reader_who_cannot_unpack_gets_it_plain(broker: RunningBroker) -> None:
    """HTTP: what is accepted, the reader says."""
    link = broker.url + static_files.address("broker.css")
    plain = requests.get(link, headers={"Accept-Encoding": "identity"}, timeout=10)
    assert "Content-Encoding" not in plain.headers
    packed = requests.get(link, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=10)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw.read(decode_content=False)) == plain.content
    assert int(packed.headers["Content-Length"]) < len(plain.content)


@pytest.mark.parametrize(
    "path", ["/static/", "/static/nosuch.css", "/static/../shell.py", "/static/%2e%2e/shell.py"]
)
def test_nothing_else_is_shown(broker: RunningBroker, path: str) -> None:
    """SEC-2: no folder, no file beside it."""
    request = requests.Request("GET", broker.url).prepare()
    request.url = broker.url + path
    with requests.Session() as session:
        assert session.send(request, timeout=10).status_code == 404


def test_they_are_only_read(broker: RunningBroker) -> None:
    """HTTP: a method that is not allowed is named."""
    answer = requests.post(f"{broker.url}/static/broker.css", timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
