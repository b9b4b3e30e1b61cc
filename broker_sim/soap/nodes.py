"""A message as nodes that know what stands in them: what a disguise may play with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lxml import etree

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind
from broker_sim.soap.envelope import SOAP12
from broker_sim.soap.shapes import Group, Leaf, Many, Shape

# (namespace, name) of an element or attribute; the namespace is empty where there is none
Name: TypeAlias = tuple[str, str]
XML: Final = "http://www.w3.org/XML/1998/namespace"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

_QNAMES: Final = frozenset({("", "faultcode"), (SOAP12.namespace, "Value")})
_QNAME_ATTRIBUTE: Final = "qname"


@dataclass(slots=True)
class Node:
    """One element.

    Attributes:
        attributes: values by name; a `Name` for a value is a qualified name.
        text: its text; a `Name` for a qualified name; nothing where it has children.
        children: the elements in it.
        group: the name of its record; empty for anything else.
        kind: what its text is, where it is a single value of the contract.
        many: whether it is a list.
    """

    name: Name
    attributes: dict[Name, str | Name] = field(default_factory=dict)
    text: str | Name = ""
    children: list[Node] = field(default_factory=list)
    group: str = ""
    kind: Kind | None = None
    many: bool = False

    def child(self, name: str) -> Node | None:
        """Give the first child of that local name."""
        return next((one for one in self.children if one.name[1] == name), None)


def name_of(tag: str) -> Name:
    """Split what lxml writes as {namespace}name."""
    found = etree.QName(tag)
    return found.namespace or "", found.localname


def read(element: etree._Element, groups: Mapping[str, Group]) -> Node:
    """Read an answer; payloads are known by their names.

    Args:
        element: of an answer of ours, which has no mixed content.
        groups: the shapes of payloads, by their names on the wire.
    """
    namespace, name = name_of(str(element.tag))
    if namespace == limits.NAMESPACE and name in groups:
        return _shaped(element, groups[name])
    node = _bare(element)
    node.children = [read(child, groups) for child in element]
    return node


def _bare(element: etree._Element) -> Node:
    name = name_of(str(element.tag))
    node = Node(name)
    for key, value in element.items():
        is_name = key == _QNAME_ATTRIBUTE
        node.attributes[name_of(str(key))] = (
            _resolved(element, str(value)) if is_name else str(value)
        )
    if len(element) == 0:
        text = element.text or ""
        node.text = _resolved(element, text) if name in _QNAMES else text
    return node


def _resolved(element: etree._Element, written: str) -> Name:
    prefix, _, local = written.rpartition(":")
    return str(element.nsmap.get(prefix or None, "")), local


def _shaped(element: etree._Element, shape: Shape) -> Node:
    node = _bare(element)
    match shape:
        case Leaf(kind):
            node.kind = kind
        case Many(_, of):
            node.many = True
            node.children = [_shaped(child, of) for child in element]
        case Group(name, members):
            node.group = name
            by_wire = {member.wire: member.shape for member in members}
            node.children = [
                _shaped(child, by_wire[name_of(str(child.tag))[1]]) for child in element
            ]
        case _:
            pass  # one of a few words: a text that must stay as it is
    return node
