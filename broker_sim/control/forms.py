"""What a portal shows its customers and asks them: its branding, its form, its survey."""

from __future__ import annotations

from typing import Any, Final

from broker_sim.control.routes import Hand, Routes, Told, body
from broker_sim.control.shapes import ANY_TEXT, FLAG, TEXT, given, listed, or_null, taken
from broker_sim.core.branding import Branding
from broker_sim.service import branding, forms, launching

_FIELD: Final[dict[str, Any]] = {"label": TEXT, "required": FLAG, "seen": FLAG}
_TAKES: Final = taken(
    "FormWanted",
    {},
    questionRequired=FLAG,
    fields=listed(taken("FormFieldWanted", {"name": TEXT}, **_FIELD)),
    survey=listed(taken("SurveyFieldWanted", {"name": TEXT}, label=TEXT, choices=listed(TEXT))),
    masked=listed(TEXT),
)
_GIVES: Final = given(
    "Form",
    questionRequired=FLAG,
    fields=listed(given("FormField", name=TEXT, **_FIELD)),
    survey=listed(given("SurveyField", name=TEXT, label=TEXT, choices=listed(TEXT))),
    masked=listed(TEXT),
)
_TEXTS: Final[dict[str, Any]] = {
    "company": ANY_TEXT,
    "colour": ANY_TEXT,
    "logoText": ANY_TEXT,
    "greeting": ANY_TEXT,
    "footer": ANY_TEXT,
}
_BRANDING_WANTED: Final = taken("BrandingWanted", {}, **_TEXTS, logo=ANY_TEXT)
_BRANDING: Final = given("Branding", **_TEXTS, logo=or_null(ANY_TEXT))


def add(routes: Routes) -> None:
    """Register the routes of forms and brandings."""
    _add_branding(routes)

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


def _add_branding(routes: Routes) -> None:
    @routes.get("/portals/<name>/branding", gives=_BRANDING)
    def portal_branding(hand: Hand, name: str) -> Told:
        """Tell a portal's name, colour, logo and words for its customers."""
        return branding.told(_branding(hand, name))

    @routes.patch("/portals/<name>/branding", takes=_BRANDING_WANTED, gives=_BRANDING, refuses=True)
    def set_branding(hand: Hand, name: str) -> Told:
        """Change a portal's branding; what is not said stays, an empty logo takes it away."""
        wanted = branding.read(body(), _branding(hand, name))
        branding.set_branding(hand.tester.world, name, wanted)
        return branding.told(wanted)


def _branding(hand: Hand, name: str) -> Branding:
    found = branding.find(hand.tester.world, name)
    if found is None:
        msg = f"there is no portal {name!r}"
        raise LookupError(msg)
    return found


def _told(hand: Hand, name: str) -> Told:
    found = launching.asked(hand.tester.world, name)
    if found is None:
        msg = f"there is no portal {name!r}"
        raise LookupError(msg)
    return forms.told(found.form)
