"""What the command line does, once it has understood: judge, replay, explain, list."""

import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance import certificate, contracts, rulebook, target, target_file
from conformance.certificate import exchanges
from conformance.client import command
from conformance.client.cases import CASES
from conformance.client.record import is_ours
from conformance.hands import Hands, Missing
from conformance.known_bad import causes
from conformance.properties import PROPERTIES, judging
from conformance.replay import End, Replayed, read_record, rerun
from conformance.report import json, junit, page, shell
from conformance.report.again import broker_named
from conformance.report.places import check_places
from conformance.report.terminal import Report, Reporter, say
from conformance.run import CHOSEN, Run
from conformance.runner import EFFORTS, Plan, WentAway, judge
from conformance.stopping import Wish, interruptible
from conformance.target import Description, Target
from conformance.verdict import Exit, Verdict, against, read_baseline


@contextmanager
def _target(given: Namespace) -> Iterator[Target]:
    """Give the target that the command line names.

    Raises:
        Unreachable: it cannot be reached.
        BadTarget: it is described wrongly.
    """
    if given.self:
        with target.own(given.seed, workers=given.workers) as own:
            yield own
        return
    if given.target is None and not given.url:
        msg = "which broker? name a broker by its URL or by --target, or say --self"
        raise target.BadTarget(msg)
    described = (
        target_file.from_toml(given.target, given.url)
        if given.target is not None
        else Description(given.url)
    )
    options = target_file.with_options(described, given.ca, given.control, given.token)
    with target.reached(options) as reached:
        yield reached


def broker(given: Namespace) -> Exit:
    """Judge a broker; print, and write what is asked for; give the exit code."""
    contract = contracts.read(given.contract)
    ids = contract.chosen("broker", given.profile, _named(given))
    baseline = {} if given.baseline is None else read_baseline(given.baseline, ids)
    examples, shrink_seconds = EFFORTS[given.effort]
    plan = Plan(contract.unchanged(ids), given.seed, given.examples or examples, shrink_seconds)
    check_places(given)
    begun = time.monotonic()
    with (
        interruptible() as wish,
        _target(given) as reached,
        exchanges(given.certify, reached) as judged,
    ):
        total = sum(any(rule in each.cases for rule in plan.ids) for each in PROPERTIES)
        with Reporter(total, quiet=given.quiet) as reporter:
            gone, verdicts = _judged(judged, plan, reporter, wish)
        run = Run(
            target=judged.http.base,
            profile=CHOSEN if given.rule else given.profile,
            seed=plan.seed,
            examples=plan.examples,
            contract=contract.digest,
            version=contract.version,
            clock=judged.control is not None,
            seconds=time.monotonic() - begun,
            verdicts=against(contract.whole(ids, verdicts), baseline),
            how=broker_named(given),
            gone=gone,
        )
        _write(run, judged, given)
    if given.certify is not None:
        certificate.write(given.certify, run)
    Report().show(run, given.report)
    return run.exit


def _judged(
    target: Target, plan: Plan, reporter: Reporter, wish: Wish
) -> tuple[bool, tuple[Verdict, ...]]:
    """Tell whether the target went away in the middle, and what was found."""
    try:
        return False, judge(target, plan, reporter, wish)
    except WentAway as away:
        return True, away.verdicts


def _named(given: Namespace) -> tuple[str, ...]:
    """Give the rules that the command line names, one by one."""
    return rulebook.chosen(given.profile, given.rule) if given.rule else ()


def _write(run: Run, judged: Target, given: Namespace) -> None:
    if given.report is not None:
        given.report.mkdir(parents=True, exist_ok=True)
        (given.report / "report.json").write_text(json.written(run), encoding="utf-8")
        (given.report / "report.html").write_text(page.written(run), encoding="utf-8")
        (given.report / "junit.xml").write_bytes(junit.written(run))
        for verdict in run.verdicts:
            if verdict.broken is not None:
                _write_failure(verdict, judged, given.report)
    if given.json is not None:
        given.json.write_text(json.written(run), encoding="utf-8")
    if given.junit is not None:
        given.junit.write_bytes(junit.written(run))


def _write_failure(verdict: Verdict, judged: Target, folder: Path) -> None:
    assert verdict.broken is not None
    sentence = verdict.rule.sentence
    name = verdict.rule.id
    (folder / f"{name}.json").write_text(json.record(verdict), encoding="utf-8")
    text = shell.script(verdict.broken, judged, sentence)
    (folder / f"{name}.sh").write_text(text, encoding="utf-8")


_ENDS = {
    End.BREAKS: Exit.NOT_CONFORMANT,
    End.HOLDS: Exit.CONFORMANT,
    End.ASTRAY: Exit.INCOMPLETE,
}


def client(given: Namespace) -> Exit:
    """Judge a client by its command."""
    return command.judge(given)


def replay(given: Namespace) -> Exit:
    """Do a recorded history again and tell whether it still breaks."""
    if is_ours(given.file):
        return command.replay(given.file)
    record = read_record(given.file)
    with _target(given) as judged:
        try:
            replayed = rerun(Hands(judged), record)
        except Missing as missing:
            say(f"cannot be replayed here: {missing}")
            return Exit.INCOMPLETE
    _tell(replayed, len(record["steps"]))
    return _ENDS[replayed.end]


def _tell(replayed: Replayed, steps: int) -> None:
    say(f"{replayed.rule} {replayed.end.value} ({steps} steps replayed)")
    say(f"  expected  {replayed.expected}")
    if replayed.received:
        say(f"  received  {replayed.received}")
    if replayed.note:
        say(f"  note      {replayed.note}")


def explain(given: Namespace) -> Exit:
    """Print what a rule says and why, who keeps it, what proves it, what commonly breaks it."""
    rule = rulebook.rules().get(given.id.upper())
    if rule is None:
        msg = f"no rule {given.id!r}; `broker-conformance rules` lists them"
        raise ValueError(msg)
    say(f"{rule.id}  {rule.level}  {rule.chapter}")
    say(f'  "{rule.sentence}"')
    for name in rule.source.split():
        say(f"  reason    {name}: {rulebook.sources()[name]}")
    say("            broker_sim/contract/requirements.toml")
    say(f"  kept by   the {rule.keeper}")
    for each in judging(rule.id):
        say(f"  property  conformance/broker/{each.place} {each.name}")
        say(f"            {each.doc}")
        for case in each.cases[rule.id]:
            say(f"            needs: {case}")
    if rule.id in rulebook.EXCLUDED:
        say(f"  excluded  {rulebook.EXCLUDED[rule.id]}")
    elif rule.keeper == "client":
        for tried in (each for each in CASES if rule.id in each.cases):
            say(f"  case      conformance/client/chapters/{tried.place} {tried.name}")
            say(f"            {tried.doc}")
    for cause in causes(rule.id):
        say(f"  cause     {cause.doc}")
        say(f"            {'mutant ' if rule.keeper == 'broker' else ''}{cause.place}")
    return Exit.CONFORMANT


def rules(given: Namespace) -> Exit:
    """List the rules: judged ones with their number of properties, others with why not."""
    chosen = rulebook.chosen(given.profile)
    for rule in rulebook.rules().values():
        if rule.id in chosen:
            how = f"{len(judging(rule.id))} properties"
        elif rule.keeper == "client":
            how = "a client's"
        else:
            how = f"excluded: {rulebook.EXCLUDED.get(rule.id, 'not in this profile')}"
        say(f"{rule.id:<9} {rule.level:<6} {how}")
    return Exit.CONFORMANT
