"""What reviewed expectations make of a run."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from harness.classify.accepted import Entry, Key, entry_of, key_of
from harness.classify.divergences import classify
from harness.classify.expectations import Condition, Expectation, apply, stale
from harness.compare.numbers import size
from harness.model import Case, Difference, Kind, TargetInfo, Verdict


def target(name="keras-3.15.1-tensorflow", backend="tensorflow", **packages):
    """What a target says of itself."""
    return TargetInfo(
        name, "keras", "3.15.1", backend, "3.11", "keras", packages={"keras": "3.15.1", **packages}
    )


REFERENCE, CANDIDATE = target("tf.keras-2.21", tf_keras="2.21.0"), target()
DTYPE = Difference("config", Kind.CONFIG, "dtype", "float32", {"class_name": "DTypePolicy"})


def value(by):
    """A numeric difference of that relative size."""
    one, two = np.ones(2), np.array([1.0, 1 - by])
    return Difference("forward", Kind.VALUE, "outputs[0]", one, two, size=size(one, two))


def divergence(difference=DTYPE, subject="layers.Dense", **parameters):
    """A divergence of that case."""
    return classify(Case(subject, "layer", parameters, None), [difference], pair="modern")[0]


def expected(**fields):
    """An expectation about layers; by default of the dtype's fingerprint."""
    written = {
        "id": "known",
        "subjects": ("layers.*",),
        "reason": "r",
        "link": "https://x",
        "date": datetime.date(2026, 1, 1),
        "fingerprint": divergence().fingerprint,
    }
    return Expectation(**(written | fields))


def verdict(expectation, found):
    """The verdict of one divergence under one expectation."""
    return apply([found], [expectation], REFERENCE, CANDIDATE)[0].verdict


def test_what_a_fingerprint_covers_is_expected_and_everything_else_is_new():
    """The expectation's id goes with the divergence."""
    known, other = apply([divergence(), divergence(value(0.1))], [expected()], REFERENCE, CANDIDATE)
    assert (known.verdict, known.expectation) == (Verdict.EXPECTED, "known")
    assert (other.verdict, other.expectation) == (Verdict.NEW, "")


def test_only_the_named_subjects_are_covered():
    """A glob that does not match covers nothing."""
    assert verdict(expected(subjects=("losses.*", "layers.D*")), divergence()) is Verdict.EXPECTED
    assert verdict(expected(subjects=("losses.*",)), divergence()) is Verdict.NEW


def test_only_the_named_parameters_are_covered():
    """A parameter must have the value; others may be anything."""
    swish = expected(parameters={"activation": "swish", "size": {"$tuple": [1, 2]}})
    assert (
        verdict(swish, divergence(activation="swish", size={"$tuple": [1, 2]}, units=1)) is Verdict.EXPECTED
    )
    assert verdict(swish, divergence(activation="relu", size={"$tuple": [1, 2]})) is Verdict.NEW
    assert verdict(swish, divergence(activation="swish")) is Verdict.NEW
    assert verdict(expected(parameters={"use_bias": True}), divergence(use_bias=1)) is Verdict.NEW


def test_a_kind_and_a_path_cover_a_place():
    """Globs of paths, in which [*] means itself."""
    place = {"fingerprint": "", "kind": Kind.CONFIG, "path": "config.*"}
    assert verdict(expected(**place), divergence()) is Verdict.EXPECTED
    assert verdict(expected(**place | {"kind": Kind.NAMES}), divergence()) is Verdict.NEW
    assert verdict(expected(**place | {"path": "config.name"}), divergence()) is Verdict.NEW
    outputs = expected(fingerprint="", kind=Kind.VALUE, path="forward.outputs[*]")
    assert verdict(outputs, divergence(value(0.1))) is Verdict.EXPECTED
    assert verdict(replace(outputs, path="forward.output*"), divergence(value(0.1))) is Verdict.EXPECTED


def test_another_change_at_the_expected_place_has_changed():
    """With a place and a fingerprint, another fingerprint there is news about something known."""
    place = expected(kind=Kind.CONFIG, path="config.dtype")
    other = Difference("config", Kind.CONFIG, "dtype", "float32", None)
    assert verdict(place, divergence()) is Verdict.EXPECTED
    assert verdict(place, divergence(other)) is Verdict.CHANGED
    assert verdict(expected(), divergence(other)) is Verdict.NEW


def test_a_size_out_of_the_accepted_range_has_changed():
    """What was accepted at a tenth is not accepted at a half."""
    accepted = expected(fingerprint=divergence(value(0.1)).fingerprint, size=(0.01, 0.2))
    assert verdict(accepted, divergence(value(0.1))) is Verdict.EXPECTED
    assert verdict(accepted, divergence(value(0.5))) is Verdict.CHANGED
    assert verdict(accepted, divergence(value(0.001))) is Verdict.CHANGED


def test_an_expectation_that_holds_beats_one_that_changed():
    """Whatever the order of the entries."""
    changed = expected(id="changed", size=(0.5, 1.0))
    for order in ([changed, expected()], [expected(), changed]):
        assert apply([divergence()], order, REFERENCE, CANDIDATE)[0].expectation == "known"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(), True),
        (Condition(id="keras-3.*"), True),
        (Condition(id="keras-2.*"), False),
        (Condition(backend="jax"), False),
        (Condition(packages={"keras": ">=3.12"}), True),
        (Condition(packages={"keras": ">=3.12,<3.15"}), False),
        (Condition(packages={"keras": ">=3.9"}), True),
        (Condition(packages={"torch": ">=1"}), False),
    ],
)
def test_an_expectation_speaks_only_for_its_targets(condition, holds):
    """Ids and backends by glob, packages by version, where 3.15 is later than 3.9."""
    assert condition.holds(CANDIDATE) is holds
    assert verdict(expected(candidate=condition), divergence()) is (
        Verdict.EXPECTED if holds else Verdict.NEW
    )


def test_package_names_and_odd_versions_are_read_with_care():
    """`tf_keras` and `tf-keras` are one; a version nobody can order satisfies nothing."""
    assert Condition(packages={"tf-keras": ">=2"}).holds(REFERENCE)
    assert not Condition(packages={"odd": ">=1"}).holds(target(odd="unknown"))


def test_what_was_expected_and_did_not_come_is_stale():
    """Only where its cases were compared and the pair is the one it speaks for."""
    known, cases = expected(), [Case("layers.Dense", "layer", {}, None)]
    ((found, why),) = stale([known], [], cases, REFERENCE, CANDIDATE)
    assert (found, why) == (known, "nothing that was compared shows it any more")
    assert stale([known], [divergence()], cases, REFERENCE, CANDIDATE) == ()
    assert stale([known], [], [Case("losses.Huber", "loss", {}, None)], REFERENCE, CANDIDATE) == ()
    elsewhere = expected(candidate=Condition(backend="jax"))
    assert stale([elsewhere], [], cases, REFERENCE, CANDIDATE) == ()


def test_a_changed_divergence_does_not_make_its_expectation_stale():
    """It is still there, only otherwise."""
    accepted = expected(size=(0.5, 1.0))
    cases = [Case("layers.Dense", "layer", {}, None)]
    assert stale([accepted], [divergence()], cases, REFERENCE, CANDIDATE) == ()


def listed(*found, **fields):
    """An expectation of a cause with some divergences accepted under it."""
    lines = {key_of(d): entry_of(d) for d in found}
    return expected(fingerprint="", cause=found[0].cause, accepted=lines, **fields)


def test_under_a_cause_only_what_is_listed_is_expected():
    """Another subject, another case of a result and another change are new, though the cause is known."""
    one, other = divergence(value(0.25)), divergence(value(0.25), units=4)
    known = listed(one)
    assert verdict(known, one) is Verdict.EXPECTED
    assert other.cause == one.cause
    assert verdict(known, other) is Verdict.NEW
    configs = listed(divergence())
    assert verdict(configs, divergence(units=4)) is Verdict.EXPECTED
    assert verdict(configs, divergence(subject="layers.Add")) is Verdict.NEW


def test_a_listed_result_of_another_size_or_at_another_place_has_changed():
    """The size may move by what rounding can do, and no further."""
    known = listed(divergence(value(0.25)))
    assert verdict(known, divergence(value(0.25 + 1e-16))) is Verdict.EXPECTED
    assert verdict(known, divergence(value(0.26))) is Verdict.CHANGED
    elsewhere = replace(value(0.25), path="outputs.other")
    assert verdict(known, divergence(elsewhere)) is Verdict.CHANGED


def test_an_accepted_line_that_did_not_show_is_stale_once_its_case_was_compared():
    """One entry per expectation, with how many of its lines are gone; a line nobody looked at is not."""
    one, two = divergence(value(0.25)), divergence(value(0.25), units=4)
    known = listed(one, two)
    ((found, why),) = stale([known], [two], [one.case, two.case], REFERENCE, CANDIDATE)
    assert found == known
    assert why.startswith("1 of 2 accepted lines did not show")
    assert "layers.Dense" in why
    assert stale([known], [two], [two.case], REFERENCE, CANDIDATE) == ()
    assert stale([known], [one, two], [one.case, two.case], REFERENCE, CANDIDATE) == ()


def test_a_witness_that_agrees_now_is_no_loss_while_another_case_shows_the_same():
    """What is no result is accepted by subject and fingerprint, whichever case shows it."""
    one, two = divergence(), divergence(units=4)
    known = listed(one)
    assert known.accepted == {Key(one.fingerprint, "layers.Dense"): Entry(one.case.hash[:12])}
    assert stale([known], [two], [one.case, two.case], REFERENCE, CANDIDATE) == ()
