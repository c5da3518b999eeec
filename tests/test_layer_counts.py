"""Layers count as observed by a pair once both of its sides have computed their outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import cli, layer_counts
from harness.commands import layers
from harness.errors import HarnessFault
from harness.judging import Contestant
from harness.layer_counts import Stand, Standing
from harness.model import Case, Kind, Observation, Outcome, Raised, Step, StepStatus
from harness.run.launch import Launch
from harness.specs.declaration import Array, Feed, Parameter, Spec
from harness.specs.registry import all_specs
from harness.targets import Pair
from tests.fakes import lineage

PAIR = Pair("some", "left", "right")


def seen(*steps: Step, outcome: Outcome = Outcome.RETURNED) -> Observation:
    """An observation of a layer's case."""
    return Observation("hash", "target", outcome, steps)


def forward(status: StepStatus = StepStatus.RETURNED, **more: Any) -> Step:
    """The step that holds the outputs."""
    return Step("forward", Kind.VALUE, status, **more)


def layer(subject: str, **more: Any) -> Spec:
    """A spec of a layer."""
    return Spec(subject, "x", "layer", (Feed("f", Array((4, 5))),), **more)


@pytest.mark.parametrize(
    ("observation", "standing", "reason"),
    [
        (seen(forward()), Standing.PERFORMED, ""),
        (None, Standing.NOT_OBSERVED, "the store holds no observation of it"),
        (seen(outcome=Outcome.MISSING), Standing.MISSING, "this API does not have it"),
        (seen(outcome=Outcome.CRASHED), Standing.LOST, "crashed"),
        (seen(outcome=Outcome.TIMED_OUT), Standing.LOST, "timed out"),
        (seen(forward(StepStatus.UNSUPPORTED, reason="why")), Standing.UNSUPPORTED, "forward: why"),
        (
            seen(Step("build", Kind.STRUCTURE, StepStatus.RAISED, raised=Raised("TypeError", (), "no\nway"))),
            Standing.RAISED,
            "build: TypeError: no way",
        ),
        (seen(Step("adapt", Kind.STRUCTURE, StepStatus.MISSING, reason="x")), Standing.MISSING, "adapt: x"),
        (
            seen(Step("build", Kind.STRUCTURE, StepStatus.RETURNED)),
            Standing.NOT_OBSERVED,
            "build: the case ended here",
        ),
        (seen(), Standing.NOT_OBSERVED, "the case ended without a step: returned"),
    ],
)  # fmt: skip
def test_a_layer_counts_when_its_outputs_were_computed(
    observation: Observation | None, standing: Standing, reason: str
) -> None:
    """Anything less says how far the case got and why."""
    assert layer_counts.stand_of(observation) == Stand(standing, reason)


def test_every_layer_is_tried_with_its_first_case() -> None:
    """The plainest one, once; what is no layer, or is about one's signature, is left out."""
    specs = [
        layer("layers.A", parameters=(Parameter("units", (3, 4)),)),
        layer("activations.b"),
        Spec("layers.A", "x", "signature", (Feed("f", Array((1,))),)),
    ]
    (case,) = layer_counts.first_cases(specs)
    assert (case.subject, case.script, case.parameters) == ("layers.A", "layer", {"units": 3})


def test_every_layer_under_spec_is_counted() -> None:
    """No spec of a layer is passed over, and its case is one that a quick comparison performs as well."""
    subjects = {s.subject for s in all_specs() if s.script == "layer" and s.subject.startswith("layers.")}
    assert {case.subject for case in layer_counts.first_cases(all_specs())} == subjects
    assert len(subjects) > 100


def counted(
    left: dict[str, Observation], right: dict[str, Observation] | HarnessFault
) -> layer_counts.Counted:
    """Two layers on two sides."""
    cases = [Case(f"layers.{name}", "layer", {}, {}) for name in ("A", "B")]
    sides = [Contestant(Launch(id, Path(), "keras", "numpy", "numpy"), 0, False) for id in ("left", "right")]
    found = {"left": left, "right": right if isinstance(right, dict) else {}}
    given = (sides[0], right if isinstance(right, HarnessFault) else sides[1])
    return layer_counts.counted(
        PAIR, cases, given, lambda side, case: found[side.launch.target].get(case.subject[-1])
    )


def test_a_pair_has_what_both_sides_have() -> None:
    """The rest is said side by side, layers with one reason together, and none is dropped."""
    refused = seen(forward(StepStatus.UNSUPPORTED, reason="a `tick` | bar"))
    each = counted({"A": seen(forward()), "B": seen(forward())}, {"A": seen(forward()), "B": refused})
    assert each.both == ("layers.A",)
    assert list(layer_counts.lines(each)) == [
        "some: 1 of 2 layers performed by both left and right",
        "  right: unsupported: B (forward: a `tick` | bar)",
    ]
    assert list(layer_counts.table([each, each])) == [
        "| pair | both sides | reference | candidate | tried |",
        "|---|---|---|---|---|",
        "| `some` | 1 | 2 | 1 | 2 |",
        "| `some` | 1 | 2 | 1 | 2 |",
        "",
        "`right`:",
        "",
        "- unsupported: B. `forward: a 'tick' | bar`",
    ]


def test_a_side_that_cannot_be_had_has_performed_nothing() -> None:
    """It is named, with the reason at every layer."""
    each = counted({"A": seen(forward()), "B": seen(forward())}, HarnessFault("no interpreter"))
    assert each.both == ()
    assert each.lost == ("right",)
    assert each.wanting(1) == {Stand(Standing.NOT_OBSERVED, "no interpreter"): ["layers.A", "layers.B"]}


def test_a_long_reason_is_cut() -> None:
    """A reason is one line that fits a page."""
    assert layer_counts.short("a\n b") == "a b"
    assert layer_counts.short("x" * 500, 10) == "x" * 9 + "…"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `layers` on a history of fakes with one layer that all have and one that none has."""
    dense = Spec(
        "layers.Dense", "x", "layer", (Feed("f", Array((4, 5))),), (Parameter("units", (3,), why_few="one"),)
    )
    monkeypatch.setattr(layers, "all_specs", lambda: (dense, layer("layers.Nowhere")))
    table = lineage.write(tmp_path)

    def perform(*words: str) -> tuple[int, list[str]]:
        code = cli.main(["layers", *words, "--targets", str(table), "--reports", str(tmp_path / "reports")])
        return code, capsys.readouterr().out.splitlines()

    return perform


def test_the_command_performs_what_is_not_stored_and_counts(run: Any) -> None:
    """Each pair has its line, the layers neither side has theirs; too few of them is an exit code of 1."""
    code, said = run("--pair", "changed", "--stored")
    assert code == 1
    assert said[0] == "changed: 0 of 2 layers performed by both fake-5 and fake-6"
    code, said = run("--pair", "changed", "--at-least", "1")
    assert code == 0
    assert said == [
        "changed: 1 of 2 layers performed by both fake-5 and fake-6",
        "  fake-5: missing: Nowhere (this API does not have it)",
        "  fake-6: missing: Nowhere (this API does not have it)",
    ]
    assert run("--pair", "changed", "--at-least", "2")[0] == 1
    code, said = run("--pair", "changed", "--table", "--stored", "--at-least", "1")
    assert (code, said[2]) == (0, "| `changed` | 1 | 1 | 1 | 2 |")


def test_a_pair_whose_side_cannot_be_had_is_a_fault(run: Any, tmp_path: Path) -> None:
    """It is neither a pass nor a failure of the pair; the other side is counted all the same."""
    table = tmp_path / "history.toml"
    table.write_text(table.read_text() + '\n[pair.gone]\nreference = "fake-1"\ncandidate = "fake-4"\n')
    code, said = run("--pair", "gone", "--at-least", "0")
    assert code == 3
    assert said[0].startswith("gone: 0 of 2 layers")
    assert "fake-4: not observed: Dense, Nowhere" in "\n".join(said)


def test_without_a_pair_every_pinned_pair_is_counted() -> None:
    """What is newest changes from day to day and is left to those who name it."""
    names = {pair.name for pair in layers.chosen(layers.load(None), ())}
    assert {"modern", "transition", "contrib", "theano", "cntk", "jax", "torch", "upgrade", "same"} <= set(
        names
    )
    assert not names & {"newest", "next"}


def test_a_job_at_least_is_needed(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing can be performed by no worker."""
    assert cli.main(["layers", "--jobs", "0"]) == 2
    assert "Expected `--jobs`" in capsys.readouterr().err
