"""What a reader has, held against what the writer had: findings, losses, and what rounding explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.compare import ladder, numbers
from harness.compare.numbers import Array
from harness.crossload import facts
from harness.crossload.records import Finding
from harness.crossload.table import ARCHITECTURE, COMPILED, OPTIMIZER, PREDICTIONS, WEIGHTS
from harness.model import Observation, Severity, StepStatus


@dataclass(frozen=True)
class Sides:
    """The two observations of a cell and their jitters, and each jitter once more."""

    written: Observation
    read: Observation
    written_jitters: tuple[Observation, ...] = ()
    read_jitters: tuple[Observation, ...] = ()
    written_again: tuple[Observation, ...] = ()
    read_again: tuple[Observation, ...] = ()


@dataclass
class Compared:
    """What comparing found."""

    findings: list[Finding] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    """Places whose numbers differ and for which there is no evidence yet."""
    unsteady: list[str] = field(default_factory=list)
    """Places where a target asked the same twice says two things, so that nothing is rounding's for sure."""
    compared: int = 0

    def differs(self, part: str, severity: Severity, what: str, written: Any = "", read: Any = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(part, severity, what, shown(written), shown(read)))


def shown(value: Any) -> str:
    """A value in few characters."""
    if isinstance(value, np.ndarray):
        value = np.array2string(value.reshape(-1)[:6], precision=8, separator=", ")
    text = str(value)
    return text if len(text) <= 300 else text[:299] + "…"


def compare(sides: Sides, carries: frozenset[str], *, has_step: bool) -> Compared:
    """Everything that a format carries, compared."""
    out = Compared()
    if ARCHITECTURE in carries:
        compare_config(sides, out)
    if WEIGHTS in carries:
        compare_weights(sides, out, named=ARCHITECTURE in carries)
        compare_numbers(sides, "predictions", "predictions", out)
    elif PREDICTIONS in carries:
        compare_numbers(sides, "predictions", "predictions", out)
    else:
        compare_architecture(sides, out)
        compare_numbers(sides, "given", "predictions with given weights", out)
    if COMPILED in carries:
        compare_compiled(sides, out)
    if OPTIMIZER in carries:
        compare_optimizer(sides, out)
    if has_step:
        compare_step(sides, out)
    return out


def value_of(observation: Observation, name: str) -> Any:
    """What a step returned; None when it did not."""
    step = observation.step(name)
    return step.value if step is not None and step.status is StepStatus.RETURNED else None


def compare_config(sides: Sides, out: Compared) -> None:
    """Class of the model, and every hyperparameter that both configs give."""
    one, two = value_of(sides.written, "class"), value_of(sides.read, "class")
    plain = {"Functional": "Model"}
    if one and two and plain.get(one, one) != plain.get(two, two):
        out.differs("class", Severity.STRUCTURE, f"a {one} became a {two}", one, two)
    first, second = value_of(sides.written, "config"), value_of(sides.read, "config")
    if first is None or second is None:
        return
    left, right = facts.layers_of(first), facts.layers_of(second)
    out.compared += 1
    for name in left:
        if name in right:
            for place, a, b in facts.common_differences(left[name], right[name]):
                out.differs(
                    "config", Severity.CONFIG, f"layer `{name}`: `{place}` was {a!r} and is {b!r}", a, b
                )


def compare_architecture(sides: Sides, out: Compared) -> None:
    """Layers in order, their classes and the shapes of their weights."""
    one, two = value_of(sides.written, "architecture"), value_of(sides.read, "architecture")
    if one is None or two is None:
        return
    one, two = ([layer for layer in side if layer["class"] != "InputLayer"] for side in (one, two))
    out.compared += 1
    names = [[layer["name"] for layer in side] for side in (one, two)]
    if names[0] != names[1]:
        out.differs("names", Severity.NAMES, "other layer names, or another order", *names)
    if len(one) != len(two):
        out.differs("layers", Severity.STRUCTURE, f"{len(one)} layers became {len(two)}", *names)
        return
    for a, b in zip(one, two, strict=True):
        for key, severity in (
            ("class", Severity.STRUCTURE),
            ("shapes", Severity.STRUCTURE),
            ("trainable", Severity.STRUCTURE),
        ):
            if a[key] != b[key] and not (key == "class" and {a[key], b[key]} <= {"Functional", "Model"}):
                what = f"layer `{a['name']}`: {key} was {a[key]!r} and is {b[key]!r}"
                out.differs("layers", severity, what, a[key], b[key])


Key = tuple[str, str, int]


def keyed(weights: Sequence[Any]) -> dict[Key, Array]:
    """Weights by layer, own name and how many of that name came before."""
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[Key, Array] = {}
    for weight in weights:
        name = weight["layer"], weight["name"]
        found[(*name, seen[name])] = np.asarray(weight["value"])
        seen[name] += 1
    return found


def bitwise(one: Array, two: Array) -> bool:
    """The same dtype, shape and bits."""
    return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()


def compare_weights(sides: Sides, out: Compared, *, named: bool) -> None:
    """Weights bit for bit: by name where the names are the same, else by their order.

    named: whether the file brings the layers. Where it holds weights only, the reader has built the model and
    given it names and an order of its own, which say nothing of the file.
    """
    one, two = value_of(sides.written, "weights"), value_of(sides.read, "weights")
    if one is None or two is None:
        return
    out.compared += 1
    left, right = keyed(one), keyed(two)
    in_order = len(one) == len(two) and all(map(bitwise, left.values(), right.values()))
    if left.keys() == right.keys():
        wrong = [key for key in left if not bitwise(left[key], right[key])]
        if wrong:
            key = wrong[0]
            what = f"{len(wrong)} of {len(left)} weights hold other values, first `{key[0]}/{key[1]}`"
            out.differs("weights", Severity.NUMBERS, what, left[key], right[key])
        elif named:
            compare_order(sides, out)
        return
    if not named and sorted(map(content, left.values())) == sorted(map(content, right.values())):
        out.notes.append("weights: all arrived, under the names that the reader gives them")
    elif in_order:
        out.differs(
            "names", Severity.NAMES, "the weights have other names",
            [f"{k[0]}/{k[1]}" for k in left], [f"{k[0]}/{k[1]}" for k in right],
        )  # fmt: skip
    elif Counter(content(v) for v in left.values()) == Counter(content(v) for v in right.values()):
        out.differs(
            "order of weights", Severity.NAMES, "the same values under other names in another order",
            [f"{k[0]}/{k[1]}" for k in left], [f"{k[0]}/{k[1]}" for k in right],
        )  # fmt: skip
    else:
        kept = Counter(content(v) for v in left.values()) & Counter(content(v) for v in right.values())
        what = f"of {len(left)} weights {kept.total()} arrived; {len(right)} are there"
        out.differs(
            "weights", Severity.NUMBERS, what,
            [(f"{k[0]}/{k[1]}", list(v.shape)) for k, v in left.items()],
            [(f"{k[0]}/{k[1]}", list(v.shape)) for k, v in right.items()],
        )  # fmt: skip


def compare_order(sides: Sides, out: Compared) -> None:
    """Whether `get_weights` gives the same arrays in the same order."""
    one, two = value_of(sides.written, "get_weights"), value_of(sides.read, "get_weights")
    if not one or not two or len(one) != len(two) or all(map(bitwise, one, two)):
        return
    shapes = [[list(np.shape(v)) for v in side] for side in (one, two)]
    out.differs("order of weights", Severity.NAMES, "`get_weights` gives them in another order", *shapes)


def content(array: Array) -> tuple[str, tuple[int, ...], bytes]:
    """What makes two arrays one."""
    return array.dtype.name, array.shape, array.tobytes()


def leaves(value: Any) -> list[Array]:
    """The arrays of a recorded value, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        return [leaf for key in value for leaf in leaves(value[key])]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return []


def compare_numbers(sides: Sides, step: str, part: str, out: Compared, *, index: int | None = None) -> None:
    """Floating-point results, up the ladder: the same bits, else what jitter says rounding can do."""
    one, two = leaves(value_of(sides.written, step)), leaves(value_of(sides.read, step))
    if index is not None:
        one, two = one[index : index + 1], two[index : index + 1]
    if not one or not two:
        raised = sides.read.step(step)
        if one and raised is not None and raised.raised is not None:
            told = f"{raised.raised.type}: {raised.raised.message}"
            out.differs(part, Severity.RAISES, f"the loaded model raises: {told}", one[0], told)
        return
    if len(one) != len(two):
        out.differs(part, Severity.STRUCTURE, f"{len(one)} arrays became {len(two)}", len(one), len(two))
        return
    for place, (a, b) in enumerate(zip(one, two, strict=True)):
        out.compared += 1
        offset = place if index is None else index
        _compare_arrays(sides, step, offset, part, a, b, out)


def _compare_arrays(
    sides: Sides, step: str, place: int, part: str, one: Array, two: Array, out: Compared
) -> None:
    if one.shape != two.shape:
        shapes = list(one.shape), list(two.shape)
        out.differs(part, Severity.STRUCTURE, f"shape {shapes[0]} became {shapes[1]}", *shapes)
        return
    if numbers.is_text(one.dtype) or numbers.is_text(two.dtype):
        if [str(v) for v in one.flat] != [str(v) for v in two.flat]:
            out.differs(part, Severity.NUMBERS, "other strings", one, two)
        return
    if not (numbers.is_inexact(one.dtype) and numbers.is_inexact(two.dtype)):
        if not np.array_equal(one, two):
            out.differs(part, Severity.NUMBERS, "other whole numbers", one, two)
        return
    if bitwise(one, two) or np.array_equal(one, two):
        return
    if one.dtype != two.dtype:
        out.differs(part, Severity.NUMBERS, f"{one.dtype} became {two.dtype}", one.dtype, two.dtype)
    unsteady = is_unsteady(sides, step, place)
    again = (sides.written_again, sides.read_again) if unsteady else ((), ())
    reruns = ((*sides.written_jitters, *again[0]), (*sides.read_jitters, *again[1]))
    jitters = [
        tuple(found[place] for o in side if len(found := leaves(value_of(o, step))) > place)
        for side in reruns
    ]
    if not all(jitters):
        out.undecided.append(part)
        return
    terms = max(a.size for a in (one, two))
    evidence = ladder.Evidence(jitters=(jitters[0], jitters[1]), terms=terms, unit=coarsest(sides))
    judged = ladder.judge(one, two, evidence)
    if judged.kind is not None:
        out.differs(part, Severity.NUMBERS, f"other numbers: {judged.reason}", one, two)
    elif unsteady:
        out.unsteady.append(part)
    elif judged.inconclusive:
        out.undecided.append(part)
    else:
        out.notes.append(f"{part}: {judged.reason}")


def is_unsteady(sides: Sides, step: str, place: int) -> bool:
    """Whether a rerun of a side says something else when it is asked once more."""
    asked = (*sides.written_jitters, *sides.read_jitters)
    answers = {(o.target, o.case_hash): o for o in (*sides.written_again, *sides.read_again)}
    for one in asked:
        two = answers.get((one.target, one.case_hash), one)
        found = leaves(value_of(one, step)), leaves(value_of(two, step))
        if min(map(len, found)) > place and not bitwise(found[0][place], found[1][place]):
            return True
    return False


def coarsest(sides: Sides) -> float:
    """Unit roundoff of half precision where a layer computes in it, else 0 (the type of the result)."""
    config = str(value_of(sides.written, "config"))
    return numbers.unit_roundoff(np.dtype(np.float16)) if "float16" in config else 0.0


def compare_compiled(sides: Sides, out: Compared) -> None:
    """The optimizer's class and settings, and the losses."""
    one, two = value_of(sides.written, "compiled"), value_of(sides.read, "compiled")
    if one is None:
        return
    out.compared += 1
    if two is None:
        out.lost.append(COMPILED)
        return
    if one["optimizer"].lower() != two["optimizer"].lower():
        what = f"the optimizer was {one['optimizer']} and is {two['optimizer']}"
        out.differs("optimizer", Severity.STRUCTURE, what, one["optimizer"], two["optimizer"])
    else:
        for place, a, b in facts.common_differences(one["optimizer config"], two["optimizer config"]):
            if place not in ("name", "jit_compile", "is_legacy_optimizer"):
                what = f"the optimizer's `{place}` was {a!r} and is {b!r}"
                out.differs("optimizer", Severity.STRUCTURE, what, a, b)
    losses = facts.loss_name(one["loss"]), facts.loss_name(two["loss"])
    if losses[0] != losses[1]:
        what = f"the loss was {losses[0]!r} and is {losses[1]!r}"
        out.differs("loss", Severity.STRUCTURE, what, *losses)


def slots(state: Any) -> tuple[Counter[Any], int]:
    """The arrays of an optimizer's state by content, and the number of steps it has made."""
    arrays = [np.asarray(value) for _, value in state]
    steps = [int(a) for a in arrays if a.ndim == 0 and a.dtype.kind in "iu"]
    return Counter(content(a) for a in arrays if a.ndim and a.dtype.kind == "f"), max(steps, default=-1)


def forgetful(compiled: Any) -> bool:
    """Whether an optimizer never looks at its state: SGD without momentum, at a rate that stays as it is.

    Some releases keep slots for it all the same; that they are lost cannot be why a step comes out otherwise.
    """
    if not isinstance(compiled, Mapping) or compiled.get("optimizer") != "SGD":
        return False
    settings = facts.renamed(compiled.get("optimizer config") or {})
    rate = facts.simple(settings.get("learning_rate"))
    return (
        isinstance(rate, int | float)
        and not facts.simple(settings.get("momentum"))
        and not facts.simple(settings.get("decay"))
        and not facts.simple(settings.get("use_ema"))
    )


def compare_optimizer(sides: Sides, out: Compared) -> None:
    """Whether what the optimizer has learnt arrived: its slots bit for bit, and its count of steps."""
    one, two = value_of(sides.written, "optimizer"), value_of(sides.read, "optimizer")
    if one is None or forgetful(value_of(sides.written, "compiled")):
        return
    out.compared += 1
    if two is None:
        out.lost.append("optimizer state")
        return
    (first, count), (second, counted) = slots(one), slots(two)
    nonzero = Counter({key: n for key, n in first.items() if any(key[2])})
    missing = nonzero - second
    if missing:
        out.lost.append(f"optimizer state ({missing.total()} of {nonzero.total()} slots)")
    elif count >= 0 and counted >= 0 and count != counted:
        out.lost.append(f"optimizer's count of steps ({count} became {counted})")


def compare_step(sides: Sides, out: Compared) -> None:
    """One further training step: the loss, the number of metrics, and the weights it leaves.

    Where state did not arrive, other weights are what follows; the same weights mean that nothing that
    matters was lost (a momentum of zero keeps slots that it never uses).
    """
    one, two = value_of(sides.written, "step"), value_of(sides.read, "step")
    if one is None or COMPILED in out.lost:
        return
    if two is None:
        step = sides.read.step("step")
        if step is not None and step.raised is not None:
            told = f"{step.raised.type}: {(step.raised.message.strip().splitlines() or [''])[0]}"
            out.differs("next step", Severity.RAISES, f"a further training step raises: {told}", "", told)
        return
    if not out.lost:
        compare_numbers(sides, "step", "loss of the next step", out, index=0)
        compare_numbers(sides, "stepped", "weights after the next step", out)
    else:
        forgive(sides, out)
    if len(one) != len(two):
        out.lost.append(f"metrics ({len(one) - 1} values became {len(two) - 1})")


def forgive(sides: Sides, out: Compared) -> None:
    """Let go of state that did not arrive where the next step comes out the same without it."""
    trial = Compared()
    compare_numbers(sides, "step", "loss of the next step", trial, index=0)
    compare_numbers(sides, "stepped", "weights after the next step", trial)
    if trial.undecided or trial.unsteady:
        out.undecided += trial.undecided
        out.unsteady += trial.unsteady
    elif trial.compared and not trial.findings:
        lost = ", ".join(out.lost)
        out.notes.append(f"{lost} did not arrive, and the next training step is the same without")
        out.lost.clear()
