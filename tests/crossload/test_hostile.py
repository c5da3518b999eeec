"""What a reader did with an untrusted file is told from the marker, not from what it says."""

from __future__ import annotations

import pytest

from harness.crossload import hostile
from harness.crossload.records import Treated
from harness.model import Observation, Outcome
from tests.crossload.observations import observation, raised, step


@pytest.mark.parametrize(
    ("seen", "result"),
    [
        (observation(step("load", "Functional"), step("load: payload ran", False)), Treated.LOADED),
        (observation(step("load", "Functional"), step("load: payload ran", True)), Treated.EXECUTED),
        (observation(raised("load", "E", "no"), step("load: payload ran", False)), Treated.REFUSED),
        (observation(raised("load", "E", "no"), step("load: payload ran", True)), Treated.EXECUTED),
        (observation(outcome=Outcome.CRASHED, evidence="SIGSEGV"), Treated.CRASHED),
        (None, Treated.NOT_MADE),
    ],
)
def test_the_marker_decides(seen: Observation | None, result: Treated) -> None:
    """A file that ran what it holds is executed even where the reader raised in the end."""
    (opened,) = hostile.treated("reader", "maker", "lambda.h5", seen)
    assert opened.result is result
