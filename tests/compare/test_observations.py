"""Two observations of one case."""

import numpy as np
import pytest

from harness.compare.observations import LATER, compare
from harness.model import ABSENT, Kind, Observation, Outcome, Raised, Step, StepStatus, Warned


def observed(*steps, outcome=Outcome.RETURNED, stopped=False, payload="", evidence=""):
    """An observation of these steps."""
    return Observation("hash", "target", outcome, steps, stopped=stopped, payload=payload, evidence=evidence)


def returned(name, value=1, kind=Kind.CONFIG, warned=()):
    """A step that returned."""
    return Step(name, kind, StepStatus.RETURNED, value, warnings=tuple(warned))


def raised(name, kind="ValueError", message="bad", bases=("Exception",)):
    """A step that raised."""
    error = Raised(kind, (kind, *bases), message)
    return Step(name, Kind.CONFIG, StepStatus.RAISED, raised=error)


def missing(name):
    """A step whose symbol or argument is missing."""
    return Step(name, Kind.CONFIG, StepStatus.MISSING, reason="no argument `alpha`")


def unsupported(name):
    """A step the engine cannot observe."""
    return Step(name, Kind.CONFIG, StepStatus.UNSUPPORTED, reason="no gradients on this backend")


def stopped_at(*steps):
    """An observation that ended early at the last of these steps."""
    return observed(*steps, outcome=Outcome(steps[-1].status.value), stopped=True)


def kinds(comparison):
    """Kind and step of every difference."""
    return [(d.kind, d.step) for d in comparison.differences]


def test_equal_observations_agree_and_something_was_compared():
    """An observation agrees with itself, with and without digests."""
    one = observed(returned("config", {"a": 1, "b": [1, 2]}), raised("bad input"))
    assert kinds(compare(one, one)) == []
    assert compare(one, one).compared == 4
    assert not compare(one, one).inconclusive


def test_equal_digests_are_enough():
    """With the same digest the values are not looked at again, and still counted."""
    one = observed(returned("config", {"a": 1, "b": 2}), unsupported("gradient"), payload="same")
    comparison = compare(
        one, observed(returned("config", {"a": 1, "b": 2}), unsupported("gradient"), payload="same")
    )
    assert (comparison.differences, comparison.compared) == ((), 2)
    assert "unsupported on both sides" in comparison.not_compared[0]


def test_every_step_with_a_difference_is_reported():
    """Steps are matched by name and compared by their own kind."""
    one = observed(returned("config", {"a": 1}), returned("weights", ["kernel"], Kind.NAMES))
    two = observed(returned("config", {"a": 2}), returned("weights", ["w"], Kind.NAMES))
    assert kinds(compare(one, two)) == [(Kind.CONFIG, "config"), (Kind.NAMES, "weights")]


def test_one_side_raising_is_a_difference_of_outcome():
    """Both sides say how the step ended."""
    (difference,) = compare(observed(raised("gradient")), observed(returned("gradient"))).differences
    assert (difference.kind, difference.step) == (Kind.OUTCOME, "gradient")
    assert difference.reference["type"] == "ValueError"
    assert difference.candidate["status"] == "returned"


def test_another_exception_class_is_a_difference_and_another_wording_is_not():
    """Messages are kept in the record, not compared."""
    assert kinds(compare(observed(raised("call")), observed(raised("call", message="other words")))) == []
    (difference,) = compare(observed(raised("call")), observed(raised("call", "TypeError"))).differences
    assert (difference.kind, difference.reference["message"]) == (Kind.ERROR, "bad")


@pytest.mark.parametrize(
    ("one", "two", "note"),
    [
        (raised("x"), raised("x", "Special", bases=("ValueError", "Exception")), "candidate's is a subclass"),
        (raised("x", "Special", bases=("ValueError", "Exception")), raised("x"), "reference's is a subclass"),
        (raised("x", "E", bases=("KeyError",)), raised("x", "E", bases=("OSError",)), "other parent classes"),
        (raised("x", "A"), raised("x", "B"), ""),
    ],
)
def test_related_exception_classes_are_noted(one, two, note):
    """What an `except` clause of a user would still catch is said."""
    (difference,) = compare(observed(one), observed(two)).differences
    assert difference.kind is Kind.ERROR
    assert note in difference.note


def test_missing_against_present_is_a_difference_of_outcome():
    """A step whose argument is missing on one side is noted as missing."""
    (difference,) = compare(observed(missing("make")), observed(returned("make"))).differences
    assert (difference.kind, difference.note) == (Kind.OUTCOME, "missing")
    (difference,) = compare(observed(missing("make")), observed(raised("make"))).differences
    assert difference.note == "missing"


def test_missing_on_both_sides_is_not_agreement():
    """Nothing is compared, and it is said."""
    comparison = compare(observed(missing("make")), observed(missing("make")))
    assert comparison.inconclusive
    assert "missing on both sides" in comparison.not_compared[0]
    bare = observed(outcome=Outcome.MISSING)
    assert compare(bare, bare).inconclusive


def test_a_missing_subject_is_one_difference_of_the_case():
    """A subject that one side does not have differs once, whatever the other side did."""
    comparison = compare(
        observed(outcome=Outcome.MISSING, evidence="no layers.X"), observed(returned("config"))
    )
    assert kinds(comparison) == [(Kind.OUTCOME, "case")]
    assert comparison.differences[0].reference == {"status": "missing", "evidence": "no layers.X"}


def test_unsupported_is_neither_agreement_nor_difference():
    """What an engine cannot observe is left out and said, on a step or on the whole case."""
    comparison = compare(observed(unsupported("gradient")), observed(returned("gradient")))
    assert comparison.inconclusive
    assert comparison.not_compared == (
        "gradient: unsupported on the reference: no gradients on this backend",
    )
    whole = compare(observed(returned("a")), observed(outcome=Outcome.UNSUPPORTED, evidence="no fit"))
    assert whole.inconclusive
    assert "on the candidate: no fit" in whole.not_compared[0]
    assert compare(observed(raised("only here")), observed(unsupported("x"))).not_compared


def test_a_case_that_turns_out_to_be_unsupported_lacks_nothing():
    """What it did before counts; what it never came to is not compared, and the reason is said."""
    ended = observed(returned("a", 1), outcome=Outcome.UNSUPPORTED, evidence="no ragged tensors")
    comparison = compare(observed(returned("a", 2), returned("b")), ended)
    assert [d.step for d in comparison.differences] == ["a"]
    assert comparison.not_compared == ("b: the case is unsupported on the candidate: no ragged tensors",)


def test_after_a_stop_the_other_sides_later_steps_are_not_differences():
    """One difference where it stopped; the rest was not compared, and that is said."""
    comparison = compare(
        stopped_at(returned("make"), raised("build")),
        observed(returned("make"), returned("build"), returned("forward"), returned("config")),
    )
    assert kinds(comparison) == [(Kind.OUTCOME, "build")]
    assert comparison.not_compared == (
        "forward: the reference ended at step build.",
        "config: the reference ended at step build.",
    )


def test_a_step_that_leaves_no_trace_when_it_returns_counts_as_returned():
    """A step recorded only because it failed stands against an ordinary return."""
    comparison = compare(stopped_at(raised("build")), observed(returned("forward")))
    assert kinds(comparison) == [(Kind.OUTCOME, "build")]
    assert comparison.differences[0].candidate == {"status": "returned", "step": "build"}


@pytest.mark.parametrize("swapped", [False, True])
def test_both_raising_at_different_steps_is_one_error(swapped):
    """An invalid value refused at construction here and at the call there: both refuse it."""
    pair = (
        stopped_at(raised("make")),
        stopped_at(returned("make"), returned("config"), raised("call", "TypeError")),
    )
    comparison = compare(*(reversed(pair) if swapped else pair))
    assert kinds(comparison) == [(Kind.ERROR, "make")]
    assert comparison.differences[0].note == LATER
    assert {comparison.differences[0].reference["step"], comparison.differences[0].candidate["step"]} == {
        "make",
        "call",
    }


def test_a_stop_that_is_unsupported_decides_nothing():
    """When one side could not be observed to its end, another end is no difference."""
    comparison = compare(stopped_at(unsupported("make")), stopped_at(raised("call")))
    assert comparison.inconclusive
    comparison = compare(stopped_at(raised("call")), stopped_at(unsupported("make")))
    assert comparison.inconclusive


def test_an_error_before_the_limit_of_the_other_side_is_a_difference():
    """What one side raises where the other came through stands, though the other ends at a limit later on."""
    limited = stopped_at(returned("compile"), unsupported("fit"))
    for pair in ((limited, stopped_at(raised("compile"))), (stopped_at(raised("compile")), limited)):
        comparison = compare(*pair)
        assert kinds(comparison) == [(Kind.OUTCOME, "compile")]
        assert "fit: unsupported on the" in comparison.not_compared[0]


def test_missing_here_and_raising_there_is_a_difference_of_outcome():
    """An argument missing on one side is said even when the other side fails later."""
    comparison = compare(stopped_at(missing("make")), stopped_at(returned("make"), raised("call")))
    assert kinds(comparison) == [(Kind.OUTCOME, "make")]


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.TIMED_OUT])
def test_a_crash_or_a_hang_of_one_side_is_a_difference_of_the_case(outcome):
    """Against a return, a raise or the other sort of break, with the evidence kept."""
    broken = observed(outcome=outcome, evidence="SIGSEGV")
    for other in (observed(returned("a")), stopped_at(raised("a"))):
        (difference,) = compare(other, broken).differences
        assert (difference.kind, difference.step) == (Kind.OUTCOME, "case")
        assert difference.candidate == {"status": outcome.value, "evidence": "SIGSEGV"}
    assert compare(stopped_at(raised("a")), broken).differences[0].reference["type"] == "ValueError"


def test_two_crashes_or_two_hangs_are_inconclusive():
    """When both break there is nothing to compare; a crash against a hang is a difference."""
    crash, hang = observed(outcome=Outcome.CRASHED, payload="p"), observed(outcome=Outcome.TIMED_OUT)
    assert compare(crash, crash).inconclusive
    assert compare(hang, hang).inconclusive
    assert kinds(compare(crash, hang)) == [(Kind.OUTCOME, "case")]


def test_a_step_only_one_side_took_is_a_difference_where_nobody_stopped():
    """The union of steps is visited, in the order of the script."""
    comparison = compare(observed(returned("a"), returned("b")), observed(returned("a"), returned("c")))
    assert kinds(comparison) == [(Kind.OUTCOME, "c"), (Kind.OUTCOME, "b")]
    assert comparison.differences[0].reference is ABSENT
    assert kinds(compare(observed(), observed(missing("x")))) == [(Kind.OUTCOME, "x")]


@pytest.mark.parametrize("failed", [raised("call"), missing("call")])
def test_what_a_side_cannot_record_after_a_failure_follows_from_it(failed):
    """A step left out for want of an earlier result is not compared; the failure is the one difference."""
    whole = observed(returned("call"), returned("type", "array"))
    for one, two in ((whole, observed(failed)), (observed(failed), whole)):
        found = compare(one, two)
        assert [(d.step, d.kind) for d in found.differences] == [("call", Kind.OUTCOME)]
        assert [s.split(":")[0] for s in found.not_compared] == ["type"]


def test_a_failure_both_sides_share_or_a_later_one_excuses_nothing():
    """A step is missing for its own sake where both failed alike before it, or one fails only after it."""
    before = compare(observed(raised("call"), returned("extra")), observed(raised("call")))
    assert [d.step for d in before.differences] == ["extra"]
    after = compare(observed(returned("extra"), returned("last")), observed(raised("last")))
    assert [d.step for d in after.differences] == ["extra", "last"]


def test_warnings_are_compared_by_category():
    """A warning on one side only differs; another wording of the same category does not."""
    user = [Warned("UserWarning", "a")]
    one, two = observed(returned("make", warned=user)), observed(returned("make"))
    (difference,) = compare(one, two).differences
    assert (difference.kind, difference.path) == (Kind.WARNINGS, "warnings")
    assert difference.reference == [{"category": "UserWarning", "text": "a"}]
    assert kinds(compare(one, observed(returned("make", warned=[Warned("UserWarning", "b")])))) == []
    assert kinds(compare(one, observed())) == [(Kind.WARNINGS, "make")]


def test_random_steps_are_compared_as_samples():
    """A step of the kind distribution goes to the distribution test."""
    draws = [np.random.default_rng(i).standard_normal(500) for i in range(3)]
    one, two, other = (
        observed(Step("init", Kind.DISTRIBUTION, StepStatus.RETURNED, {"sample": d}))
        for d in (draws[0], draws[1], draws[2] * 3)
    )
    assert kinds(compare(one, two)) == []
    assert kinds(compare(one, other)) == [(Kind.DISTRIBUTION, "init")]


def test_the_outcomes_of_both_sides_are_kept():
    """A comparison says how each side ended."""
    comparison = compare(stopped_at(raised("a")), observed(returned("a")))
    assert comparison.outcomes == (Outcome.RAISED, Outcome.RETURNED)
