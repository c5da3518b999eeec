"""Which side departs from what is documented."""

import pytest

from harness.classify.blame import LACKING, NOT_REACHED, SILENT, Documented, blame, why_unknown
from harness.compare.ladder import Judgement
from harness.model import ABSENT, Blame, Difference, Kind, Size


def judgement(departs, errors=(None, None)):
    """A judged value with that knowledge."""
    size = Size(1.0, 1.0, 1.0, 1, 1, 1.0, reference_error=errors[0], candidate_error=errors[1])
    return Judgement(Kind.VALUE, size, "", departs=departs)


@pytest.mark.parametrize(
    ("departs", "expected"),
    [
        ((True, False), Blame.REFERENCE),
        ((False, True), Blame.CANDIDATE),
        ((True, True), Blame.BOTH),
        ((False, False), Blame.NEITHER),
        ((None, None), Blame.UNKNOWN),
        ((True, None), Blame.UNKNOWN),
    ],
)
def test_the_blame_is_read_from_who_departs(departs, expected):
    """What is known of both sides decides; what is not known blames nobody."""
    assert blame([judgement(departs)])[0] is expected


def test_the_first_judgement_that_knows_decides():
    """A later step inherits what went wrong in an earlier one."""
    found = blame([judgement((None, None)), judgement((False, True)), judgement((True, True))])
    assert found[0] is Blame.CANDIDATE


@pytest.mark.parametrize(
    ("departs", "errors", "expected"),
    [
        ((True, False), (2e-7, 2e-7), Blame.UNKNOWN),
        ((True, False), (3e-7, 2e-7), Blame.REFERENCE),
        ((False, True), (2e-7, 1e-7), Blame.UNKNOWN),
        ((False, True), (1e-7, 2e-7), Blame.CANDIDATE),
        ((True, True), (2e-7, 2e-7), Blame.BOTH),
        ((False, False), (0.0, 0.0), Blame.NEITHER),
    ],
)
def test_one_side_is_blamed_only_where_it_is_further_from_the_oracle(departs, errors, expected):
    """Two sides that are equally far off are told apart by nothing."""
    assert blame([judgement(departs, errors)])[0] is expected


def test_the_evidence_gives_both_distances():
    """One sentence with the figures, or without where none were measured."""
    _, evidence = blame([judgement((False, True), errors=(1e-7, 0.08))])
    assert "1e-07" in evidence
    assert "0.08" in evidence
    assert blame([judgement((True, True))])[1] == "Both sides depart from the documented result."


def test_a_documented_fact_decides_where_nothing_is_computed():
    """A default or a name is blamed by what the documentation says, an oracle comes first."""
    fact = Documented(Blame.REFERENCE, "The page of layers.X says epsilon is 1e-3.")
    assert blame([], fact) == (Blame.REFERENCE, fact.evidence)
    assert blame([judgement((False, True))], fact)[0] is Blame.CANDIDATE
    assert blame([]) == (Blame.UNKNOWN, "")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ({"status": "returned"}, {"status": "missing"}, LACKING),
        (ABSENT, {"status": "returned"}, NOT_REACHED),
        ({"status": "raised"}, {"status": "returned"}, SILENT[Kind.OUTCOME]),
        ({"status": "raised"}, {"status": "missing"}, LACKING),
    ],
)
def test_why_nobody_is_blamed_for_how_a_step_ended_depends_on_how_it_ended(one, two, expected):
    """A name that one side lacks, a step it never came to, and a refusal are three reasons."""
    assert why_unknown(Difference("s", Kind.OUTCOME, "", one, two), [], "no oracle") == expected


@pytest.mark.parametrize("kind", list(Kind))
def test_there_is_a_reason_for_every_kind(kind):
    """A cause without a blame always says why."""
    difference = Difference("s", kind, "", 1, 2)
    assert why_unknown(difference, [], "").endswith(".")
    assert why_unknown(difference, [judgement((None, None), (0.0, 1.0))], "").endswith(".")
    assert why_unknown(difference, [], "it is random.").endswith(".")
