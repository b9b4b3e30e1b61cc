"""The forms of portals, as settings that outlive the process.

Source: PORTAL-2, PORTAL-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import access
from broker_sim.core.form import Form, FormField, SurveyField, default_form
from broker_sim.core.refusal import Refused
from broker_sim.service.customers import check
from broker_sim.service.portal_notes import noted, put_note
from broker_sim.service.ports import World
from broker_sim.service.storage import Portal, Transaction

_NOTE: Final = "forms"


def form_of(tx: Transaction, portal: Portal) -> Form:
    """Give a portal's form; that of its type where none was set."""
    kept = noted(tx, _NOTE, portal.name)
    return default_form(portal.portal_type) if kept is None else read(kept)


def set_form(world: World, portal: str, form: Form) -> None:
    """Set a portal's form from now on; who has an older page before them posts to the new one.

    Raises:
        Refused: InvalidArgument; no such portal, or a label that XML forbids.
    """
    check_form(form)
    with world.store.writing() as tx:
        if tx.portal(portal) is None:
            reason = "there is none of that name"
            raise Refused(faults.INVALID_ARGUMENT, field="portal", reason=reason)
        put_form(tx, portal, form)


def check_form(form: Form) -> None:
    """Refuse names and labels that XML forbids."""
    for name, label in [(f.name, f.label) for f in form.fields] + [
        (f.name, f.label) for f in form.survey
    ]:
        check(name=name, label=label)


def put_form(tx: Transaction, portal: str, form: Form) -> None:
    """Keep the form of a portal that is there, in a transaction that is open."""
    put_note(tx, _NOTE, portal, told(form))


def told(form: Form) -> dict[str, Any]:
    """Say a form by the names of JSON; `read` takes it."""
    return {
        "questionRequired": form.question_required,
        "fields": [
            {"name": f.name, "label": f.label, "required": f.required, "seen": f.seen}
            for f in form.fields
        ],
        "survey": [
            {"name": f.name, "label": f.label, "choices": list(f.choices)} for f in form.survey
        ],
        "masked": list(form.masked),
    }


def read(said: Mapping[str, Any]) -> Form:
    """Read a form as `told` says it.

    Raises:
        ValueError: it is none.
    """
    try:
        fields = tuple(_field(each) for each in _objects(said.get("fields", [])))
        survey = tuple(_question(each) for each in _objects(said.get("survey", [])))
        masked = tuple(access.canonical(_text(each)) for each in said.get("masked", []))
        return Form(fields, survey, _flag(said.get("questionRequired", True)), masked)
    except (KeyError, TypeError) as wrong:
        msg = f"a form has fields and a survey, each with a name: {wrong}"
        raise ValueError(msg) from wrong


def _field(said: Mapping[str, Any]) -> FormField:
    name = _text(said["name"])
    label = _text(said.get("label", name))
    required, seen = _flag(said.get("required", False)), _flag(said.get("seen", True))
    return FormField(name, label, required, seen)


def _question(said: Mapping[str, Any]) -> SurveyField:
    name = _text(said["name"])
    choices = said.get("choices", [])
    if not isinstance(choices, list):
        msg = "choices must be a list"
        raise TypeError(msg)
    return SurveyField(name, _text(said.get("label", name)), tuple(map(_text, choices)))


def _objects(said: object) -> list[Mapping[str, Any]]:
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        msg = "fields and survey must be lists of objects"
        raise TypeError(msg)
    return said


def _text(said: object) -> str:
    if not isinstance(said, str):
        msg = "names, labels and choices must be texts"
        raise TypeError(msg)
    return said


def _flag(said: object) -> bool:
    if not isinstance(said, bool):
        msg = "required, seen and questionRequired must be true or false"
        raise TypeError(msg)
    return said
