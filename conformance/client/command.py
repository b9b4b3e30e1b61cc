"""What `broker-conformance client` does, once it has understood."""

from __future__ import annotations

import shlex
import time
from argparse import Namespace
from pathlib import Path

from conformance import certificate, contracts
from conformance.client import adapter as adapters
from conformance.client.adapter import Adapter
from conformance.client.cases import chosen
from conformance.client.pacing import Pace
from conformance.client.program import faketime
from conformance.client.record import again, written
from conformance.client.runner import Plan, of, try_all
from conformance.client.verdicts import verdicts
from conformance.report import json, junit, page
from conformance.report.again import client_named
from conformance.report.places import check_places
from conformance.report.terminal import Report, Reporter, say
from conformance.run import CHOSEN, Run
from conformance.stopping import interruptible
from conformance.verdict import Exit, against, read_baseline


def judge(given: Namespace) -> Exit:
    """Judge a client; print, and write what is asked for; give the exit code."""
    adapter = adapters.read(given.adapter, given.words)
    contract = contracts.read(given.contract)
    named = chosen(given.profile, tuple(given.rule)) if given.rule else ()
    ids = contract.chosen("client", given.profile, named)
    plan = Plan(contract.unchanged(ids), given.seed, given.workers)
    baseline = {} if given.baseline is None else read_baseline(given.baseline, ids)
    check_places(given)
    begun, cases = time.monotonic(), of(plan.ids)
    with interruptible(), Reporter(len(cases), quiet=given.quiet) as reporter:
        tried = try_all(adapter, plan, Pace(), reporter)
    run = Run(
        target=shlex.join(adapter.command),
        profile=CHOSEN if given.rule else given.profile,
        seed=plan.seed,
        examples=len(cases),
        contract=contract.digest,
        version=contract.version,
        clock=faketime() is not None and bool(adapter.faketime),
        seconds=time.monotonic() - begun,
        verdicts=against(contract.whole(ids, verdicts(plan.ids, tried)), baseline),
        kind="client",
        how=client_named(given),
    )
    _write(run, adapter, plan, given)
    if given.certify is not None:
        certificate.write(given.certify, run)
    Report().show(run, given.report)
    return run.exit


def _write(run: Run, adapter: Adapter, plan: Plan, given: Namespace) -> None:
    folder: Path | None = given.report
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.written(run), encoding="utf-8")
        (folder / "report.html").write_text(page.written(run), encoding="utf-8")
        (folder / "junit.xml").write_bytes(junit.written(run))
        for verdict in run.verdicts:
            if verdict.broken is not None:
                text = written(verdict, adapter, plan)
                (folder / f"{verdict.rule.id}.json").write_text(text, encoding="utf-8")
                if verdict.script:
                    path = folder / f"{verdict.rule.id}.sh"
                    path.write_text(verdict.script, encoding="utf-8")
    if given.json is not None:
        given.json.write_text(json.written(run), encoding="utf-8")
    if given.junit is not None:
        given.junit.write_bytes(junit.written(run))


def replay(path: Path) -> Exit:
    """Try the case of a record again and tell whether the rule still breaks."""
    rule, tried = again(path)
    found = [each for each in (tried.broken, *tried.warned) if each and each.rule == rule]
    if found:
        say(f"{rule} still breaks ({tried.case.name})")
        say(f"  expected  {found[0].expected}")
        say(f"  received  {found[0].received}")
        return Exit.NOT_CONFORMANT
    why = tried.error or tried.unsupported or tried.missing
    if why is not None:
        say(f"{rule} went another way ({tried.case.name}): {why}")
        return Exit.OWN_FAULT if tried.error else Exit.INCOMPLETE
    say(f"{rule} holds now ({tried.case.name})")
    return Exit.CONFORMANT
