"""PORTAL-1, PORTAL-5: what a portal asks whose form was never set."""

from __future__ import annotations

import pytest

from broker_sim.core import form
from broker_sim.core.form import FormField

ASKED = (
    FormField("Name", "Name", required=True),
    FormField("Company", "Company"),
    FormField("Email", "E-mail"),
    FormField("Phone", "Phone"),
)


@pytest.mark.parametrize("portal_type", ["SmartBox", "SmartMatch", "SmartPin", ""])
def test_a_form_asks_who_it_is_and_needs_a_name_and_a_question(portal_type: str) -> None:
    """PORTAL-1: four fields that are seen, before those that are not."""
    asked = form.default_form(portal_type)

    assert asked.fields[:4] == ASKED
    assert not any(field.seen for field in asked.fields[4:])
    assert asked.question_required
    assert (asked.survey, asked.masked) == (form.SURVEY, ())


def test_a_button_shows_no_field_and_needs_nothing() -> None:
    """PORTAL-1: what its launcher knows is taken unseen."""
    asked = form.default_form("SmartButton")

    assert [(field.name, field.label) for field in asked.fields[:4]] == [
        (field.name, field.label) for field in ASKED
    ]
    assert not any(field.seen or field.required for field in asked.fields)
    assert not asked.question_required
