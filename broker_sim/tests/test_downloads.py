"""REC-5, REC-6, RET-1: what a signed link gives, and all that it does not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.sessions_of import SessionsOf


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker(seed=11, sessions=30) as running:
        yield running


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module")
def files(broker: RunningBroker) -> list[tuple[str, int, str]]:
    """Every file of one finished session: its link, its size, its digest."""
    found = SessionsOf(broker).first_finished()
    return [(file.url, file.size, file.sha256) for file in found.files]


@pytest.fixture(scope="module")
def whole(files: list[tuple[str, int, str]], http: requests.Session) -> bytes:
    url, size, _ = max(files, key=lambda file: file[1])
    body = http.get(url, timeout=10).content
    assert len(body) == size
    return body


@pytest.fixture(scope="module")
def largest(files: list[tuple[str, int, str]]) -> str:
    return max(files, key=lambda file: file[1])[0]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_range_is_a_slice(
    largest: str, whole: bytes, http: requests.Session, data: st.DataObject
) -> None:
    """REC-6: any range gives the same bytes as the whole in one piece."""
    size = len(whole)
    start = data.draw(st.sampled_from([0, 1, 65_535, 65_536, size - 1]) | st.integers(0, size - 1))
    end = data.draw(st.sampled_from([start, size - 1, size, size * 2]) | st.integers(start, size))
    answer = http.get(largest, headers={"Range": f"bytes={start}-{end}"}, timeout=10)

    assert answer.content == whole[start : end + 1]
    if answer.status_code == 206:
        last = min(end, size - 1)
        assert answer.headers["content-range"] == f"bytes {start}-{last}/{size}"
    else:
        assert (start, min(end, size - 1)) == (0, size - 1)


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=-5", 206, -5, None),
        ("bytes=10-", 206, 10, None),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=9-3", 200, 0, None),
        ("bytes=0-1,3-4", 200, 0, None),
        ("items=0-1", 200, 0, None),
        ("bytes=-", 200, 0, None),
    ],
)
def test_forms_of_a_range(
    largest: str,
    whole: bytes,
    http: requests.Session,
    asked: str,
    status: int,
    first: int,
    last: int | None,
) -> None:
    """REC-6: what is no single range of bytes is answered with the whole."""
    answer = http.get(largest, headers={"Range": asked}, timeout=10)

    assert (answer.status_code, answer.content) == (status, whole[first:last])


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes=-0"])
def test_nothing_lies_behind_the_end(
    largest: str, whole: bytes, http: requests.Session, asked: str
) -> None:
    """REC-6: a range behind the end says how long the file is."""
    size = len(whole)
    answer = http.get(largest, headers={"Range": asked.format(size=size)}, timeout=10)

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{size}"


def test_a_tag_tells_one_content_from_another(
    files: list[tuple[str, int, str]], http: requests.Session
) -> None:
    """REC-6: the tag is the digest; a resume with another tag begins anew."""
    url, size, digest = files[0]
    tag = f'"{digest}"'
    head = http.head(url, timeout=10)
    same = http.get(url, headers={"If-None-Match": f'W/"x", {tag}'}, timeout=10)
    other = http.get(url, headers={"Range": "bytes=5-", "If-Range": '"other"'}, timeout=10)
    resumed = http.get(url, headers={"Range": "bytes=5-", "If-Range": tag}, timeout=10)

    assert (head.status_code, head.headers["etag"], head.content) == (200, tag, b"")
    assert int(head.headers["content-length"]) == size
    assert same.status_code == 304
    assert (other.status_code, len(other.content)) == (200, size)
    assert (resumed.status_code, len(resumed.content)) == (206, size - 5)


def test_a_link_is_good_for_its_file_only(
    files: list[tuple[str, int, str]], http: requests.Session
) -> None:
    """REC-5: any change of the link is refused, and looks the same whatever was changed."""
    first, second = files[0][0], files[1][0]
    path, query = first.split("?")
    expires, signature = query.split("&")
    later = f"expires={int(expires.partition('=')[2]) + 1}"
    altered = [
        f"{second.split('?')[0]}?{query}",
        f"{path}?{later}&{signature}",
        f"{path}?{expires}&{signature[:-1]}",
        f"{path}?{expires}",
        f"{path}?{signature}",
        path,
        f"{path}?expires=9&{signature}",
        f"{path}?{'&'.join(f'a{n}=1' for n in range(20))}",
    ]
    answers = [http.get(url, timeout=10) for url in altered]

    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("offset", "status"), [(-1, 200), (0, 403), (1, 403)], ids=["before", "at", "after"]
)
def test_a_link_works_until_it_expires(offset: int, status: int) -> None:
    """REC-5: at the instant of its end, to the millisecond, it is over."""
    with running_broker(seed=3, sessions=20) as broker:
        file = SessionsOf(broker).first_finished().files[0]
        assert file.url_expires is not None
        broker.tester.advance(file.url_expires + timedelta(milliseconds=offset))

        assert requests.get(file.url, timeout=10).status_code == status


def test_a_purged_file_is_gone_before_its_link_expires() -> None:
    """RET-1: the link outlives the session by nothing."""
    with running_broker(seed=3, sessions=20) as broker:
        of = SessionsOf(broker)
        first = of.first_finished()
        ended = first.ended
        assert ended is not None
        broker.tester.advance(ended + timedelta(days=90) - timedelta(milliseconds=1))
        url = of.call("getSession", session_id=first.session_id).files[0].url

        assert requests.get(url, timeout=10).status_code == 200
        broker.tester.clock.to(ended + timedelta(days=90))  # nobody sweeps
        assert requests.get(url, timeout=10).status_code == 410
        broker.tester.advance(ended + timedelta(days=90))
        assert requests.get(url, timeout=10).status_code == 410


def test_recordings_are_only_read(
    largest: str, broker: RunningBroker, http: requests.Session
) -> None:
    """FAULT-2: other methods and other paths get a sentence."""
    assert http.post(largest, timeout=10).status_code == 405
    assert http.get(f"{broker.url}/recordings/", timeout=10).status_code == 404
    assert http.get(f"{broker.url}/recordings/1/../../x", timeout=10).status_code == 404
