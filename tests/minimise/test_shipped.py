"""What is found out about expected causes, kept in a file beside the expectations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import WrongUse
from harness.minimise.records import Attribution, Environment, Minimal, Repro
from harness.minimise.shipped import OUTPUT, environment, file_of, load, write
from tests.report.records_of_a_run import target

WHERE = (environment(target("reference")), environment(target("candidate")))


def minimal(cause: str = "numbers|dense", text: str = "print(1)\n") -> Minimal:
    """A finding with a program."""
    return Minimal(
        cause=cause,
        fingerprint="value|forward",
        case={"subject": "layers.Dense", "script": "layer", "parameters": {"units": 1}, "feed": None},
        address="layers.Dense/layer[units=1]",
        trigger={"units": 1},
        summary="layers.Dense: `forward` differs",
        attributions=(Attribution("default", "explained by default `units`", "a", "b"),),
        repro=Repro(text, ("1", "2"), executed=True, reproduces=True, form="arrays"),
        environments=WHERE,
        date="2026-11-25",
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """A line per cause in the order of fingerprints; the issue text is made from the rest."""
    file = file_of(tmp_path / "baseline", "modern")
    assert load(file) == {}
    one, two = minimal("b|1"), minimal("a|2", text="")
    write(file, {m.cause: m for m in (one, two)})
    assert [json.loads(line)["cause"] for line in file.read_text("utf-8").splitlines()] == ["a|2", "b|1"]
    read = load(file)
    assert replace(read["b|1"], issue="") == one
    assert read["a|2"] == two
    assert "needs `units`" in read["b|1"].issue
    assert all(e.id in read["b|1"].issue for e in WHERE)
    assert '"issue"' not in file.read_text("utf-8")


def test_a_file_stays_small_whatever_a_program_prints(tmp_path: Path) -> None:
    """As much of an output is kept as a page shows."""
    file = tmp_path / "p.minimal.jsonl"
    long = replace(minimal(), repro=Repro("x = 1\n", ("1" * 10_000, "2"), executed=True))
    write(file, {"c": long, "d": replace(long, cause="d", repro=None)})
    found = load(file)
    assert found["numbers|dense"].repro is not None
    assert len(found["numbers|dense"].repro.outputs[0]) == OUTPUT
    assert found["d"].repro is None


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        "{}",
        json.dumps(minimal().plain() | {"environments": None}),
        json.dumps(minimal().plain() | {"environments": []}),
        json.dumps(minimal().plain() | {"date": ""}),
        json.dumps(minimal().plain() | {"unheard": 1}),
    ],
)
def test_a_line_that_is_no_finding_is_wrong_use(tmp_path: Path, line: str) -> None:
    """The file, the line and the way out are named."""
    file = tmp_path / "p.minimal.jsonl"
    write(file, {"numbers|dense": minimal()})
    file.write_text(file.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(WrongUse, match=r"p\.minimal\.jsonl: .* in line 2.*Remove the line"):
        load(file)


def test_a_finding_is_of_the_environments_it_was_made_in() -> None:
    """Both fingerprints, each on its side; a side that did not run is none."""
    one, two = target("reference"), target("candidate")
    assert minimal().is_of(one, two)
    assert not minimal().is_of(two, one)
    assert not minimal().is_of(one, replace(two, fingerprint="patched"))
    assert not minimal().is_of(one, object())
    assert not replace(minimal(), environments=None).is_of(one, two)


def test_an_environment_names_the_packages_a_program_needs() -> None:
    """Of everything that is installed, Keras and its backend."""
    packages = {"TensorFlow": "2.21.0", "keras": "3.15.1", "rich": "14"}
    found = environment(replace(target("reference"), packages=packages))
    assert found == Environment(
        target("reference").id,
        target("reference").fingerprint,
        target("reference").python,
        {"tensorflow": "2.21.0", "keras": "3.15.1"},
    )
