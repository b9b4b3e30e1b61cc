"""What a portal asks its customers, and how it looks to them."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from broker_sim.core.branding import LOGO_MAX_BYTES, LOGO_TEXT_MAX, Branding
from broker_sim.core.form import Form, FormField, SurveyField
from broker_sim.core.management import Power
from broker_sim.core.staleness import mark
from broker_sim.service import branding, manager_portals, manager_views
from broker_sim.web.manager import access, doing
from broker_sim.web.manager.doing import Problems, field, gone_on, many, me, tried
from broker_sim.web.manager_paths import ROOT
from broker_sim.web.pages import given, world

_AT = f"{ROOT}/administration/portals"
_SPARE = 3  # empty rows for what is added; with more, save and go on
_ROWS_MOST = 110


def add(app: Flask) -> None:
    """Register the pages."""
    both = ["GET", "POST"]
    app.add_url_rule(f"{_AT}/form", "portal_form", portal_form, methods=both)
    app.add_url_rule(f"{_AT}/branding", "portal_branding", portal_branding, methods=both)


@access.may(Power.PORTALS)
def portal_form() -> AnyResponse:
    """Show and set the form and the survey."""
    name = field("name")
    shown, form = doing.found(lambda: manager_views.portal(world(), me(), name))

    def again(problems: Problems | None = None) -> Response:
        reps = {m.rep.email: m.rep for found in shown.serving.values() for m in found}
        now = {"form": form, "mark": mark(form), "reps": list(reps.values())}
        return doing.page("form.html", problems, shown=shown, spare=_SPARE, **now)

    if doing.is_read():
        return again()
    return tried(
        lambda: manager_portals.set_form(world(), me(), name, _form_as_typed(), seen=doing.seen()),
        lambda: gone_on("portal_form", name=name),
        again,
    )


def _form_as_typed() -> Form:
    """Read the rows; one without a name is none.

    Raises:
        ValueError: a launch could not carry it.
    """
    rows = [str(row) for row in range(_ROWS_MOST)]
    fields = tuple(
        FormField(
            name,
            field(f"label-{row}") or name,
            field(f"required-{row}") == "on",
            field(f"unseen-{row}") != "on",
        )
        for row in rows
        if (name := field(f"field-{row}"))
    )
    survey = tuple(
        SurveyField(name, field(f"asks-{row}") or name, _choices(field(f"choices-{row}")))
        for row in rows
        if (name := field(f"question-{row}"))
    )
    return Form(fields, survey, field("questionRequired") == "on", tuple(many("masked-")))


def _choices(typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in typed.split(";") if (one := each.strip())))


@access.may(Power.PORTALS)
def portal_branding() -> AnyResponse:
    """Show and set how the portal looks to customers."""
    name = field("name")
    shown, _ = doing.found(lambda: manager_views.portal(world(), me(), name))
    before = branding.find(world(), name)
    assert before is not None

    def again(problems: Problems | None = None) -> Response:
        limits = {"logo": LOGO_MAX_BYTES, "letters": LOGO_TEXT_MAX}
        now = {"now": before, "mark": mark(before), "limits": limits}
        return doing.page("branding.html", problems, shown=shown, **now)

    if doing.is_read():
        return again()
    return tried(
        lambda: manager_portals.set_branding(
            world(), me(), name, _as_typed(before), seen=doing.seen()
        ),
        lambda: gone_on("portal_branding", name=name),
        again,
    )


def _as_typed(before: Branding) -> Branding:
    """Read the form; a logo stays unless another one, or none, was chosen.

    Raises:
        ValueError: a page could not show it.
    """
    names = ("company", "colour", "logoText", "greeting", "footer")
    said = {one: field(one) for one in names}
    if field("noLogo") == "on":
        said["logo"] = ""
    elif given().get("logo"):
        said["logo"] = field("logo")
    return branding.read(said, before)
