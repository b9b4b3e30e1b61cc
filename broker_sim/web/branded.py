"""What every page of a portal shows, whatever it is about: its branding, the way it is laid out.

Source: PORTAL-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import request

from broker_sim.core.branding import Branding
from broker_sim.core.customer import reads_right_to_left
from broker_sim.web import brand_files

WAY: Final = ("Ask", "Wait", "Agree", "Talk")
WAY_BY_CODE: Final = ("Code", "Agree", "Talk")
BY_CODE: Final = "Are you on the phone with us? Type the code that you were told."
_GREETINGS: Final = {
    "SmartBox": "Tell us what it is about. A representative will be with you shortly.",
    "SmartButton": "One click, and a representative will be with you.",
    "SmartMatch": "Pick who should help you, and say what it is about.",
    "SmartPin": BY_CODE,
}


@dataclass(frozen=True, slots=True)
class Brand:
    """A branding as templates need it; `style` and `logo` are links."""

    company: str
    logo_text: str
    footer: str
    style: str
    logo: str | None


def branded(portal: str, of: Branding, locale: str = "") -> dict[str, Any]:
    """Give what the templates of a portal's pages have in common, by their names."""
    links, root = brand_files.links(portal, of), request.script_root
    logo = None if links.logo is None else root + links.logo
    return {
        "brand": Brand(of.company, of.logo_text, of.footer, root + links.style, logo),
        "right_to_left": reads_right_to_left(locale),
    }


def greeting(of: Branding, portal_type: str) -> str:
    """Give the words above a portal's form."""
    return of.greeting or _GREETINGS.get(portal_type, _GREETINGS["SmartBox"])
