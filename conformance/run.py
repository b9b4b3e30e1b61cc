"""One finished run: on what, with what, and what came of it."""

from dataclasses import dataclass

from conformance.verdict import Exit, Verdict, exit_code


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

    @property
    def exit(self) -> Exit:
        """The exit code."""
        return exit_code(self.verdicts)

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
