"""REC-1: does an opened file hold what its name says?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.errors import Distrust
from integration.pipeline.contents import check

SCREEN = "4.size,1.0,3.640,3.400;4.sync,4.1000;3.log,6.Zü🙂rc.;".encode()
GOOD = {
    "localScreen1.g2a": SCREEN,
    "remoteDiagnostics1.xml": b"<?xml version='1.0'?><a b='c'>d</a>",
    "session1.properties": b"# made\nname=value\\\n  more\nother\\ name : x\n",
    "chatTranscript1.txt": "Jo(12:00:00)\nGrüße\n".encode(),
}
BAD = [
    ("localScreen1.g2a", b""),
    ("localScreen1.g2a", SCREEN[:-1]),
    ("localScreen1.g2a", SCREEN[:-8]),
    ("localScreen1.g2a", SCREEN.replace(b"3.640", b"4.640")),
    ("localScreen1.g2a", b"x" * 50),
    ("localScreen1.g2a", b"4.size,9999999.0;"),
    ("localScreen1.g2a", b"\xff\xfe"),
    ("remoteDiagnostics1.xml", b"<a><b></a>"),
    ("remoteDiagnostics1.xml", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"),
    ("remoteDiagnostics1.xml", b""),
    ("session1.properties", b"no value here\n"),
    ("session1.properties", b""),
    ("chatTranscript1.txt", b"\xff"),
    ("chatTranscript1.txt", b" \n"),
]


@given(st.sampled_from(sorted(GOOD)), st.lists(st.integers(1, 60), max_size=6))
def test_what_is_right_passes_in_any_pieces(name: str, cuts: list[int]) -> None:
    """REC-1: also when a cut goes through a character or an instruction."""
    content, pieces = GOOD[name], []
    for cut in cuts:
        pieces.append(content[:cut])
        content = content[cut:]

    check(name, [*pieces, content])


@pytest.mark.parametrize(("name", "content"), BAD)
def test_what_is_wrong_is_told(name: str, content: bytes) -> None:
    """REC-1: with the file's name."""
    with pytest.raises(Distrust, match=name.replace(".", r"\.")):
        check(name, [content])
