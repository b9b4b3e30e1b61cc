"""REC-4: the tables of `remoteDiagnostics.txt` are read as they stand there."""

from __future__ import annotations

from broker_sim.core.diagnostics import Section, sections

TWO = """\
Remote diagnostics

== System ==
Name   Value
------ -----
Memory 8 GB
Disk

== Tasks ==
PID
---
7"""


def test_tables_are_read_by_the_rule_below_their_names() -> None:
    """REC-4: a cell may be empty; a table ends at an empty line, or with the text."""
    assert sections(TWO) == (
        Section("System", ("Name", "Value"), (("Memory", "8 GB"), ("Disk", ""))),
        Section("Tasks", ("PID",), (("7",),)),
    )


def test_a_table_without_rows_is_one_all_the_same() -> None:
    """REC-4: at the end of the text, and before another."""
    empty = "== A ==\nX Y\n- -"

    assert sections(empty) == (Section("A", ("X", "Y"), ()),)
    assert sections(f"{empty}\n\n== B ==\nZ\n-\n1\n")[1] == Section("B", ("Z",), (("1",),))
    assert sections(f"{empty}\n\nnot a row")[0].rows == ()


def test_what_is_no_table_is_passed_over() -> None:
    """REC-4: a title without a rule, a rule without a title, less than three lines."""
    for text in ("", "== A ==", "== A ==\nX", "== A ==\nX\nY\n", "A\nX\n---\n1\n"):
        assert sections(text) == ()


def test_a_table_whose_names_are_blank_has_its_rows() -> None:
    """REC-4: only a line below the rule can end it."""
    assert sections("== A ==\n\n---\n1\n\n2") == (Section("A", ("",), (("1",),)),)
