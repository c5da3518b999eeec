"""A cell of the matrix says what became of a file, and nothing that did not happen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.crossload import cells
from harness.crossload.comparing import Sides
from harness.crossload.records import Cell, Result
from harness.crossload.table import format_named
from harness.model import Blame, Observation, Outcome, Severity, Warned
from tests.crossload.observations import kernel, observation, raised, seen, step

H5 = format_named("h5")


def judged(read: Observation, written: Observation | None = None, **jitters: Any) -> Cell:
    """The cell of a reader's observation."""
    sides = Sides(written or seen(), read, **jitters)
    return cells.judge(cells.blank("w", "r", "h5", "dense", Result.NOT_RUN, ""), sides, H5)[0]


def test_the_same_model_is_equal() -> None:
    """A reader that has everything the writer had is equal."""
    assert judged(seen()).result is Result.EQUAL


@pytest.mark.parametrize(
    ("changed", "part", "severity"),
    [
        ({"weights": [{"layer": "a", "name": "kernel", "value": kernel(1, 9)},
                      {"layer": "b", "name": "kernel", "value": kernel(3, 4)}]}, "weights", Severity.NUMBERS),
        ({"weights": []}, "weights", Severity.NUMBERS),
        ({"get_weights": [kernel(3, 4), kernel(1, 2)]}, "order of weights", Severity.NAMES),
        ({"weights": [{"layer": "x", "name": "kernel", "value": kernel(1, 2)},
                      {"layer": "y", "name": "kernel", "value": kernel(3, 4)}]}, "names", Severity.NAMES),
        ({"class": "Sequential"}, "class", Severity.STRUCTURE),
        ({"config": {"layers": [{"config": {"name": "a", "units": 3}}]}}, "config", Severity.CONFIG),
        ({"predictions": np.zeros((2, 2), np.float32)}, "predictions", Severity.STRUCTURE),
        ({"compiled": {"optimizer": "RMSprop", "optimizer config": {}, "loss": "mse"}},
         "optimizer", Severity.STRUCTURE),
        ({"compiled": {"optimizer": "Adam", "optimizer config": {"lr": 0.5}, "loss": "mse"}},
         "optimizer", Severity.STRUCTURE),
        ({"compiled": {"optimizer": "Adam", "optimizer config": {}, "loss": "mae"}},
         "loss", Severity.STRUCTURE),
    ],
)  # fmt: skip
def test_what_differs_is_named(changed: dict[str, Any], part: str, severity: Severity) -> None:
    """Every part of a model that is another one after loading is found, with its severity."""
    cell = judged(seen(**changed))
    assert cell.result is Result.DIFFERS
    assert (part, severity) in {(f.part, f.severity) for f in cell.findings}


def test_names_that_the_reader_gave_say_nothing_of_a_file_of_weights() -> None:
    """A file of weights goes into a model the reader has built: its names and its order are its own."""
    renamed = [{"layer": "x", "name": "kernel", "value": kernel(1, 2)},
               {"layer": "y", "name": "kernel", "value": kernel(3, 4)}]  # fmt: skip
    format = format_named("h5-weights")
    for weights, result in ((renamed, Result.EQUAL), (renamed[::-1], Result.EQUAL),
                            (renamed[:1], Result.DIFFERS)):  # fmt: skip
        read = seen(weights=weights, get_weights=[kernel(3, 4), kernel(1, 2)])
        blank = cells.blank("w", "r", "h5-weights", "unnamed", Result.NOT_RUN, "")
        assert cells.judge(blank, Sides(seen(), read), format)[0].result is result


def test_other_spellings_are_no_difference() -> None:
    """A renamed key, a class instead of a function, Functional for Model: the same model."""
    compiled = {"optimizer": "adam", "optimizer config": {"lr": 0.125}, "loss": "MeanSquaredError"}
    assert judged(seen(compiled=compiled, **{"class": "Model"})).result is Result.EQUAL


def test_lost_optimizer_state_counts_where_it_matters() -> None:
    """Slots that did not arrive are a loss only when the next step comes out otherwise."""
    empty = [["iteration", np.array(0, np.int64)]]
    other = [{"layer": "a", "name": "kernel", "value": kernel(90, 10)}]
    jitters = {"written_jitters": (seen(),), "read_jitters": (seen(optimizer=empty, stepped=other),)}
    lost = judged(seen(optimizer=empty, stepped=other), **jitters)
    assert lost.result is Result.WITHOUT
    assert lost.lost == ("optimizer state (1 of 1 slots)",)
    assert judged(seen(optimizer=empty)).result is Result.EQUAL
    near = [{"layer": "a", "name": "kernel", "value": np.nextafter(kernel(9, 10), np.float32(99))}]
    assert judged(seen(optimizer=empty, stepped=near)).result is Result.UNDECIDED


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        ({"learning_rate": 0.125, "momentum": 0.0}, Result.DIFFERS),
        ({"lr": 0.125, "momentum": 0.0, "decay": 0.0}, Result.DIFFERS),
        ({"learning_rate": 0.125, "momentum": 0.5}, Result.WITHOUT),
        ({"learning_rate": 0.125, "decay": 0.5}, Result.WITHOUT),
        ({"learning_rate": {"class_name": "ExponentialDecay"}}, Result.WITHOUT),
    ],
)
def test_state_that_nothing_looks_at_is_no_excuse(settings: dict[str, Any], result: Result) -> None:
    """The next step of an SGD without momentum is its gradient's alone: another one is another gradient."""
    compiled = {"optimizer": "SGD", "optimizer config": settings, "loss": "mse"}
    other = [{"layer": "a", "name": "kernel", "value": kernel(90, 10)}]
    written = seen(compiled=compiled)
    read = seen(compiled=compiled, optimizer=[["iteration", np.array(0, np.int64)]], stepped=other)
    assert judged(read, written, written_jitters=(written,), read_jitters=(read,)).result is result


def test_a_model_that_is_not_compiled_any_more_has_lost_it() -> None:
    """Compile arguments that did not arrive are named."""
    cell = judged(seen(compiled=None, optimizer=None, step=None, stepped=None))
    assert cell.result is Result.WITHOUT
    assert "compile arguments" in cell.lost


def test_numbers_are_judged_by_jitter_and_by_nothing_else() -> None:
    """Without evidence nothing is decided; with it rounding is let pass and another number is not."""
    near = seen(predictions=np.nextafter(kernel(0.5, 0.25), np.float32(1)))
    assert judged(near).result is Result.UNDECIDED
    assert judged(near, written_jitters=(near,), read_jitters=(seen(),)).result is Result.EQUAL
    far = seen(predictions=kernel(0.5, 0.375))
    cell = judged(far, written_jitters=(near,), read_jitters=(far,))
    assert (cell.result, cell.severity) == (Result.DIFFERS, Severity.NUMBERS)


def test_a_band_that_is_not_the_same_twice_decides_nothing() -> None:
    """What a target does otherwise each time is no rounding: such a cell is undecided, and says why."""
    near = seen(predictions=np.nextafter(kernel(0.5, 0.25), np.float32(1)))
    jitters = {"written_jitters": (near,), "read_jitters": (near,)}
    assert judged(near, **jitters, written_again=(near,), read_again=(near,)).result is Result.EQUAL
    for strays in ({"written_again": (seen(),)}, {"read_again": (seen(),)}):
        cell = judged(near, **jitters, **strays)
        assert cell.result is Result.UNDECIDED
        assert "asked the same twice says two things: predictions" in cell.summary
    far = seen(predictions=kernel(0.5, 90.0))
    cell = judged(far, written_jitters=(near,), read_jitters=(far,), written_again=(seen(),))
    assert cell.result is Result.DIFFERS


def test_a_rerun_is_held_against_its_own_repeat_only() -> None:
    """Where one of two reruns failed once, the other is not taken for its repeat."""
    near = seen(predictions=np.nextafter(kernel(0.5, 0.25), np.float32(1)))
    other = replace(seen(), case_hash="another rerun")
    cell = judged(near, written_jitters=(near,), read_jitters=(near,), written_again=(other,))
    assert cell.result is Result.EQUAL


def test_a_step_that_raises_after_loading_is_found() -> None:
    """A model that loads and then cannot be trained is no equal model."""
    read = seen(step=None, stepped=None)
    cell = judged(observation(*read.steps, raised("step", "ValueError", "Unknown variable")))
    assert cell.result is Result.DIFFERS
    assert "Unknown variable" in cell.summary


def test_an_error_has_type_message_and_what_was_tried_next() -> None:
    """A reader that raises is an error, with what `compile=False` makes of it."""
    cell = judged(observation(raised("load", "TypeError", "no\nmore"), step("load uncompiled", "Functional")))
    assert (cell.result, cell.error_type, cell.message) == (Result.ERROR, "TypeError", "no\nmore")
    assert cell.second_tries == ("load uncompiled: gives a Functional",)


def test_a_dead_process_is_a_crash() -> None:
    """A child that died while loading is a crash, not an error."""
    cell = judged(observation(outcome=Outcome.CRASHED, evidence="the process ended with signal SIGSEGV"))
    assert cell.result is Result.CRASH
    assert "SIGSEGV" in cell.summary


def test_a_warning_is_told_but_one_of_the_library_itself_is_not() -> None:
    """Warnings of deprecation come once per process and say nothing of a file."""
    rest = seen().steps[1:]
    for category, result in (("UserWarning", Result.WARNING), ("DeprecationWarning", Result.EQUAL)):
        assert judged(observation(step("load", None, Warned(category, "x")), *rest)).result is result


def test_the_reader_departs_where_the_writer_gets_its_file_back() -> None:
    """Blame follows the format's promise, and a refusal has none."""
    own = cells.blank("w", "w", "h5", "dense", Result.EQUAL, "")
    other = judged(seen(weights=[]))
    error = judged(observation(raised("load", "TypeError", "no")))
    assert [c.blame for c in cells.blamed([own, other, error])] == [
        Blame.UNKNOWN,
        Blame.CANDIDATE,
        Blame.UNKNOWN,
    ]
    broken = cells.blank("w", "w", "h5", "dense", Result.DIFFERS, "")
    assert cells.blamed([broken, other])[1].blame is Blame.REFERENCE
