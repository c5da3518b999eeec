"""The surface ledger leaves no public symbol out, and its figures are counted from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.specs import signatures, surface
from harness.specs.declaration import Feed, Spec
from harness.specs.surface import Standing, Symbol

SPECS = signatures.SPECS


def _spec(subject: str, script: str = "function", **kwargs: object) -> Spec:
    return Spec(subject=subject, family="x", script=script, feeds=(Feed("one", None),), **kwargs)  # type: ignore[arg-type]


def test_no_symbol_is_left_out() -> None:
    """Every public symbol of every target is under spec, an alias, held to its signature, or out of scope."""
    left = [e.symbol.name for e in surface.ledger(SPECS) if e.standing is Standing.UNLISTED]
    assert left == []


def test_a_symbol_without_a_spec_is_unlisted() -> None:
    """A symbol that no spec and no reason names is told to be unlisted."""
    entries = {e.symbol.name: e for e in surface.ledger(())}
    assert entries["layers.Dense"].standing is Standing.UNLISTED


def test_a_symbol_out_of_scope_has_a_reason() -> None:
    """What is out of scope says why."""
    entries = {e.symbol.name: e for e in surface.ledger(SPECS)}
    assert entries["datasets.mnist.load_data"].standing is Standing.OUT
    assert "network" in entries["datasets.mnist.load_data"].reason


def test_a_full_spec_counts_more_than_a_signature() -> None:
    """A symbol with a spec of its own is under spec; its other names are aliases of it."""
    entries = {e.symbol.name: e for e in surface.ledger((*SPECS, _spec("losses.mean_squared_error")))}
    assert entries["losses.mean_squared_error"].standing is Standing.SPEC
    assert entries["losses.MSE"].standing in (Standing.ALIAS, Standing.SIGNATURE)


def test_an_alias_is_the_same_object_wherever_it_exists() -> None:
    """A name is an alias only if every target that has it has the same earlier object behind it."""
    assert Symbol("b", "class", ("x", "y"), {"x": "a", "y": "a"}).alias_of == "a"
    assert Symbol("b", "class", ("x", "y"), {"x": "a"}).alias_of == ""
    assert Symbol("b", "class", ("x", "y"), {"x": "a", "y": "c"}).alias_of == ""


def test_a_union_is_written_and_read_back(tmp_path: Path) -> None:
    """The union of what two targets offer keeps who has what, and under which earlier name."""
    seen = {
        "one": {"A": {"kind": "class", "same": "A"}, "B": {"kind": "class", "same": "A"}},
        "two": {"A": {"kind": "class", "same": "A"}},
    }
    table = surface.union(seen)
    surface.write(table, tmp_path / "surface.json")
    assert json.loads((tmp_path / "surface.json").read_text()) == table
    assert table["symbols"]["B"] == {"kind": "class", "in": [0], "same": {"0": "A"}}
    assert table["symbols"]["A"]["in"] == [0, 1]


def test_the_shared_symbols_are_those_both_sides_have() -> None:
    """What a pair shares is on both sides: `layers.Dense` is, `ops.add` is not."""
    names = {s.name for s in surface.shared()}
    assert "layers.Dense" in names
    assert "ops.add" not in names
    assert len(names) > 500


def test_the_figures_end_with_the_pairs() -> None:
    """Coverage is told in lines that a person and a program can read."""
    lines = surface.coverage(SPECS)
    figures = dict(line.split(": ") for line in lines)
    assert int(figures["symbols"]) == len(surface.shared())
    assert figures["unlisted"] == "0"
    assert figures["with_oracle"] == "0.00"
    assert figures["value_pairs"] == "1.0"


def test_pairs_are_whole_only_when_they_are() -> None:
    """A share below one is never shown as one."""
    assert surface.coverage(SPECS, pairs_covered=0.999)[-1] != "value_pairs: 1.0"


def test_an_oracle_counts_for_the_symbol_and_for_its_aliases() -> None:
    """A spec with an oracle raises the share of deterministic symbols that have one."""
    with_one = (*SPECS, _spec("activations.relu", oracle=lambda *a, **k: 0.0))
    before = dict(line.split(": ") for line in surface.coverage(SPECS))
    entries = {e.symbol.name: e for e in surface.ledger(with_one)}
    assert entries["activations.relu"].oracle
    assert int(before["under spec"]) + 1 == int(
        dict(line.split(": ") for line in surface.coverage(with_one))["under spec"]
    )


@pytest.mark.parametrize("name", ["callbacks.EarlyStopping", "models.load_model", "Input"])
def test_what_computes_no_numbers_says_what_it_does(name: str) -> None:
    """A symbol no oracle could be written for names what it does instead."""
    assert surface.why_no_numbers(name)
