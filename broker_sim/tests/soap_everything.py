"""A service that says all that the words of the contract can say, whatever the real ones use."""

from __future__ import annotations

from typing import Final

from broker_sim.contract import faults
from broker_sim.contract.kinds import Choice, Endpoint, Field, Kind, Operation, Record

SHADE: Final = Choice("Shade", ("light", "dark", "None"))
LEAF: Final = Record(
    "Leaf",
    (
        Field("leafId", "leaf_id", Kind.ID),
        Field("note", "note", Kind.TEXT, optional=True),
        Field("shades", "shades", SHADE, many=True, doc="from light to dark"),
    ),
)
_EACH: Final = tuple(Field(f"a{kind.value.title()}", kind.value, kind) for kind in Kind)
_SPARE: Final = tuple(
    Field(f"spare{kind.value.title()}", f"spare_{kind.value}", kind, optional=True) for kind in Kind
)
_MANY: Final = tuple(
    Field(f"many{kind.value.title()}", f"many_{kind.value}", kind, many=True) for kind in Kind
)
ALL: Final = (
    *_EACH,
    *_SPARE,
    *_MANY,
    # reserved words of this language and that are names like others
    Field("class", "shade", SHADE),
    Field("import", "shades", SHADE, optional=True, many=True),
    Field("from", "leaf", LEAF, doc="a <leaf> & more"),
    Field("default", "spare_leaf", LEAF, optional=True),
    Field("leaves", "leaves", LEAF, many=True, any_order=True),
)
TREE: Final = Record("Tree", ALL)

EVERYTHING: Final = Endpoint(
    "Everything",
    "/services/Everything",
    "All that can be said.",
    (
        Operation(
            "getTree", "get_tree", "Take all, give all.", ALL, Field("tree", "tree", TREE), ()
        ),
        Operation("nothing", "nothing", "Take nothing.", (), None, (faults.OUT_OF_TURN,)),
        Operation("maybe", "maybe", "Or not.", (), Field("tree", "tree", TREE, optional=True), ()),
        Operation("trees", "trees", "Many.", (), Field("trees", "trees", TREE, many=True), ()),
    ),
)
