"""The session's record: what is written out by hand says the same as what it stands for."""

from dataclasses import fields, replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core.record import File

EXPIRES = datetime(2030, 1, 1, tzinfo=UTC)
files = st.builds(
    File,
    **{field.name: st.text(max_size=3) for field in fields(File)},  # which value goes where
)


@given(file=files)
def test_a_url_changes_nothing_else_of_a_file(file: File) -> None:
    """REC-5: a file with a URL is the file, and the URL."""
    expected = replace(file, url="https://broker.example/f", url_expires=EXPIRES)

    assert expected == file.with_url("https://broker.example/f", EXPIRES)
