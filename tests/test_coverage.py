"""The figures of coverage are counted, not claimed."""

from __future__ import annotations

import pytest

from harness import cli
from harness.commands import measuring
from harness.coverage import legitimate_pairs, lines, value_pairs
from harness.errors import WrongUse
from harness.specs import surface
from harness.specs.declaration import Array, Feed, Parameter, Spec
from harness.specs.layers_core import SPECS


def spec(*parameters: Parameter, **more: object) -> Spec:
    """A spec of no importance."""
    return Spec("layers.Thing", "x", "layer", (Feed("f", Array((2,))),), parameters, **more)  # type: ignore[arg-type]


AB = (Parameter("a", (1, 2)), Parameter("b", ("x", "y", "z")))


def test_every_pair_of_two_axes_is_counted() -> None:
    """Two axes of two and three values have six pairs, all of them in the corpus."""
    assert len(legitimate_pairs(spec(*AB))) == 6
    assert value_pairs([spec(*AB)]) == 1.0


def test_forbidden_pairs_are_not_wanted() -> None:
    """A pair the spec's rule excludes is no gap."""
    ruled = spec(*AB, valid=lambda p: not (p["a"] == 2 and p["b"] == "z"))
    assert len(legitimate_pairs(ruled)) == 5
    assert value_pairs([ruled]) == 1.0


def test_a_pair_that_needs_a_third_value_is_wanted() -> None:
    """A pair that stands only beside another value of a third axis counts as legitimate."""
    ruled = spec(
        Parameter("a", (1, 2)), Parameter("b", (1, 2)), Parameter("c", (1, 2)),
        valid=lambda p: not (p.get("a") == 2 and p.get("b") == 2 and p.get("c") == 1),
    )  # fmt: skip
    assert len(legitimate_pairs(ruled)) == 12


def test_a_gap_lowers_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs the corpus lacks are seen."""
    monkeypatch.setattr("harness.coverage.covering", lambda spec: [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    assert value_pairs([spec(*AB)]) == pytest.approx(2 / 6)


def test_without_two_axes_there_is_no_gap() -> None:
    """A spec with at most one axis has no pairs."""
    assert value_pairs([spec(), spec(AB[0])]) == 1.0


def test_the_ledger_ends_in_figures() -> None:
    """Every symbol has a line, and the figures follow."""
    said = list(lines(SPECS[:1], surface.MODERN))
    known = {line.partition(": ")[0] for line in said}
    assert {s.name for s in surface.symbols()} <= known
    dense = next(line for line in said if line.startswith("layers.Dense: "))
    assert "under spec" in dense
    assert "oracle" in dense
    assert "parameters with" in dense
    figures = dict(line.split(": ") for line in said[-9:])
    assert list(figures)[-2:] == ["with_oracle", "value_pairs"]
    assert int(figures["symbols"]) > 400
    assert int(figures["unlisted"]) > 0


def test_a_target_outside_the_ledger_is_wrong_use() -> None:
    """Figures about a target whose symbols nobody has looked at would be made up."""
    with pytest.raises(WrongUse, match="Expected `target` to be one of"):
        list(lines(SPECS[:1], ("fake",)))


def test_the_command_prints_the_ledger(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`coverage` shows every line and ends with 0."""
    monkeypatch.setattr(measuring, "all_specs", lambda: SPECS[:1])
    assert cli.main(["coverage"]) == 0
    assert capsys.readouterr().out.splitlines() == list(lines(SPECS[:1], surface.MODERN))
