"""REC-1, REC-5, REC-6: the files of a session, and how they are fetched."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.bench import MILLISECOND, Bench
from conformance.broker.sessions import WORDS, brought_to
from conformance.caller import Outcome
from conformance.cases import FINISHED, RUNNING, Case
from conformance.desk import Desk
from conformance.hands import Hands, verb
from conformance.patterns import Anything, Between, Holding, Unordered, gives, http
from conformance.properties import judges
from conformance.strategies import EDGES

NAMES: Final[Mapping[str, str]] = {
    "chatTranscript{}.txt": "Chat",
    "remoteDiagnostics.txt": "Diagnostics",
    "remoteDiagnostics{}.xml": "Diagnostics",
    "remoteScreen{}.g2a": "RemoteScreen",
    "localScreen{}.g2a": "LocalScreen",
    "session{}.properties": "Properties",
}


def recorded(desk: Desk) -> Case:
    """Give a finished session that leaves something in every channel, its recording ready."""
    case = brought_to(desk, RUNNING)
    for act in ("chat", "takeDiagnostics", "screen"):
        desk.act(case, act, **WORDS.get(act, {}))
    desk.advance(desk.bench.now + 2_000 * MILLISECOND)
    desk.act(case, "end")
    desk.record(case)
    return case


def file_of(desk: Desk, case: Case, name: str) -> dict[str, Any]:
    """Read the session and give one of its files, by the contract's name with `{}`."""
    desk.read(case)
    wanted = {"name": name.format(case.id), "url": Anything(), "url_expires": Anything()}
    outcome = desk.bench.expect("REC-1", gives({"files": Holding(wanted)}))
    files: list[dict[str, Any]] = outcome["gives"]["files"]
    return next(file for file in files if file["name"] == wanted["name"])


@judges({"REC-1": ("all six files under their names",)}, share=0.2)
def files_have_the_contracts_names(bench: Bench, data: st.DataObject) -> None:
    """REC-1: the six files of session N bear its number, each in its channel."""
    desk = Desk(bench, bench.place())
    for _ in range(data.draw(st.integers(0, 2), label="others before")):
        brought_to(desk, FINISHED)
    case = recorded(desk)
    desk.read(case)
    wanted = tuple(
        {"name": name.format(case.id), "channel": channel, "size": Between(1, 2**40)}
        for name, channel in NAMES.items()
    )
    allowed = gives({"files": Unordered(wanted)})
    bench.expect("REC-1", allowed, case="all six files under their names")


@verb
def fetch_whole(hands: Hands, /, *, url: str, size: int, sha256: str) -> Outcome:
    """Download a file in one piece and hold it against its size and digest."""
    answer = hands.target.http.send("GET", url)
    return {
        "status": answer.status,
        "size_agrees": len(answer.body) == size,
        "digest_agrees": hashlib.sha256(answer.body).hexdigest() == sha256.lower(),
        "length_told": answer.headers.get("content-length") == str(size),
    }


AS_TOLD: Final = http(200, size_agrees=True, digest_agrees=True, length_told=True)


@verb
def fetch_in_pieces(hands: Hands, /, *, url: str, cuts: Sequence[float]) -> Outcome:
    """Download a file whole and in pieces, each resumed where the one before ended."""
    http = hands.target.http
    whole = http.send("GET", url)
    size = len(whole.body)
    ends = sorted({0, size, *(int(cut * size) for cut in cuts)})
    etag = whole.headers.get("etag")
    unchanged = {"If-Range": etag} if etag else {}
    pieces = [
        http.send("GET", url, {"Range": f"bytes={a}-{b - 1}", **unchanged})
        for a, b in pairwise(ends)
    ]
    rest = http.send("GET", url, {"Range": f"bytes={size // 2}-"})
    tail = http.send("GET", url, {"Range": "bytes=-1"})
    over = http.send("GET", url, {"Range": f"bytes={size // 2}-{size + 10_000}"})
    all_of_it = http.send("GET", url, {"Range": f"bytes=-{size + 10_000}"})
    beyond = http.send("GET", url, {"Range": f"bytes={size}-"})
    head = http.send("HEAD", url)
    told = all(
        piece.headers.get("content-range") == f"bytes {start}-{end - 1}/{size}"
        for piece, (start, end) in zip(pieces, pairwise(ends), strict=True)
        if piece.status == 206
    )
    return {
        "status": whole.status,
        "same": b"".join(piece.body for piece in pieces) == whole.body,
        "rest_same": rest.body == whole.body[size // 2 :],
        "tail_same": tail.body == whole.body[-1:],
        "over_the_end_same": over.body == rest.body and all_of_it.body == whole.body,
        "partial": sorted({each.status for each in (*pieces, rest, tail) if len(each.body) < size}),
        "ranges_told": told,
        "beyond": beyond.status,
        "head": (head.status, head.headers.get("content-length") == str(size)),
    }


_PIECES: Final = {
    "status": 200,
    "same": True,
    "rest_same": True,
    "tail_same": True,
    "over_the_end_same": True,
    "partial": [206],
    "ranges_told": True,
    "beyond": 416,
    "head": (200, True),
}


_CUTS: Final = ((0.5,), (0.0, 0.001, 0.999, 1.0), (0.1, 0.3, 0.7))


@judges({"REC-6": tuple(f"{name}, whole and resumed" for name in NAMES)}, exactly=3 * len(NAMES))
def resumed_downloads_give_the_same_bytes(bench: Bench, data: st.DataObject) -> None:
    """REC-6: a download in pieces gives the bytes of one in one piece; both are as told."""
    name, cuts = data.draw(st.sampled_from([(n, c) for c in _CUTS for n in NAMES]), label="file")
    desk = Desk(bench, bench.place())
    file = file_of(desk, recorded(desk), name)
    bench.do("fetch_whole", url=file["url"], size=file["size"], sha256=file["sha256"])
    bench.expect("REC-6", AS_TOLD)
    bench.do("fetch_in_pieces", url=file["url"], cuts=cuts)
    bench.expect("REC-6", _PIECES, case=f"{name}, whole and resumed")


_TIMES: Final = {
    -1: "works 1 ms before it expires",
    0: "refused when it expires",
    1: "refused 1 ms later",
}


@judges({"REC-5": tuple(_TIMES.values())}, exactly=6)
def urls_work_until_they_expire(bench: Bench, data: st.DataObject) -> None:
    """REC-5: the URL works in [given, urlExpires), not a ms longer."""
    names = ("chatTranscript{}.txt", "session{}.properties")
    side, name = data.draw(st.sampled_from([(s, n) for s in EDGES for n in names]))
    desk = Desk(bench, bench.place())
    file = file_of(desk, recorded(desk), name)
    desk.advance(file["url_expires"] + side * MILLISECOND)
    bench.do("download", url=file["url"])
    bench.expect("REC-5", http(200) if side < 0 else http(400, 499), case=_TIMES[side])


@judges({"REC-5": ("a newer URL leaves the older one as it was",)}, exactly=1)
def urls_outlive_newer_ones(bench: Bench, data: st.DataObject) -> None:
    """REC-5: who reads the session again gets a URL, and the one before works on to its own end."""
    del data
    desk = Desk(bench, bench.place())
    case, name = recorded(desk), "chatTranscript{}.txt"
    first = file_of(desk, case, name)
    desk.advance(bench.now + 60_000 * MILLISECOND)
    second = file_of(desk, case, name)
    for file in (second, first, second, first):
        bench.do("download", url=file["url"])
        bench.expect("REC-5", http(200, sha256=file["sha256"]))
    bench.passed("REC-5", "a newer URL leaves the older one as it was")


@verb
def try_forged_urls(
    hands: Hands, /, *, url: str, name: str, others: Sequence[str], ids: Sequence[int]
) -> Outcome:
    """Try URLs made from a good one; tell which work, and whether refusals differ.

    `url` is a good one, of the file `name`; `others` names files beside it, and one that is
    none; `ids` is its session, one that exists beside it, and one that does not.
    """
    worked = []
    said = set()
    forged = dict(_forged(url, name, others, ids))
    for how, each in forged.items():
        answer = hands.target.http.send("GET", each)
        if answer.status < 400:
            worked.append(how)
        elif how.startswith("other "):
            said.add((answer.status, answer.body))
    good = hands.target.http.send("GET", url).status
    return {"status": good, "tried": len(forged), "worked": worked, "refusals": len(said)}


def _forged(
    url: str, name: str, others: Sequence[str], ids: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """Give (how, URL) for every way of bending a URL that changes it."""
    made = {f"other file {n}": url.replace(quote(name), quote(o)) for n, o in enumerate(others)}
    for number, other in enumerate(ids[1:]):
        made[f"other session {number}"] = url.replace(str(ids[0]), str(other))
    made["later"] = re.sub(r"\d{9,}(?=[^/]*$)", lambda m: str(int(m[0]) + 3600), url)
    made["later, as a year"] = re.sub(r"20\d\d-", "2999-", url)
    made["last letter"] = url[:-1] + ("A" if url[-1] != "A" else "B")
    made["cut"] = url[: len(url) * 3 // 4]
    made["no query"] = url.partition("?")[0]
    yield from ((how, each) for how, each in made.items() if each != url)


@judges({"REC-5": ("no other URL made from it works", "refusals tell nothing")}, share=0.3)
def urls_work_for_their_file_only(bench: Bench, data: st.DataObject) -> None:
    """REC-5: bent to another file, session or time it is refused, and learns nothing thereby."""
    name = data.draw(st.sampled_from(tuple(NAMES)), label="file")
    desk = Desk(bench, bench.place())
    other, case = recorded(desk), recorded(desk)
    file = file_of(desk, case, name)
    bench.do(
        "try_forged_urls",
        url=file["url"],
        name=file["name"],
        others=[*(n.format(case.id) for n in NAMES if n != name), "nothing.txt"],
        ids=[case.id, other.id, case.id + 10_000_019],
    )
    nothing: dict[str, Any] = {"worked": [], "refusals": Between(0, 1)}
    wanted = http(200, tried=Between(2, 100), **nothing)
    bench.expect("REC-5", wanted, case="no other URL made from it works")
    bench.passed("REC-5", "refusals tell nothing")
