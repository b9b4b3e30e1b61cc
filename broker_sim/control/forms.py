"""What a portal asks its customers: the fields of its form, the questions of its survey."""

from __future__ import annotations

from typing import Any, Final

from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import FLAG, TEXT, given, listed, taken
from broker_sim.service import forms, launching

_FIELD: Final[dict[str, Any]] = {"label": TEXT, "required": FLAG, "seen": FLAG}
_TAKES: Final = taken(
    "FormWanted",
    {},
    questionRequired=FLAG,
    fields=listed(taken("FormFieldWanted", {"name": TEXT}, **_FIELD)),
    survey=listed(taken("SurveyFieldWanted", {"name": TEXT}, label=TEXT, choices=listed(TEXT))),
)
_GIVES: Final = given(
    "Form",
    questionRequired=FLAG,
    fields=listed(given("FormField", name=TEXT, **_FIELD)),
    survey=listed(given("SurveyField", name=TEXT, label=TEXT, choices=listed(TEXT))),
)


def add(routes: Routes) -> None:
    """Register the routes of forms."""

    @routes.get("/portals/<name>/form", gives=_GIVES)
    def form(hand: Hand, name: str) -> Told:
        """Tell a portal's form and survey."""
        return _told(hand, name)

    @routes.put("/portals/<name>/form", takes=_TAKES, gives=_GIVES, refuses=True)
    def set_form(hand: Hand, name: str) -> Told:
        """Set a portal's form and survey from now on."""
        _told(hand, name)
        wanted = {name: value for name, value in body().items() if value is not None}
        forms.set_form(hand.tester.world, name, forms.read(wanted))
        return _told(hand, name)


def _told(hand: Hand, name: str) -> Told:
    found = launching.asked(hand.tester.world, name)
    if found is None:
        msg = f"there is no portal {name!r}"
        raise LookupError(msg)
    return forms.told(found.form)
