"""What is said of a program: where it was run, when, and what came of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.minimise.records import Environment, Minimal, Repro
from harness.report.finding import finding_of, minimal_json, standing
from harness.report.layout import cause_key
from harness.report.records import RunRecord
from tests.report.records_of_a_run import run_record

ELSEWHERE = (
    Environment("keras-3.0", "f1", "3.9.1", {"keras": "3.0.0"}),
    Environment("tf.keras-2.15", "f2", "3.9.1", {"tensorflow": "2.15.0"}),
)


@pytest.fixture
def run() -> RunRecord:
    """A run with causes and two targets."""
    return run_record()


def made(run: RunRecord, repro: Repro | None, where: tuple[Environment, Environment] | None) -> Minimal:
    """A finding about the first cause."""
    return Minimal(
        cause=run.causes[0].fingerprint,
        fingerprint="f",
        case={"script": "layer", "parameters": {}, "feed": None},
        address="a",
        trigger={},
        summary="s",
        repro=repro,
        environments=where,
        date="2026-11-25" if where else "",
    )


def here(run: RunRecord) -> tuple[Environment, Environment]:
    """The run's own environments."""
    one, two = (
        Environment(t.id, t.fingerprint, t.python, {})  # type: ignore[union-attr]
        for t in (run.reference, run.candidate)
    )
    return one, two


def test_a_program_that_was_run_here_says_so_with_the_date(run: RunRecord) -> None:
    """Reproduced, not reproduced, and never run are three statements."""
    good = Repro("p", ("1", "2"), executed=True, reproduces=True)
    assert standing(run, made(run, good, here(run))) == (
        f"It was run on {run.reference.id} and {run.candidate.id} on 2026-11-25 and shows the divergence."
    )
    bad = Repro("p", ("1", "1"), executed=True, why="both sides print the same")
    said = standing(run, made(run, bad, here(run)))
    assert said.endswith("and does not show the divergence: both sides print the same.")
    assert standing(run, made(run, Repro("p", why="there was no time"), here(run))).startswith(
        "It was not run:"
    )
    assert standing(run, made(run, None, here(run))) == "It was not run: no program was tried."


def test_a_program_that_was_run_elsewhere_names_where(run: RunRecord) -> None:
    """Nothing is claimed for the environments of the run."""
    good = Repro("p", ("1", "2"), executed=True, reproduces=True)
    said = standing(run, made(run, good, ELSEWHERE))
    assert said.startswith("It was not run in the environments of this run. It was run on 2026-11-25 on")
    assert "keras-3.0 (Python 3.9.1, keras 3.0.0) and tf.keras-2.15" in said
    assert said.endswith("and there it shows the divergence.")
    assert "other environments" in standing(run, made(run, good, None))
    cause = run.causes[0]
    found = finding_of(replace(run, minimal={cause_key(cause): made(run, good, ELSEWHERE)}), cause)
    assert found.program is not None
    assert not found.program.reproduces


def test_json_tells_reproducing_here_from_reproducing_elsewhere(run: RunRecord) -> None:
    """`reproduces` speaks of the run's own environments only."""
    good = Repro("p", ("1", "2"), executed=True, reproduces=True)
    for where, is_here in ((here(run), True), (ELSEWHERE, False)):
        told = minimal_json(run, made(run, good, where), "causes/x.html")["repro"]
        assert (told["here"], told["reproduces"], told["executed"]) == (is_here, is_here, True)
        assert [e["fingerprint"] for e in told["environments"]] == [e.fingerprint for e in where]
    assert minimal_json(run, None, "causes/x.html") is None
    untried = minimal_json(run, made(run, None, None), "causes/x.html")["repro"]
    assert (untried["file"], untried["environments"]) == ("", [])


def test_a_cause_without_a_finding_has_none(run: RunRecord) -> None:
    """What was not worked out is not shown."""
    found = finding_of(run, run.causes[0])
    assert (found.minimal, found.program, found.trigger) == ("", None, None)
