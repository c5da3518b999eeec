"""Shrinking: the smallest case that shows the same divergence, for many causes in a few rounds.

A round asks for the next simplifications of every case that is still being shrunk, all at once: one batch per
target, however many causes there are. Of those that keep the divergence the simplest is gone on with. So the
number of times a target is started grows with the depth of the search, not with the number of causes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.minimise.asking import Ask, Patience, shows
from harness.minimise.simplicity import moves, simplicity, trigger
from harness.model import Case, Plain
from harness.specs.declaration import Spec

BREADTH = 8
"""Simplifications of one case asked for in a round: enough for every parameter of most subjects at once, few
enough that a bold one that works makes the timid ones unnecessary."""
ROUNDS = 60
"""An end for a search that never finds one; each round makes its cases simpler, so it is not reached."""

SpecOf = Callable[[str, str], Spec | None]


@dataclass
class Quest:
    """One cause's search for its smallest case."""

    fingerprint: str
    case: Case
    spec: Spec | None = None
    step: str = ""
    """Where the divergence shows."""
    start: Case | None = None
    tried: set[str] = field(default_factory=set)
    finished: bool = False
    cause: str = ""
    """What the divergence must stay part of; empty: whatever it is part of."""

    def __post_init__(self) -> None:
        self.start = self.start or self.case

    @property
    def trigger(self) -> dict[str, Plain]:
        """The parameters that had to stay."""
        return trigger(self.case, self.spec)

    def wanted(self) -> list[Case]:
        """The next simplifications to try."""
        ahead = [c for c in moves(self.case, self.spec, self.step) if c.hash not in self.tried]
        leaner = [c for c in ahead if c.parameters == self.case.parameters and c.feed == self.case.feed]
        return leaner or ahead[:BREADTH]


def shrink(quests: Sequence[Quest], ask: Ask, *, patience: Patience, say: Callable[[str], None]) -> None:
    """Shrink every quest's case as far as it goes, or until the time is up."""
    for number in range(ROUNDS):
        open_quests = [(q, q.wanted()) for q in quests if not q.finished]
        for quest, wanted in open_quests:
            quest.finished = not wanted
        open_quests = [(q, wanted) for q, wanted in open_quests if wanted]
        if not open_quests or patience.over:
            return
        cases = {c.hash: c for _, wanted in open_quests for c in wanted}
        say(f"round {number + 1}: {len(open_quests)} causes, {len(cases)} simpler cases")
        answers = ask(list(cases.values()))
        for quest, wanted in open_quests:
            quest.tried |= {c.hash for c in wanted}
            kept = [c for c in wanted if shows(answers.get(c.hash), quest.fingerprint, quest.cause)]
            if kept:
                quest.case = min(kept, key=lambda c: simplicity(c, quest.spec))
