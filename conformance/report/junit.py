"""A run as JUnit XML: one test case per rule, one class per chapter."""

from lxml import etree

from conformance.report.story import lines
from conformance.report.whole import struck
from conformance.run import Run
from conformance.verdict import Result, Verdict

_FAILED = frozenset({Result.FAIL, Result.WARN, Result.XPASS})
_SKIPPED = frozenset({Result.NOT_TESTABLE, Result.NOT_APPLICABLE, Result.XFAIL})


def written(run: Run) -> bytes:
    """Write a run."""
    results = [verdict.result for verdict in run.verdicts]
    root = etree.Element("testsuites")
    suite = etree.SubElement(
        root,
        "testsuite",
        name="broker-conformance",
        tests=str(len(results)),
        failures=str(sum(result in _FAILED for result in results)),
        errors=str(results.count(Result.HARNESS_ERROR)),
        skipped=str(sum(result in _SKIPPED for result in results)),
        time=f"{run.seconds:.3f}",
    )
    properties = etree.SubElement(suite, "properties")
    facts = {
        "target": run.target,
        "contract": f"{run.version} ({run.contract})",
        "profile": run.profile,
    }
    for name, value in {**facts, "seed": str(run.seed), "exit": str(run.exit.value)}.items():
        etree.SubElement(properties, "property", name=name, value=_legal(value))
    for verdict in run.verdicts:
        _case(suite, verdict)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _case(suite: etree._Element, verdict: Verdict) -> None:
    case = etree.SubElement(
        suite,
        "testcase",
        classname=verdict.rule.chapter,
        name=verdict.rule.id,
        time=f"{verdict.seconds:.3f}",
    )
    why = _legal("; ".join(verdict.why))
    if verdict.result is Result.HARNESS_ERROR:
        etree.SubElement(case, "error", message="the suite itself failed").text = why
    elif verdict.result in _SKIPPED:
        etree.SubElement(case, "skipped", message=f"{verdict.result.value}: {why}")
    elif verdict.result in _FAILED:
        message = f"{verdict.result.value}: {_legal(_message(verdict))}"
        etree.SubElement(case, "failure", message=message).text = _legal(_told(verdict))


def _message(verdict: Verdict) -> str:
    broken = verdict.broken
    if broken is None:
        return "; ".join(verdict.why)
    return f"expected {broken.expected}; received {struck(broken.received, broken)}"


def _told(verdict: Verdict) -> str:
    head = f'"{verdict.rule.sentence}"\n'
    if verdict.broken is None:
        return head
    rows = [f"{row.number:3} {row.at:>9} {row.what}  {row.came}" for row in lines(verdict.broken)]
    return head + "\n".join(rows)


def _legal(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
