"""From what was judged to the record of a run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from harness.model import Case, TargetInfo
from harness.recording import oracle_name, same_code, subject_facts
from harness.report.records import NotRun, SameCode
from harness.specs.declaration import Array, Feed, Spec
from tests.report.records_of_a_run import unavailable_record

ONE = TargetInfo(
    id="keras-2.15", implementation="keras", version="2.15", backend="tensorflow", python="3.11",
    namespace="keras", packages={"keras": "2.15.0"}, identity={"same": ["keras", "tensorflow.keras"]},
    settings={"origin": "keras/__init__.py"},
)  # fmt: skip
TWO = replace(ONE, id="tf.keras-2.15", implementation="tf.keras", namespace="tensorflow.keras")


def test_one_code_under_two_names_is_told_by_identity() -> None:
    """Two namespaces that are the same objects in the same environment are one code."""
    assert same_code((ONE, TWO)) == (SameCode("keras", "tensorflow.keras"),)


@pytest.mark.parametrize(
    "other",
    [
        replace(TWO, packages={"keras": "2.14.0"}),
        replace(TWO, settings={"origin": "a/local/checkout"}),
        ONE,
        next(
            t
            for t in (unavailable_record().reference, unavailable_record().candidate)
            if isinstance(t, NotRun)
        ),
    ],
    ids=["other packages", "other place", "itself", "not run"],
)
def test_what_is_not_one_code_is_not_said_to_be(other: TargetInfo | NotRun) -> None:
    """Other packages, another place, the very same target or one that did not run are no aliases."""
    assert same_code((ONE, other)) == ()


def test_names_that_share_no_object_are_two_codes() -> None:
    """In one environment two implementations may live side by side."""
    apart = (
        replace(ONE, identity={"same": ["keras"]}),
        replace(TWO, identity={"same": ["tensorflow.keras"]}),
    )
    assert same_code(apart) == ()


def double(inputs: object, *, factor: int = 2) -> object:
    """An oracle."""
    return inputs


def test_a_users_own_spec_gives_the_facts_of_its_subject() -> None:
    """Family, source and oracle come from the spec a case was planned from; the values from the cases."""
    spec = Spec(
        "layers.Mine",
        "mine",
        "own:f",
        (Feed("f", Array((2,))),),
        oracle=partial(double, factor=3),
        source="here",
    )
    cases = [Case("layers.Mine", "own:f", {"a": a}, None) for a in (1, 2)]
    (facts,) = subject_facts(cases, [spec])
    assert (facts.family, facts.source) == ("mine", "here")
    assert facts.oracle.endswith("test_recording.double")
    assert facts.exercised == {"a": ("1", "2")}
    (unknown,) = subject_facts(cases, [])
    assert (unknown.family, unknown.oracle) == ("layers", "")
    assert oracle_name(None) == ""
