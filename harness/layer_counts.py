"""Which layers both sides of a pair have performed, and what keeps the others from it.

A layer counts once both targets have computed its outputs in the first case of its spec, the plainest. Cases
are those of `quick`, so what an earlier run of a pair observed is not performed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.errors import HarnessFault
from harness.judging import Contestant
from harness.model import Case, Observation, Outcome, Step, StepStatus
from harness.plan import plan
from harness.specs.declaration import Spec
from harness.targets import Pair

SCRIPT = "layer"
OUTPUTS = "forward"
"""The step of a layer case that holds its outputs."""


class Standing(StrEnum):
    """How a layer stands on a target."""

    PERFORMED = "performed"
    MISSING = "missing"
    UNSUPPORTED = "unsupported"
    RAISED = "raised"
    LOST = "crashed or timed out"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True)
class Stand:
    """A layer on a target, and the reason where it was not performed."""

    standing: Standing
    reason: str = ""


@dataclass(frozen=True)
class Counted:
    """The layers of one pair."""

    pair: Pair
    sides: tuple[Mapping[str, Stand], Mapping[str, Stand]]
    """Subject → how it stands, on the reference and on the candidate; both hold every layer there is."""
    lost: tuple[str, ...] = ()
    """Targets that could not be had."""

    @property
    def both(self) -> tuple[str, ...]:
        """Layers that both sides have performed."""
        one, two = self.sides
        return tuple(s for s in one if one[s].standing is two[s].standing is Standing.PERFORMED)

    def wanting(self, side: int) -> dict[Stand, list[str]]:
        """Layers that one side has not performed, by how they stand."""
        out: dict[Stand, list[str]] = {}
        for subject, stand in self.sides[side].items():
            if stand.standing is not Standing.PERFORMED:
                out.setdefault(stand, []).append(subject)
        return out


def first_cases(specs: Iterable[Spec]) -> list[Case]:
    """The first case of every layer under spec."""
    layers = [s for s in specs if s.script == SCRIPT and s.subject.startswith("layers.")]
    out: dict[str, Case] = {}
    for case in plan(layers):
        out.setdefault(case.subject, case)
    return list(out.values())


def stand_of(observation: Observation | None) -> Stand:
    """How a layer stands by the observation of its case."""
    if observation is None:
        return Stand(Standing.NOT_OBSERVED, "the store holds no observation of it")
    if observation.outcome is Outcome.MISSING:
        return Stand(Standing.MISSING, "this API does not have it")
    if observation.outcome in (Outcome.TIMED_OUT, Outcome.CRASHED):
        return Stand(Standing.LOST, str(observation.outcome))
    outputs = observation.step(OUTPUTS)
    if outputs is not None and outputs.status is StepStatus.RETURNED:
        return Stand(Standing.PERFORMED)
    last = outputs or (observation.steps[-1] if observation.steps else None)
    if last is None:
        return Stand(Standing.NOT_OBSERVED, f"the case ended without a step: {observation.outcome}")
    return stand_at(last)


def stand_at(step: Step) -> Stand:
    """How a layer stands whose case got no further than a step."""
    if step.status is StepStatus.RAISED and step.raised is not None:
        said = " ".join(step.raised.message.split())
        return Stand(Standing.RAISED, f"{step.name}: {step.raised.type}: {said}")
    standing = {
        StepStatus.UNSUPPORTED: Standing.UNSUPPORTED,
        StepStatus.MISSING: Standing.MISSING,
    }.get(step.status, Standing.NOT_OBSERVED)
    return Stand(standing, f"{step.name}: {step.reason or 'the case ended here'}")


def counted(
    pair: Pair,
    cases: Sequence[Case],
    sides: Sequence[Contestant | HarnessFault],
    observed: Callable[[Contestant, Case], Observation | None],
) -> Counted:
    """How every layer stands on both sides; of a side that could not be had, none is observed."""
    one, two = (
        {
            case.subject: Stand(Standing.NOT_OBSERVED, str(side))
            if isinstance(side, HarnessFault)
            else stand_of(observed(side, case))
            for case in cases
        }
        for side in sides
    )
    lost = [
        id
        for id, side in zip((pair.reference, pair.candidate), sides, strict=True)
        if isinstance(side, HarnessFault)
    ]
    return Counted(pair, (one, two), tuple(dict.fromkeys(lost)))


def lines(each: Counted) -> Iterator[str]:
    """What a person is told of a pair."""
    tried = len(each.sides[0])
    yield (
        f"{each.pair.name}: {len(each.both)} of {tried} layers performed by both "
        f"{each.pair.reference} and {each.pair.candidate}"
    )
    for side, target in enumerate(each.pair.targets):
        for stand, subjects in each.wanting(side).items():
            yield f"  {target}: {stand.standing}: {names(subjects)} ({short(stand.reason)})"


def table(every: Sequence[Counted]) -> Iterator[str]:
    """The counts as a Markdown table, and below it what is wanting, target by target."""
    yield "| pair | both sides | reference | candidate | tried |"
    yield "|---|---|---|---|---|"
    for each in every:
        performed = [len(s) - sum(map(len, each.wanting(i).values())) for i, s in enumerate(each.sides)]
        yield (
            f"| `{each.pair.name}` | {len(each.both)} | {performed[0]} | {performed[1]} | "
            f"{len(each.sides[0])} |"
        )
    told: set[str] = set()
    for each in every:
        for side, target in enumerate(each.pair.targets):
            if target not in told and each.wanting(side):
                told.add(target)
                yield ""
                yield f"`{target}`:"
                yield ""
                yield from listed(each.wanting(side))


def listed(wanting: Mapping[Stand, Sequence[str]]) -> Iterator[str]:
    """What a target has not performed as Markdown items."""
    for stand, subjects in wanting.items():
        yield f"- {stand.standing}: {names(subjects)}. {code(short(stand.reason))}"


def names(subjects: Sequence[str]) -> str:
    """Layers without the namespace they share."""
    return ", ".join(s.removeprefix("layers.") for s in subjects)


def code(text: str) -> str:
    """Text of a target's as Markdown code: nothing in it is markup."""
    return "`" + text.replace("`", "'") + "`"


def short(text: str, limit: int = 160) -> str:
    """A reason in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
