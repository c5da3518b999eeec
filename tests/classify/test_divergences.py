"""Differences become divergences, divergences become causes."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.classify.divergences import causes, classify, example_of, extent, sentence, shown
from harness.compare.ladder import Judgement
from harness.compare.numbers import size
from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Blame, Case, Difference, Kind, Severity, Size, Verdict


def case(subject="layers.Dense", **parameters):
    """A case of that subject."""
    return Case(subject, "layer", parameters, None)


def value(step, by=0.5):
    """A sized numeric difference."""
    one, two = np.ones(4, np.float32), np.array([1, 1, 1, 1 + by], np.float32)
    return Difference(step, Kind.VALUE, "outputs[0]", one, two, size=size(one, two))


DTYPE = Difference(
    "config", Kind.CONFIG, "dtype", "float32", {"module": "keras", "class_name": "DTypePolicy"}
)
NAME = Difference("weights", Kind.NAMES, "[0]", "kernel:0", "kernel")


def test_a_cases_differences_are_grouped_by_cause():
    """One divergence per fingerprint, in the order of the script, with all its differences."""
    found = classify(case(units=1), [DTYPE, value("forward"), value("gradient"), NAME], pair="modern")
    assert [(d.kind, len(d.differences)) for d in found] == [
        (Kind.CONFIG, 1),
        (Kind.VALUE, 2),
        (Kind.NAMES, 1),
    ]
    assert [d.severity for d in found] == [Severity.CONFIG, Severity.NUMBERS, Severity.NAMES]
    assert found[1].path == "forward.outputs[*]"
    assert classify(case(), [], pair="modern") == ()


def test_ids_are_stable_and_tell_pair_case_and_cause_apart():
    """The same divergence has the same id in every run."""
    ids = [
        classify(c, [d], pair=p)[0].id
        for c, d, p in (
            (case(), DTYPE, "modern"),
            (case(), DTYPE, "jax"),
            (case(units=2), DTYPE, "modern"),
            (case(), NAME, "modern"),
        )
    ]
    assert len(set(ids)) == 4
    assert classify(case(), [DTYPE], pair="modern")[0].id == ids[0]


def test_the_blame_comes_from_the_divergences_own_judgements():
    """A judgement of another divergence says nothing."""
    judgement = Judgement(Kind.VALUE, Size(1, 1, 1, 1, 1, 1), "", departs=(False, True))
    found = classify(
        case(), [DTYPE, value("forward")], pair="p", judgements={"forward.outputs[0]": judgement}
    )
    assert [d.blame for d in found] == [Blame.UNKNOWN, Blame.CANDIDATE]


def test_what_the_documentation_does_not_settle_blames_nobody():
    """The reason stands where the evidence would; what an oracle says nothing of keeps its own."""
    judgement = Judgement(Kind.VALUE, Size(1, 1, 1, 1, 1, 1), "", departs=(False, True))
    config, number = classify(
        case(),
        [DTYPE, value("forward")],
        pair="p",
        judgements={"forward.outputs[0]": judgement},
        unsettled="No page says.",
    )
    assert (number.blame, number.blame_evidence) == (Blame.UNKNOWN, "No page says.")
    assert config.blame_evidence != "No page says."


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (DTYPE, "`config.dtype` is a dict{class_name,module} instead of 'float32'"),
        (NAME, "`weights[0]` is 'kernel' instead of 'kernel:0'"),
        (value("forward"), "`forward.outputs[0]` differs: by 0.5 (1 of 4 values)"),
        (
            replace(value("forward"), kind=Kind.PRECISION),
            "`forward.outputs[0]` is far less accurate on one side: by 0.5 (1 of 4 values)",
        ),
        (
            Difference("f", Kind.SPECIAL, "", 1, 2, note=SIGN_OF_ZERO, size=Size(0, 0, 0, 1, 0, 0)),
            "`f` holds zeros of another sign",
        ),
        (
            Difference("f", Kind.SPECIAL, "", 1, 2, note="NaN at 1"),
            "`f` holds other special values: NaN at 1",
        ),
        (Difference("f", Kind.DISTRIBUTION, "", 1, 2, note="p"), "`f` is distributed otherwise: p"),
        (Difference("f", Kind.SHAPE, "x", [2, 3], [3]), "`f.x` is [3] instead of [2,3]"),
        (
            Difference(
                "make", Kind.OUTCOME, "", {"status": "raised", "type": "TypeError"}, {"status": "returned"}
            ),
            "`make`: the reference raises TypeError, the candidate returns",
        ),
        (
            Difference("case", Kind.OUTCOME, "", {"status": "missing"}, {"status": "timed out"}),
            "`case`: the reference does not have it, the candidate timed out",
        ),
        (
            Difference("x", Kind.OUTCOME, "", ABSENT, {"status": "returned"}),
            "`x`: the reference has no such step, the candidate returns",
        ),
        (
            Difference("x", Kind.WARNINGS, "warnings", [{"category": "UserWarning", "text": "t"}], []),
            "`x.warnings`: the reference warns (UserWarning), the candidate does not warn",
        ),
    ],
)
def test_a_summary_is_one_sentence_made_from_fields(difference, expected):
    """Every kind of difference has its sentence."""
    assert sentence(difference) == expected


@given(st.text(), st.text(), st.text())
def test_nothing_a_target_says_makes_a_summary_long_or_invisible(one, two, path):
    """Escapes, newlines and megabytes stay out of sentences."""
    difference = Difference("config", Kind.CONFIG, "a", one * 50, {two * 50: path})
    text = sentence(difference)
    assert text.isprintable()
    assert len(text) < 400


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (ABSENT, "absent"),
        (None, "None"),
        (True, "true"),
        (0.1, "0.1"),
        ("a\x1b", "'a\\x1b'"),
        (np.ones((2, 3), np.float32), "an array of float32 of shape [2, 3]"),
        ([np.ones(1)], "a list of 1"),
        ({"b": 1, "a": 2}, "a dict{a,b}"),
        (object, "type"),
    ],
)
def test_values_are_shown_in_few_characters(given, expected):
    """Arrays by type and shape, containers by make, scalars as they are."""
    assert shown(given) == expected


def test_divergences_of_one_fingerprint_are_one_cause():
    """One cause over three subjects, titled without any of their names."""
    found = [d for s in ("layers.A", "layers.B", "layers.C") for d in classify(case(s), [DTYPE], pair="p")]
    (cause,) = causes(found)
    assert cause.subjects == ("layers.A", "layers.B", "layers.C")
    assert cause.title == "`config.dtype` is a dict{class_name,module} instead of 'float32'; 3 subjects"


def test_a_cause_of_one_subject_names_it_and_counts_its_cases():
    """Two cases of one layer."""
    found = [d for n in (1, 2) for d in classify(case(units=n), [value("forward")], pair="p")]
    assert (
        causes(found)[0].title
        == "layers.Dense: `forward.outputs[0]` differs: by 0.5 (1 of 4 values); 2 cases"
    )
    assert causes(found[:1])[0].title.endswith("; 1 case")


def test_causes_come_worst_first_then_widest_then_largest():
    """Severity, then how many subjects, then size."""
    found = [
        *classify(case("layers.A"), [DTYPE, NAME], pair="p"),
        *classify(case("layers.B"), [DTYPE, value("forward", 0.25)], pair="p"),
        *classify(case("layers.C"), [value("forward", 0.5)], pair="p"),
    ]
    assert [(c.severity.name, c.subjects) for c in causes(found)] == [
        ("NUMBERS", ("layers.C",)),
        ("NUMBERS", ("layers.B",)),
        ("CONFIG", ("layers.A", "layers.B")),
        ("NAMES", ("layers.A",)),
    ]
    assert causes([]) == ()


def test_a_cause_has_a_blame_and_a_verdict_only_as_far_as_its_divergences_agree():
    """Two different blames are unknown; what is new under a known root is a cause by itself."""
    (one,) = classify(case(units=1), [value("forward")], pair="p")
    (two,) = classify(case(units=2), [value("forward")], pair="p")
    blamed = [replace(one, blame=Blame.CANDIDATE), replace(two, blame=Blame.UNKNOWN)]
    assert causes(blamed)[0].blame is Blame.CANDIDATE
    assert causes([blamed[0], replace(two, blame=Blame.REFERENCE)])[0].blame is Blame.UNKNOWN
    expected = replace(one, verdict=Verdict.EXPECTED)
    assert causes([expected])[0].verdict is Verdict.EXPECTED
    both = causes([expected, two])
    assert {c.verdict: c.divergences for c in both} == {
        Verdict.EXPECTED: (expected,),
        Verdict.NEW: (two,),
    }
    assert len({c.fingerprint for c in both}) == 1


def test_cases_that_disagree_about_the_blame_are_counted():
    """A cause without a blame of its own says how often each side is blamed."""
    (one,) = classify(case(units=1), [value("forward")], pair="p")
    blamed = [
        replace(one, blame=who, blame_evidence=f"{who}.")
        for who in (Blame.CANDIDATE, Blame.REFERENCE, Blame.CANDIDATE, Blame.UNKNOWN)
    ]
    (cause,) = causes(blamed)
    assert cause.blame is Blame.UNKNOWN
    assert "4 cases disagree" in cause.blame_evidence
    assert "candidate in 2, reference in 1" in cause.blame_evidence
    (alike,) = causes(d for d in blamed if d.blame is not Blame.REFERENCE)
    assert (alike.blame, alike.blame_evidence) == (Blame.CANDIDATE, "candidate.")


def test_a_title_is_about_the_worst_case():
    """Infinitely far apart is the worst, and the example a page shows is the one the title is about."""
    (mild,) = classify(case(units=1), [value("forward", 0.5)], pair="p")
    endless = replace(value("forward"), size=replace(value("forward").size, max_abs=7, tolerance=math.nan))
    (worst,) = classify(case(units=2), [endless], pair="p")
    assert extent(worst) == float("inf")
    assert example_of([mild, worst]) is worst
    (cause,) = causes([mild, worst])
    assert sentence(worst.differences[0]) in cause.title


def test_the_example_of_a_cause_is_one_that_was_looked_at():
    """A larger difference of which no closer look was taken does not stand before one that was looked at."""
    (large,) = classify(case(units=1), [value("forward", 9.0)], pair="p")
    (small,) = classify(case(units=2), [value("forward", 0.5)], pair="p")
    assert extent(large) > extent(small)
    assert example_of([large, small]) is large
    assert example_of([replace(large, looked_at=False), small]) is small


def test_a_title_says_what_it_is_about_once():
    """The subject stands before what is common to its cases, not its stem as well."""
    two = [value("forward"), value("gradient")]
    found = [classify(case("regularizers.L1L2", l=i), [d], pair="p")[0] for i, d in enumerate(two)]
    (cause,) = causes(replace(d, fingerprint=f"value|{i}") for i, d in enumerate(found))
    assert cause.title == "regularizers.L1L2: numbers differ; 2 cases"


def test_a_title_names_the_scenario_it_shows_in():
    """`Model.fit` stands in many programs."""
    one = Case("Model.fit", "scenarios_training:loss_weights", {}, None)
    (cause,) = causes(classify(one, [value("step")], pair="p"))
    assert cause.title == (
        "Model.fit: `step.outputs[0]` differs: by 0.5 (1 of 4 values), in `loss_weights`; 1 case"
    )


def test_another_class_is_said_before_what_follows_from_it():
    """The class of an initializer tells more than the arguments it no longer has."""
    found = classify(
        case(),
        [
            Difference("config", Kind.CONFIG, "init.config.mode", "fan_avg", ABSENT),
            Difference("config", Kind.CONFIG, "init.class_name", "VarianceScaling", "GlorotUniform"),
        ],
        pair="p",
    )
    assert [d.summary for d in found] == [
        "layers.Dense: `config.init.class_name` is 'GlorotUniform' instead of 'VarianceScaling'"
    ]
