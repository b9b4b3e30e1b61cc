"""The session's record: what is written out by hand says the same as what it stands for."""

from dataclasses import fields, replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core.record import File, Happening, Session, Stage

EXPIRES = datetime(2030, 1, 1, tzinfo=UTC)
files = st.builds(
    File,
    **{field.name: st.text(max_size=3) for field in fields(File)},  # which value goes where
)

sessions = st.builds(Session, **{field.name: st.text(max_size=3) for field in fields(Session)})


@given(file=files)
def test_a_url_changes_nothing_else_of_a_file(file: File) -> None:
    """REC-5: a file with a URL is the file, and the URL."""
    expected = replace(file, url="https://broker.example/f", url_expires=EXPIRES)

    assert expected == file.with_url("https://broker.example/f", EXPIRES)


@given(session=sessions, given_files=st.lists(files, max_size=2).map(tuple), last=st.integers())
def test_one_value_of_a_session_is_replaced_and_no_other(
    session: Session, given_files: tuple[File, ...], last: int
) -> None:
    """SESS-4: what is written out by hand is what `replace` gives."""
    shown = replace(session, files=given_files, remote_replay_url="r", local_replay_url=None)
    assert session.shown(given_files, "r", None) == shown
    assert session.updated(last) == replace(session, last_update_id=last)


@given(session=sessions, happening=st.builds(Happening), stage=st.sampled_from(Stage))
def test_a_step_changes_what_it_says_and_nothing_else(
    session: Session, happening: Happening, stage: Stage
) -> None:
    """SESS-2, SESS-4: one more event, another stage, an end or none."""
    expected = replace(
        session, events=(*session.events, happening), stage=stage, ended=happening.time
    )

    assert session.stepped(happening, stage, happening.time) == expected
    assert session.stepped(happening, stage, None) == replace(expected, ended=None)
