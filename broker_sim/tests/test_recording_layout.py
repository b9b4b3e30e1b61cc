"""REC-3, REC-8: the layout's arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.contract import recording


@pytest.mark.parametrize(
    ("plain", "records"), [(0, 1), (1, 1), (65_519, 1), (65_520, 2), (131_038, 2), (131_039, 3)]
)
def test_a_record_more_begins_behind_a_full_one(plain: int, records: int) -> None:
    """REC-3: each record adds 17 bytes; an empty file has one."""
    assert recording.sealed_size(plain, 32) == 53 + plain + 17 * records


@given(plain=st.integers(0, 10**9))
def test_a_byte_more_of_text_never_makes_a_file_smaller(plain: int) -> None:
    """REC-3: the size tells the text's size."""
    assert recording.sealed_size(plain, 1) < recording.sealed_size(plain + 1, 1)


@pytest.mark.parametrize(("plain", "key_id"), [(-1, 1), (1, -1), (1, 256)])
def test_there_is_no_such_file(plain: int, key_id: int) -> None:
    """REC-8: a key id has 0 to 255 bytes."""
    with pytest.raises(ValueError, match="no such file"):
        recording.sealed_size(plain, key_id)


def test_a_key_id_names_session_and_file() -> None:
    """REC-8, REC-1: as the contract writes it."""
    wanted = "12012692/localScreen12012692.g2a"

    assert recording.key_id(12012692, "localScreen12012692.g2a") == wanted
