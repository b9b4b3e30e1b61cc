"""Why a payload does not fit: the first argument at fault and a clause for its caller.

The schema's own messages name libraries' notions; these name arguments. Runs only after the
schema has said no.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from lxml import etree

from broker_sim.contract import limits
from broker_sim.soap import lexical
from broker_sim.soap.shapes import Group, Leaf, Many, Member, Shape, Words

# The wire name of the argument, and the clause; None where nothing is wrong.
Finding: TypeAlias = tuple[str, str] | None

# The field of what is wrong with the message as a whole.
BODY: Final = "body"

_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_SHOWN_MAX: Final = 100  # characters of a stranger's name in an answer


def explain(message: Group, payload: etree._Element) -> tuple[str, str]:
    """Give the wire name of the first argument at fault, and what it would have to be."""
    return _group(message, payload, BODY) or (BODY, "it does not fit the published schema")


def shown(element: etree._Element) -> str:
    """Give an element's name without its namespace, short enough to be repeated."""
    return etree.QName(element).localname[:_SHOWN_MAX]


def named(element: etree._Element) -> str:
    """Give an element's name as {namespace}name, short enough to be kept."""
    return str(element.tag)[-2 * _SHOWN_MAX :]


def _group(group: Group, element: etree._Element, wire: str) -> Finding:
    plain = _plain(element, wire) or _no_text(element, wire)
    if plain is not None:
        return plain
    waiting = list(group.members)
    for child in element:
        found = _next(waiting, group, child) or _shape(waiting[0].shape, child, waiting[0].wire)
        if found is not None:
            return found
        waiting.pop(0)
    return _missing(waiting)


def _next(waiting: list[Member], group: Group, child: etree._Element) -> Finding:
    """Skip what may be absent, until `child` is the next to come."""
    name = shown(child)
    wires = [member.wire for member in group.members]
    if name not in wires:
        return name, f"{group.name} has no such argument; it has {_listed(wires)}"
    if etree.QName(child).namespace != limits.NAMESPACE:
        return name, f"it must be in the namespace {limits.NAMESPACE}"
    if name not in [member.wire for member in waiting]:
        return name, f"it must be given once, in the order {_listed(wires)}"
    skipped = []
    while waiting[0].wire != name:
        skipped.append(waiting.pop(0))
    missing = _missing(skipped)
    if missing is not None and missing[0] in map(shown, child.itersiblings()):
        return name, f"it must come in the order {_listed(wires)}"
    return missing


def _missing(members: list[Member]) -> Finding:
    wires = [member.wire for member in members if not member.optional]
    return (wires[0], "it is missing") if wires else None


def _listed(wires: list[str]) -> str:
    return ", ".join(wires) if wires else "none"


def _plain(element: etree._Element, wire: str) -> Finding:
    if element.get(_NIL) is not None:
        return wire, "it must not be nil; leave an absent argument out"
    return (wire, "it must have no attributes") if element.attrib else None


def _no_text(element: etree._Element, wire: str) -> Finding:
    texts = [element.text, *(child.tail for child in element)]
    return (wire, "it must hold elements only") if any(t and t.strip() for t in texts) else None


def _shape(shape: Shape, element: etree._Element, wire: str) -> Finding:
    match shape:
        case Group():
            return _group(shape, element, wire)
        case Many():
            return _many(shape, element, wire)
        case Leaf() | Words():
            return _value(shape, element, wire)


def _many(many: Many, element: etree._Element, wire: str) -> Finding:
    plain = _plain(element, wire) or _no_text(element, wire)
    if plain is not None:
        return plain
    for child in element:
        if child.tag != f"{{{limits.NAMESPACE}}}{many.item}":
            return wire, f"it must hold {many.item} elements only"
        found = _shape(many.of, child, wire)
        if found is not None:
            return found
    return None


def _value(shape: Leaf | Words, element: etree._Element, wire: str) -> Finding:
    if len(element):
        return wire, "it must hold a text, no elements"
    plain = _plain(element, wire)
    if plain is not None:
        return plain
    reader = lexical.READERS[shape.kind] if isinstance(shape, Leaf) else lexical.one_of(shape.words)
    try:
        reader(element.text or "")
    except ValueError as unfit:
        return wire, str(unfit)
    return None
