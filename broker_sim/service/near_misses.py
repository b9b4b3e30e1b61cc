"""Which exchanges come closest to what was wanted, and what is different about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple

from broker_sim.contract import ENDPOINTS, limits
from broker_sim.service.journal_lines import line_of, printable
from broker_sim.service.seen import Seen
from broker_sim.service.wanted import Difference, Wanted

SHOWN: Final = 3
_SAME_OPERATION: Final = 4.0  # against 1 for every other condition
_SIMILAR: Final = 0.6  # of two names, from 0 to 1
_CONTENT_TYPES: Final = "text/xml or application/soap+xml"
_UNSUPPORTED: Final = 415
_PATHS: Final[Mapping[str, frozenset[str]]] = {
    operation.name: frozenset(
        other.path
        for other in ENDPOINTS
        if operation.name in {one.name for one in other.operations}
    )
    for endpoint in ENDPOINTS
    for operation in endpoint.operations
}


class Miss(NamedTuple):
    """An exchange that is nearly what was wanted."""

    seen: Seen
    differences: Sequence[Difference]

    def told(self) -> Mapping[str, Any]:
        """Give it by the names of the control API."""
        return {
            "number": self.seen.number,
            "line": str(line_of(self.seen.summary())),
            "refusal": self.seen.refusal,
            "differences": [difference._asdict() for difference in self.differences],
        }

    def lines(self) -> Iterator[str]:
        """Give it for people to read."""
        yield str(line_of(self.seen.summary()))
        for name, wanted, given in self.differences:
            yield printable(f"         {name}: you sent {given}, wanted was {wanted}")
        if self.seen.refusal:
            yield printable(f"         refused: {self.seen.refusal}")


def near_misses(wanted: Wanted, entries: Sequence[Seen], most: int = SHOWN) -> Sequence[Miss]:
    """Give the exchanges closest to what was wanted that are not it, the closest first."""
    scored = []
    for seen in entries:
        differences = tuple(_differences(wanted, seen))
        score = _score(wanted, seen, differences)
        if differences and score > 0:
            scored.append((score, seen.number, Miss(seen, differences)))
    scored.sort(key=lambda one: one[:2], reverse=True)
    return [miss for _, _, miss in scored[:most]]


def _differences(wanted: Wanted, seen: Seen) -> Iterator[Difference]:
    """Tell how it differs; of a request that named no operation, by what it did send."""
    for difference in wanted.differences(seen):
        if difference.field == "operation" and seen.operation is None:
            yield _unnamed(difference.wanted, seen)
        elif seen.operation is not None or not difference.field.startswith("arguments."):
            yield difference


def _unnamed(operation: str, seen: Seen) -> Difference:
    if seen.status == _UNSUPPORTED:
        sent = seen.headers.get("content-type") or "none"
        return Difference("Content-Type", _CONTENT_TYPES, sent)
    if seen.asked is None:
        return Difference("operation", operation, f"{seen.method} that named none")
    namespace, name = _parts(seen.asked)
    if name == operation:
        return Difference("namespace", limits.NAMESPACE, namespace or "none")
    return Difference("operation", operation, name)


def _score(wanted: Wanted, seen: Seen, differences: Sequence[Difference]) -> float:
    """Rate how close it comes: 0 for what has nothing to do with it."""
    if wanted.operation is None:
        return float(wanted.conditions() - len(differences))
    if seen.operation is not None:
        likeness = _likeness(wanted.operation, seen.operation)
    elif seen.asked is not None:
        likeness = _likeness(wanted.operation, _parts(seen.asked)[1]) * 0.9
    else:
        at_its_door = seen.method == "POST" and seen.door in _PATHS.get(wanted.operation, ())
        likeness = 0.25 if at_its_door else 0.0
    others = wanted.conditions() - len(differences) - (wanted.operation == seen.operation)
    return likeness * _SAME_OPERATION + max(0, others) / 10 if likeness else 0.0


def _likeness(wanted: str, given: str) -> float:
    if wanted == given:
        return 1.0
    likeness = SequenceMatcher(None, wanted.lower(), given.lower()).ratio()
    return likeness / 2 if likeness >= _SIMILAR else 0.0


def _parts(tag: str) -> tuple[str, str]:
    """Split {namespace}name."""
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name
