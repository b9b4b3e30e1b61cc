"""Commands to copy: how a run, or one failure of it, is had again."""

from __future__ import annotations

import shlex
from argparse import Namespace
from pathlib import Path

from conformance.rulebook import PROFILES
from conformance.run import Run
from conformance.verdict import Verdict


def broker_named(given: Namespace) -> str:
    """Say how the command line named a broker; in the place of a token stands TOKEN."""
    words = [given.url] if given.url else []
    words += ["--self"] if given.self else []
    words += ["--workers", str(given.workers)] if given.workers else []
    for option in ("target", "ca", "control"):
        value = getattr(given, option)
        words += [] if value is None else [f"--{option}", str(value)]
    return shlex.join([*words, *(["--token", "TOKEN"] if given.token is not None else [])])


def client_named(given: Namespace) -> str:
    """Say how the command line named a client, its command left out; "" for the plain protocol."""
    return "" if given.adapter == "plain" else shlex.join(["--adapter", given.adapter])


def judged_again(run: Run) -> str:
    """Give the command that judges the same by the same draws."""
    if run.profile in {*PROFILES, "full"}:
        which = f"--profile {run.profile}"
    else:
        which = " ".join(f"--rule {verdict.rule.id}" for verdict in run.verdicts)
    about = f"{run.how} {which} --contract {run.version}".strip()
    if run.kind == "client":
        return f"broker-conformance client {about} --seed {run.seed} -- {run.target}"
    return f"broker-conformance broker {about} --examples {run.examples} --seed {run.seed}"


def replayed(run: Run, folder: Path, rule: str) -> str:
    """Give the command that does the history of a failure again."""
    how = f" {run.how}" if run.kind == "broker" else ""
    return f"broker-conformance replay {shlex.quote(str(folder / rule))}.json{how}"


def scripted(run: Run, folder: Path, verdict: Verdict) -> str:
    """Give the command that does it again without us; "" where there is none."""
    if run.kind == "client" and not verdict.script:
        return ""
    words = f"sh {shlex.quote(str(folder / verdict.rule.id))}.sh"
    if run.kind == "client":
        return words
    token = "TOKEN=... " if run.clock else ""
    # What we started ourselves is gone.
    return f"{token}{words}{' BASE CONTROL' if run.how.startswith('--self') else ''}"
