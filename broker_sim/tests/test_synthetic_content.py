"""Every started session has its six files, and a seed gives the same bytes for good."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given, settings

from broker_sim.contract.sessions import FILE_CHANNEL
from broker_sim.core.record import Session
from broker_sim.synthetic import content
from broker_sim.tests.synthetic_sessions import indices, live, seeds, some, whole

# What seed 7 gives for its fourth session. Whoever changes on purpose what the generators
# make puts the new digests here; on any Python and machine they must come out the same.
KNOWN = {  # the first half of each SHA-256
    "chatTranscript12012695.txt": "236d88e3a1975d1d3434424df6552565",
    "remoteDiagnostics.txt": "267b5375aeb720221ba43d40dd3bb503",
    "remoteDiagnostics12012695.xml": "458197ee15c2ea1a0aa23af021808f29",
    "remoteScreen12012695.g2a": "ef898a691a5f42a59b5c641907ec8e5a",
    "localScreen12012695.g2a": "c160c0c60ce34464ce64d36a2d102f04",
    "session12012695.properties": "8196ad384b1d1a8205c961eecce276a7",
}


@given(seeds, indices)
def test_a_session_has_its_six_files_or_none(seed: int, index: int) -> None:
    """REC-1: by channel and name; none if it never started."""
    one = whole(seed, index)
    n = one.session_id
    found = [(channel, name) for channel, name, _ in content.recordings(seed, one)]

    assert {channel for channel, _ in found} <= set(FILE_CHANNEL.words)
    assert found == ([] if one.started is None else [
        ("Chat", f"chatTranscript{n}.txt"),
        ("Diagnostics", "remoteDiagnostics.txt"),
        ("Diagnostics", f"remoteDiagnostics{n}.xml"),
        ("RemoteScreen", f"remoteScreen{n}.g2a"),
        ("LocalScreen", f"localScreen{n}.g2a"),
        ("Properties", f"session{n}.properties"),
    ])  # fmt: skip


@given(live())
@settings(max_examples=10, deadline=None)
def test_making_a_file_twice_gives_the_same_bytes(one: Session) -> None:
    """REC-6: a resumed download finds the file as it was."""
    for _, name, make in content.recordings(1, one):
        assert b"".join(make()) == b"".join(make()), name


def test_a_seed_gives_the_same_bytes_for_good() -> None:
    """REC-1, REC-6: stored digests of a synthetic past stay right over releases and machines."""
    files = content.recordings(7, some()[3])
    digests = {name: sha256(b"".join(make())).hexdigest()[:32] for _, name, make in files}

    assert digests == KNOWN
