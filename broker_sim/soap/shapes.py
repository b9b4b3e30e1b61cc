"""The shape of a message, read off its spyne type: what the compilers understand.

What a shape cannot say (attributes, nil, repetition without a wrapper, inheritance, another
namespace) is a TypeError here, at start-up; nothing falls back in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from broker_sim.contract import limits
from broker_sim.contract.kinds import Kind
from broker_sim.soap.spyne_compat import Array, ComplexModelBase, EnumBase


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Words:
    """One of a few words."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list: elements named `item` in an element of the member's name."""

    item: str
    of: Shape


@dataclass(frozen=True, slots=True)
class Group:
    """A sequence of members under the name of its type."""

    name: str
    members: tuple[Member, ...]


Shape: TypeAlias = Leaf | Words | Many | Group


@dataclass(frozen=True, slots=True)
class Member:
    """One element of a group.

    Attributes:
        wire: its name on the wire.
        name: the attribute or key that it is in Python.
        optional: may be absent, which is None in Python.
    """

    wire: str
    name: str
    optional: bool
    shape: Shape


def shape_of(message: Any) -> Group:
    """Read the shape off a spyne type with members.

    Raises:
        TypeError: the type holds what no shape can say.
    """
    if message.get_namespace() != limits.NAMESPACE:
        raise _unsaid(message, "another namespace")
    if getattr(message, "__extends__", None) is not None:
        raise _unsaid(message, "inheritance")
    return Group(message.get_type_name(), tuple(_members(message)))


def _members(message: Any) -> Iterator[Member]:
    for name, member in message.get_flat_type_info(message).items():
        said = member.Attributes
        wire = said.sub_name or name
        if not (name.isidentifier() and wire.isidentifier() and wire.isascii()):
            raise _unsaid(message, f"the name {name!r} or {wire!r}")
        if said.max_occurs != 1:
            raise _unsaid(message, f"repetition of {wire} without a wrapper")
        yield Member(wire, name, said.min_occurs == 0, _shape(member))


def _shape(member: Any) -> Shape:
    if member.Attributes.nillable or member.Attributes.default is not None:
        raise _unsaid(member, "nil or a default")
    if issubclass(member, Array):
        ((name, item),) = member.get_flat_type_info(member).items()
        return Many(item.Attributes.sub_name or name, _shape(item))
    if issubclass(member, ComplexModelBase):
        return shape_of(member)
    if issubclass(member, EnumBase):
        return Words(member.get_type_name(), tuple(member.__values__))
    kind = getattr(member.Attributes, "kind", None)
    if not isinstance(kind, Kind):
        raise _unsaid(member, "a kind that the contract does not know")
    return Leaf(kind)


def _unsaid(of: Any, what: str) -> TypeError:
    return TypeError(f"{of.get_type_name()} holds what cannot be compiled: {what}")
