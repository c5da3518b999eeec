"""Observations that no target made: a store of any size, to measure what is done with a store.

A history is drawn per subject: in some releases of a lineage it comes or goes, in some it changes, now and
then back again. Cases of the subject take part in a change or do not. Beside that the last bits of numbers
differ from build to build, as they do between builds of TensorFlow, and evidence is there that says so. Every
draw hangs on a name, so the same store comes out everywhere.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness import judging
from harness.history import module_of
from harness.model import Case, Outcome, digest
from harness.report.matrix_records import Column
from harness.run.wire import Sighting
from harness.store import Key, Store

RELEASES: Mapping[str, int] = {"tf.keras": 20, "keras": 14, "tf_keras": 6}
"""Targets of each lineage."""
GRAPHS: Mapping[str, int] = {"tf.keras": 7, "keras": 6}
"""Releases of each lineage that compute in graphs: what differs there is repeated oftener."""
WITHOUT_FLOAT64 = 10
"""One column in so many has no shadow, so that jitter decides there."""
BUILD = 3
"""Consecutive releases that compute with the same kernels."""
SORTS = ("numbers", "training", "config", "key", "name", "warning", "raises", "dtype", "shape", "message")
"""What a change changes."""
HOW = "invented"
"""Stands for the digest of the scripts."""

State = tuple[tuple[str, int], ...]
"""What changed up to a release: sort and number of each change."""


def columns(releases: Mapping[str, int] = RELEASES) -> list[Column]:
    """Targets of several lineages, each with its fingerprint."""
    made = [
        Column(
            id=f"{name}-{number}",
            implementation=name,
            version=str(number),
            backend="tensorflow",
            namespace=name,
            lineages=(name,),
            order=(number,),
            fingerprint=digest([name, number]),
        )
        for name, count in releases.items()
        for number in range(1, count + 1)
    ]
    for place in range(WITHOUT_FLOAT64 - 1, len(made), WITHOUT_FLOAT64):
        made[place] = _without_float64(made[place])
    return made


def _without_float64(column: Column) -> Column:
    return Column(**{**column.__dict__, "float64": False, "backend": "jax"})


@dataclass(frozen=True)
class Turn:
    """One change in the history of a subject along one lineage."""

    sort: str
    number: int
    since: int
    until: int
    """The release in which it is taken back; one beyond the last where it stays."""


@dataclass(frozen=True)
class Past:
    """The history of one subject: per lineage the releases that have it, and its changes."""

    has: Mapping[str, range]
    turns: Mapping[str, tuple[Turn, ...]]


def past_of(subject: str, releases: Mapping[str, int]) -> Past:
    """The history of a subject; the same one every time."""
    draw = random.Random(subject)
    has, turns = {}, {}
    for name, count in releases.items():
        first = 1 if draw.random() < 0.7 else draw.randint(1, count)
        last = count if draw.random() < 0.95 else draw.randint(first, count)
        has[name] = range(first, last + 1)
        found = []
        for number in range(draw.choice((0, 0, 1, 1, 2, 3, 5))):
            since = draw.randint(1, count)
            until = draw.randint(since + 1, count + 1) if draw.random() < 0.2 else count + 1
            found.append(Turn(draw.choice(SORTS), number, since, until))
        turns[name] = tuple(found)
    return Past(has, turns)


@dataclass
class Invented:
    """The observations of one case by every column."""

    case: Case
    columns: Sequence[Column]
    releases: Mapping[str, int]
    _packed: dict[Any, Sighting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draw = random.Random(self.case.hash)
        self.takes_part = draw.random() < 0.6
        self.raises = draw.random() < 0.2
        self.bits = draw.choice((1, 1, 2, 3))
        self.elements = draw.choice((4, 12, 32, 64, 128, 512))
        self.seed = draw.getrandbits(32)

    def rows(self) -> Iterator[tuple[Key, Sighting]]:
        """Every observation, with the evidence for each that differs from the others."""
        past = past_of(self.case.subject, self.releases)
        firsts: dict[str, tuple[Column, State, int]] = {}
        for column in self.columns:
            name, number = column.implementation, column.order[0]
            if number not in past.has[name]:
                yield self.key(self.case, column), self.absent()
                continue
            state = tuple(
                (t.sort, t.number)
                for t in past.turns[name]
                if t.since <= number < t.until and (self.takes_part or t.sort == "config")
            )
            build = number // BUILD % self.bits
            made = self.sighting(state, build)
            yield self.key(self.case, column), made
            if self.bits > 1 and made.outcome is Outcome.RETURNED:
                firsts.setdefault(made.payload, (column, state, build))
        moved = not all(column.float64 for column, _, _ in firsts.values())
        for column, state, build in firsts.values():
            yield from self.evidence(column, state, build, moved=moved)

    def evidence(
        self, column: Column, state: State, build: int, *, moved: bool
    ) -> Iterator[tuple[Key, Sighting]]:
        """What tells rounding from the rest: the case in float64, or with moved inputs twice, and once more.

        moved: whether inputs are moved here; so it is on both sides where one of them has no float64.
        """
        for variant in judging.evidence_cases(self.case, judging.DETERMINED):
            shadow = variant.variant == judging.SHADOW
            if column.float64 if shadow else moved:
                made = self.sighting(state, build, "float64" if shadow else str(variant.variant))
                yield self.key(variant, column), made
                if not shadow:
                    yield self.key(variant, column, 1), made
        graph = column.order[0] <= GRAPHS.get(column.implementation, 0)
        for repeat in range(1, (judging.MOST_REPEATS if graph else 1) + 1):
            again = judging.again(self.case, judging.DETERMINED)
            yield self.key(again, column, repeat), self.sighting(state, build)

    def key(self, case: Case, column: Column, repeat: int = 0) -> Key:
        """What identifies an observation."""
        return Key(case.hash, column.fingerprint, HOW, repeat)

    def absent(self) -> Sighting:
        """The subject is not there."""
        return self._kept("absent", Outcome.MISSING, lambda: ([], []), stopped=True)

    def sighting(self, state: State, build: int, how: str = "float32") -> Sighting:
        """What is observed where this has changed; `how` is a variant."""
        sorts = dict.fromkeys(sort for sort, _ in state)
        if self.raises or "raises" in sorts:
            steps = [*self.made(state)[:-1], self.error(state)]
            return self._kept((state, "raised"), Outcome.RAISED, lambda: (steps, []), stopped=True)
        return self._kept((state, build, how), Outcome.RETURNED, lambda: self.steps(state, build, how))

    def _kept(self, key: Any, outcome: Outcome, make: Any, *, stopped: bool = False) -> Sighting:
        if key not in self._packed:
            steps, arrays = make()
            text = json.dumps(steps, sort_keys=True).encode()
            body = text + b"\0" + b"".join(a.tobytes() for a in arrays)
            self._packed[key] = Sighting(self.case.hash, "", outcome, body, stopped=stopped, seconds=0.01)
        return self._packed[key]

    def made(self, state: State) -> list[dict[str, Any]]:
        """The steps before anything is computed."""
        sorts = dict(state)
        config: dict[str, Any] = {f"argument_{n}": None for n in range(12)}
        config |= dict(self.case.parameters)
        config |= {"name": "subject", "trainable": True, "dtype": "float32"}
        config |= {"kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}}
        if "config" in sorts:
            config["dtype"] = {"class_name": "DTypePolicy", "config": {"name": "float32"}}
        if "key" in sorts:
            config[f"added_{sorts['key']}"] = "auto"
        text = f"The argument is deprecated since release {sorts.get('warning')}."
        warned = [{"category": "FutureWarning", "text": text}] if "warning" in sorts else []
        return [
            {"kind": "structure", "status": "returned", "step": "construct", "warnings": warned},
            {"kind": "config", "status": "returned", "step": "config", "value": config, "warnings": []},
            {"kind": "structure", "status": "returned", "step": "build", "warnings": []},
        ]

    def error(self, state: State) -> dict[str, Any]:
        """The step that raises."""
        told = dict(state).get("message", 0)
        message = f"Expected an argument that suits {self.case.subject}. Received: {'another ' * told}one."
        error = {"type": "ValueError", "bases": ["ValueError", "Exception"], "message": message}
        return {"kind": "structure", "status": "raised", "step": "build", "error": error, "warnings": []}

    def steps(self, state: State, build: int, how: str) -> tuple[list[dict[str, Any]], list[Any]]:
        """All steps and their arrays, in the protocol's form."""
        sorts = dict(state)
        wide = how == "float64"
        dtype = "float64" if wide else "float16" if "dtype" in sorts else "float32"
        arrays: list[Any] = []
        size = 0

        def array(values: Any, shape: list[int]) -> dict[str, Any]:
            nonlocal size
            entry = {"$array": [dtype, shape, size]}
            arrays.append(values.astype(dtype))
            size += arrays[-1].nbytes
            return entry

        exact = np.random.RandomState(self.seed).standard_normal(self.elements)
        exact += 0.01 * (1 + sorts["numbers"]) if "numbers" in sorts else 0.0
        bits = 0 if wide else build + (how != "float32") * int(how[-1:] or 0 if how[-1:].isdigit() else 0)
        forward = exact * (1 + bits * 2.0**-23)
        training = forward * (1.5 if "training" in sorts else 1.0)
        shape = [2, self.elements // 2] if "shape" not in sorts else [self.elements]
        weights = [
            {"dtype": dtype, "name": name, "shape": [4, 4], "trainable": True, "variable": name}
            for name in ("kernel" if "name" not in sorts else f"w{sorts['name']}", "bias")
        ]
        told: list[dict[str, Any]] = [
            {"kind": "names and order", "status": "returned", "step": "weights", "value": weights},
            {"kind": "value", "status": "returned", "step": "forward", "value": array(forward, shape)},
            {"kind": "value", "status": "returned", "step": "training", "value": array(training, shape)},
            {"kind": "value", "status": "returned", "step": "losses", "value": []},
        ]
        return [*self.made(state), *told], arrays


def fill(store: Store, cases: Sequence[Case], made: Sequence[Column]) -> int:
    """Keep what every column observed of every case; returns how many observations there are."""
    releases = {c.implementation: c.order[0] for c in made}
    store.keep_cases(cases)
    for column in made:
        store.keep_target(column.fingerprint, column.id, {})
    rows = (row for case in cases for row in Invented(case, made, releases).rows())
    return store.add_all(rows)


def scripts_of(cases: Sequence[Case]) -> dict[str, str]:
    """What a run keeps of how its cases were performed."""
    return dict.fromkeys((module_of(case) for case in cases), HOW)
