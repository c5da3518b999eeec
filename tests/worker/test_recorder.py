"""Steps of a case."""

import os
import warnings

import pytest
from harness_worker.recorder import Missing, Recorder, Stop, Unsupported, shorten


def fail(error):
    """A call that raises."""

    def call():
        raise error

    return call


def test_what_returns_is_recorded(engine):
    """A step that returns holds its value and hands it on."""
    record = Recorder(engine)
    assert record.run("forward", "value", lambda: [1, 2]) == [1, 2]
    assert record.steps == [
        {"step": "forward", "kind": "value", "status": "returned", "value": [1, 2], "warnings": []}
    ]
    assert record.inside >= 0


def test_what_raises_is_recorded_as_the_target_s_doing(engine):
    """An exception is its type, its bases and its message; the traceback is kept beside."""
    record = Recorder(engine)
    assert record.run("build", "structure", fail(KeyError("<b>"))) is None
    (step,) = record.steps
    assert step["status"] == "raised"
    assert "value" not in step
    assert step["error"] == {
        "type": "KeyError",
        "bases": ["KeyError", "LookupError", "Exception", "BaseException"],
        "message": "'<b>'",
    }
    assert "test_recorder.py" in record.traces["build"]


@pytest.mark.parametrize(
    ("error", "status"), [(Missing("layers.X"), "missing"), (Unsupported("no tape"), "unsupported")]
)
def test_missing_and_unsupported_are_not_errors(engine, error, status):
    """A symbol that is not there, and what an engine cannot observe, are said as such, with the reason."""
    record = Recorder(engine)
    record.run("gradients", "value", fail(error))
    assert (record.steps[0]["status"], record.steps[0]["reason"]) == (status, str(error))


def test_a_limit_of_the_engine_is_not_the_target_s_error(engine):
    """What fails only because of how the backend is run here is unsupported."""
    record = Recorder(engine)
    record.run("forward", "value", lambda: 1 // 0)
    assert record.steps[0]["status"] == "unsupported"
    assert record.steps[0]["reason"] == "the fake cannot divide"


def test_a_needed_step_ends_the_case(engine):
    """Where the rest depends on a step that fails, the case ends and says so."""
    record = Recorder(engine)
    with pytest.raises(Stop):
        record.run("construct", "structure", fail(TypeError("no")), needed=True)
    assert record.stopped
    assert record.steps[0]["status"] == "raised"


def test_steps_that_only_count_when_they_fail(engine):
    """With `keep=False` a step that returned leaves no record; one that failed does."""
    record = Recorder(engine)
    record.run("set_weights", "structure", lambda: None, keep=False)
    assert record.steps == []
    record.run("set_weights", "structure", fail(ValueError("no")), keep=False)
    assert len(record.steps) == 1


def test_warnings_are_part_of_a_step(engine):
    """Each distinct warning is recorded once, in order; those of observing itself can be left out."""

    def warn():
        for message in ("one", "two", "one"):
            warnings.warn(message, UserWarning, stacklevel=2)

    record = Recorder(engine)
    record.run("call", "value", warn)
    record.run("initial", "value", warn, heed=False)
    assert [w["text"] for w in record.steps[0]["warnings"]] == ["one", "two"]
    assert record.steps[1]["warnings"] == []


def test_memory_is_the_child_s_matter(engine):
    """Running out of memory is never a step's error: it ends the case as a crash."""
    with pytest.raises(MemoryError):
        Recorder(engine).run("call", "value", fail(MemoryError()))


def test_paths_of_a_machine_are_shortened():
    """Evidence names files below site-packages, not where they lie on a machine."""
    assert shorten("/a/b/site-packages/keras/x.py") == "keras/x.py"
    assert shorten("/a/b/harness/worker/x.py") == "worker/x.py"
    assert shorten("/a/b/x.py") == "x.py"


@pytest.mark.parametrize(
    ("category", "path", "kept"),
    [
        (DeprecationWarning, "/env/lib/python3.6/site-packages/keras/layers.py", False),
        (PendingDeprecationWarning, os.__file__, False),
        (ResourceWarning, "<frozen importlib._bootstrap>", False),
        (DeprecationWarning, "/home/me/harness/cases/layer.py", True),
        (UserWarning, "/env/lib/python3.6/site-packages/keras/layers.py", True),
        (FutureWarning, "/env/lib/python3.6/site-packages/numpy/core.py", True),
    ],
)
def test_only_warnings_a_user_is_shown_count(engine, category, path, kept):
    """What Python hides from users, an implementation's own use of Python, is no behaviour of it."""
    record = Recorder(engine)
    record.run("call", "value", lambda: warnings.warn_explicit("old", category, path, 1))
    expected = [{"category": category.__name__, "text": "old"}] if kept else []
    assert record.steps[0]["warnings"] == expected


def test_a_limit_that_ends_the_case_is_the_last_step(engine):
    """Behind a training that could not be, every number would be compared with a trained model's."""
    engine.limit_ends = True
    recorder = Recorder(engine)
    with pytest.raises(Stop):
        recorder.run("fit", "value", lambda: 1 / 0)
    assert ([s["status"] for s in recorder.steps], recorder.stopped) == (["unsupported"], True)
