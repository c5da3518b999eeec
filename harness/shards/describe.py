"""What a shard is, as plain JSON: targets × a slice of the planned cases, or a list of errands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import WrongUse
from harness.model import Case
from harness.store import case_from
from harness.targets import Pair

FORMAT = "keras-compat-harness/plan/1"


@dataclass(frozen=True)
class Errand:
    """Cases that one target is to perform, named one by one."""

    target: str
    repeat: int
    cases: tuple[Case, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        cases = [case.plain() | {"label": case.label, "limit": case.limit} for case in self.cases]
        return {"target": self.target, "repeat": self.repeat, "cases": cases}


@dataclass(frozen=True)
class Shard:
    """A part of a run that can be performed by itself, on any machine.

    Its cases are those of the plan whose hash falls into its slice: the same on every machine, and a case
    that is added moves no other. With `errands` it has just these cases instead.
    """

    name: str
    targets: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()
    """Pairs of its targets: what rounding cannot be told from meaning without is observed with the cases."""
    place: int = 0
    of: int = 1
    """Slice `place` of `of`."""
    profile: str = "quick"
    only: tuple[str, ...] = ()
    seed: int = 0
    errands: tuple[Errand, ...] = ()
    locks: Mapping[str, str] | None = None
    """Of targets whose requirements are open: id → what they were resolved to when the run was planned."""

    def takes(self, case: Case) -> bool:
        """Whether a planned case is in the slice."""
        return int(case.hash[:12], 16) % self.of == self.place

    def repeats(self, target: str) -> tuple[int, ...]:
        """How often each case is performed on a target: a target held against itself is observed twice."""
        twice = any(pair.reference == pair.candidate == target for pair in self.pairs)
        return (0, 1) if twice else (0,)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(replace(self, errands=())) | {"errands": [e.plain() for e in self.errands]}


def errand_cases(shard: Shard) -> Iterator[Case]:
    """Every case of a shard's errands."""
    for errand in shard.errands:
        yield from errand.cases


@dataclass(frozen=True)
class Plan:
    """A run in shards."""

    shards: tuple[Shard, ...]
    pairs: tuple[Pair, ...] = ()
    """What is judged when all is there."""
    profile: str = "quick"
    only: tuple[str, ...] = ()
    seed: int = 0
    faults: tuple[Mapping[str, Any], ...] = ()
    """What could not even be planned, such as a target whose requirements could not be resolved."""
    columns: tuple[str, ...] = ()
    """Targets that are columns of a matrix when all is there."""
    made: str = ""
    """When it was planned: what a store holds of a shard of this name from before is of another run."""

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"format": FORMAT} | asdict(self) | {"shards": [shard.plain() for shard in self.shards]}

    def shard(self, name: str) -> Shard:
        """The shard of this name. Raises `WrongUse` when there is none."""
        for shard in self.shards:
            if shard.name == name:
                return shard
        known = ", ".join(shard.name for shard in self.shards)
        raise WrongUse(f"Expected `--name` to be one of {known}. Received: '{name}'.")


def shard_from(data: Mapping[str, Any]) -> Shard:
    """A shard from its JSON. Raises `WrongUse` for what is none."""
    try:
        return Shard(
            name=data["name"],
            targets=tuple(data["targets"]),
            pairs=tuple(Pair(**pair) for pair in data["pairs"]),
            place=int(data["place"]),
            of=int(data["of"]),
            profile=data["profile"],
            only=tuple(data["only"]),
            seed=int(data["seed"]),
            errands=tuple(
                Errand(e["target"], int(e["repeat"]), tuple(case_from(case) for case in e["cases"]))
                for e in data["errands"]
            ),
            locks=data.get("locks"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WrongUse(
            f"Expected a shard as `harness shard plan` writes it. Received one without {error}. Plan again "
            "with this version of the harness."
        ) from error


def plan_from(data: Mapping[str, Any]) -> Plan:
    """A plan from its JSON. Raises `WrongUse` for what is none."""
    if data.get("format") != FORMAT:
        raise WrongUse(
            f"Expected a plan of the format {FORMAT}. Received: {data.get('format')!r}. "
            "Plan again with this version of the harness."
        )
    try:
        return Plan(
            shards=tuple(shard_from(shard) for shard in data["shards"]),
            pairs=tuple(Pair(**pair) for pair in data["pairs"]),
            profile=data["profile"],
            only=tuple(data["only"]),
            seed=int(data["seed"]),
            faults=tuple(data["faults"]),
            columns=tuple(data["columns"]),
            made=data["made"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WrongUse(f"Expected a whole plan. Received one without {error}. Plan again.") from error


def read(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file. Raises `WrongUse` when there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(
            f"Expected '{path}' to be a file of `harness shard plan`. Received: {error}."
        ) from error
    if not isinstance(data, dict):
        raise WrongUse(f"Expected '{path}' to hold a JSON object. Received: {type(data).__name__}.")
    return data


def read_shard(path: Path, name: str | None) -> Shard:
    """The shard a file describes, or the one of this name in a plan."""
    data = read(path)
    if "format" in data:
        plan = plan_from(data)
        if name is None and len(plan.shards) != 1:
            known = ", ".join(shard.name for shard in plan.shards)
            raise WrongUse(f"Expected `--name` beside a plan: one of {known}. Received: none.")
        return plan.shard(name) if name else plan.shards[0]
    return shard_from(data)


def read_plan(path: Path) -> Plan:
    """The plan a file holds."""
    return plan_from(read(path))


def write(data: Mapping[str, Any], path: Path) -> None:
    """Write plain data as a file."""
    _write(data, path)


def write_list(data: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a list of plain data as a file."""
    _write(data, path)


def _write(data: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def names(shards: Sequence[Shard]) -> str:
    """The names of shards in one line."""
    return ", ".join(shard.name for shard in shards)
