"""One finished run: on what, with what, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from conformance.verdict import Exit, Result, Verdict, exit_code

# The profile of a run whose rules were named one by one.
CHOSEN: Final = "chosen rules"


@dataclass(frozen=True, slots=True)
class Run:
    """A run and its verdicts.

    Attributes:
        target: the base URL.
        profile: of rules.
        seed: of all chance.
        examples: that a property of share 1 drew.
        contract: digest of the rules and of their text.
        version: of the contract.
        clock: whether the target's time could be moved.
        seconds: the run took.
        kind: "broker" or "client": what was judged; of a client the target is its command, and
            the examples are its cases.
        how: the words by which the command line named it.
        gone: the target went away in the middle.
    """

    target: str
    profile: str
    seed: int
    examples: int
    contract: str
    version: str
    clock: bool
    seconds: float
    verdicts: tuple[Verdict, ...]
    kind: str = "broker"
    how: str = ""
    gone: bool = False

    @property
    def expected(self) -> Mapping[str, str]:
        """The failures that the baseline has excused, by rule, each with why."""
        excused = (each for each in self.verdicts if each.result is Result.XFAIL)
        return {each.rule.id: "; ".join(each.why) for each in excused}

    @property
    def scope(self) -> str:
        """Say which rules the verdict is about, those that the target does not claim left out."""
        judged = sum(each.result is not Result.NOT_APPLICABLE for each in self.verdicts)
        if self.profile == CHOSEN:
            return f"{judged} chosen rule{'' if judged == 1 else 's'}"
        whole = len(self.verdicts)
        return self.profile if judged == whole else f"{judged} of {whole} rules of {self.profile}"

    @property
    def exit(self) -> Exit:
        """The exit code."""
        code = exit_code(self.verdicts)
        return Exit.UNREACHABLE if self.gone and code is Exit.INCOMPLETE else code

    @property
    def head(self) -> str:
        """Say in one line what the verdicts are about."""
        clock = "virtual clock" if self.clock else "no clock"
        what = "examples" if self.kind == "broker" else "cases"
        contract = f"contract {self.version} ({self.contract})"
        return (
            f"{self.kind} {self.target} | {contract} | profile {self.profile} | "
            f"seed {self.seed} | {self.examples} {what} | {clock} | {self.seconds:.1f} s"
        )
