"""Performing cases on a fake."""

import json
import os
import random

import numpy as np
import pytest
from harness_worker import child
from harness_worker.recorder import Missing, Unsupported


class FakeTarget(object):
    """A target with one script."""

    memory = 0

    def __init__(self, engine, script):
        self.engine = engine
        self.performed = script
        self.missing = {}

    def script(self, name):
        return self.performed

    def context(self, case, recorder):
        return recorder


def case(**more):
    """A case."""
    return dict({"hash": "h", "script": "s", "subject": "layers.X", "seed": 3, "variant": "shadow"}, **more)


def perform(engine, script):
    """The header and the steps of a case performed by a script."""
    header, content = child.perform(case(), FakeTarget(engine, script))
    return header, json.loads(content.split(b"\0", 1)[0].decode())


def fail(error):
    """A script that raises."""

    def script(case, record):
        record.note("before", "value", 1)
        raise error

    return script


def test_state_is_reset_before_each_case(engine):
    """The engine is told seed and variant before the script begins."""
    header, steps = perform(engine, lambda case, record: record.note("a", "value", list(engine.resets)))
    assert header["outcome"] == "returned"
    assert steps[0]["value"] == [[3, "shadow"]]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Missing("layers.X"), "missing"),
        (Unsupported("none here"), "unsupported"),
        (MemoryError(), "crashed"),
        (SystemExit(3), "crashed"),
    ],
)
def test_how_a_case_ends_is_told(engine, error, outcome):
    """What was observed before stays, and the evidence says why the case ended."""
    header, steps = perform(engine, fail(error))
    assert header["outcome"] == outcome
    assert header["evidence"]
    assert [s["step"] for s in steps] == ["before"]


@pytest.mark.parametrize(("symbol", "tried"), [("layers.X", ["1", "3"]), ("layers.Y", ["1", "2", "3", "4"])])
def test_a_subject_that_is_missing_is_looked_for_once(engine, monkeypatch, symbol, tried):
    """Further cases of the same script and subject get the same observation; other symbols are looked for."""
    seen, sent = [], []

    def script(case, record):
        seen.append(case["hash"])
        raise Missing(symbol)

    monkeypatch.setattr(child.wire, "send", lambda fd, header, content=b"": sent.append((header, content)))
    cases = [case(hash="1"), case(hash="2"), case(hash="3", script="t"), case(hash="4", script="t")]
    child.perform_batch(cases, FakeTarget(engine, script), 0)
    assert seen == tried
    told = [(header, content) for header, content in sent if header["say"] == "observed"]
    assert [header["case"] for header, _ in told] == ["1", "2", "3", "4"]
    alike = [dict(header, case="", seconds=0.0) for header, _ in told]
    assert all(header == alike[0] and header["outcome"] == "missing" for header in alike)
    assert len({content for _, content in told}) == 1


def test_a_needed_step_decides_the_outcome(engine):
    """A case that stops ends as the step it stopped at."""

    def script(case, record):
        record.run("construct", "structure", lambda: [][0], needed=True)

    header, _ = perform(engine, script)
    assert header["outcome"] == "raised"
    assert header["stopped"]


def test_a_failing_script_is_our_fault(engine):
    """An error outside any step is never the target's."""
    with pytest.raises(child.ScriptFault) as caught:
        perform(engine, fail(AttributeError("ours")))
    assert "ours" in str(caught.value)
    assert caught.value.case["hash"] == "h"


def test_every_case_has_an_empty_working_directory(monkeypatch):
    """Files that one case leaves behind are not there for the next, and homes are the child's own."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    before = os.getcwd()
    try:
        with child.Rooms() as rooms:
            with open("left.txt", "w") as file:
                file.write("x")
            os.mkdir("deep")
            rooms.fresh()
            assert os.listdir(".") == []
            assert os.environ["HOME"].startswith(rooms.path)
            assert os.environ["KERAS_HOME"].startswith(rooms.path)
        assert not os.path.exists(rooms.path)
    finally:
        os.chdir(before)
        child.tempfile.tempdir = None


def test_seeding_repeats_what_is_drawn():
    """Python's and numpy's generators begin anew."""
    drawn = []
    for _ in range(2):
        child.seed_everything(11)
        drawn.append((random.random(), float(np.random.random_sample())))
    assert drawn[0] == drawn[1]
