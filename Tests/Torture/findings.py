"""What the parts report: how much was tried, and what did not hold."""

import dataclasses
import sys


@dataclasses.dataclass
class Findings:
    """Of one part."""

    part: str
    tried: dict[str, int] = dataclasses.field(default_factory=dict)
    faults: list[str] = dataclasses.field(default_factory=list)
    seconds: float = 0

    def count(self, what: str, number: int = 1) -> None:
        self.tried[what] = self.tried.get(what, 0) + number

    def fault(self, what: str) -> None:
        self.faults.append(what)
        print(f"{self.part}: {what}", file=sys.stderr, flush=True)

    def expect(self, holds: bool, what: str) -> bool:
        if not holds:
            self.fault(what)
        return holds

    @property
    def row(self) -> str:
        tried = ", ".join(f"{number} {what}" for what, number in self.tried.items())
        return f"| {self.part} | {tried} | {len(self.faults)} | {self.seconds:.0f} |"


def table(parts: list[Findings]) -> str:
    return "\n".join(["| part | tried | findings | seconds |", "| --- | --- | --- | --- |"]
                     + [part.row for part in parts])
