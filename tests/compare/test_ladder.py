"""Rounding, precision and meaning told apart."""

import math

import ml_dtypes
import numpy as np
import pytest

from harness.compare import ladder
from harness.compare.ladder import Evidence, judge, judge_special
from harness.model import Kind

GRAIN = np.float32(2.0**-23)


def pair(relative, seed=0, count=50):
    """Two float32 arrays that far apart, and their exact float64 forms."""
    one = np.random.default_rng(seed).standard_normal(count).astype(np.float32)
    return one, (one.astype(np.float64) * (1 + relative)).astype(np.float32)


def test_a_difference_that_stays_in_float64_is_one_of_meaning():
    """Another hard_sigmoid: 8e-2 apart in both."""
    one, two = pair(0.08)
    judgement = judge(one, two, Evidence(shadows=(one.astype(float), one.astype(float) * 1.08), terms=50))
    assert judgement.kind is Kind.VALUE
    assert judgement.size.shadow == pytest.approx(0.08 * float(np.abs(one).max()))


def test_a_difference_that_vanishes_in_float64_is_rounding():
    """6e-8 apart in float32 and nothing in float64."""
    one, two = pair(6e-8)
    judgement = judge(one, two, Evidence(shadows=(one.astype(float),) * 2, terms=50))
    assert (judgement.kind, judgement.inconclusive) == (None, False)
    assert judgement.reason.startswith("rounding")


def test_the_threshold_is_the_geometric_midpoint():
    """2**-14.5 for float32: as far from the ratio of rounding (2**-29) as from that of meaning (1)."""
    assert ladder.shadow_threshold(2.0**-24) == 2.0**-14.5
    one, two = pair(1e-1)
    apart = float(np.abs(one.astype(float) - two).max())
    for factor, meaning in ((1.01, True), (0.99, False)):
        shadow = one.astype(float)
        other = shadow.copy()
        other[0] += apart * 2.0**-14.5 * factor
        judged = judge(one, two, Evidence(shadows=(shadow, other), terms=50))
        assert (judged.kind is Kind.VALUE) is meaning


def test_meaning_below_one_rounding_of_the_result_is_not_seen():
    """A constant kept in single precision moves the float64 result by less than float32 can tell."""
    one, two = np.ones(50, np.float32), np.ones(50, np.float32)
    two[7] = 1 + GRAIN
    shadow = one.astype(float)
    for steps, kind in ((0.9, None), (1.6, Kind.VALUE)):
        other = shadow.copy()
        other[7] += 2.0**-24 * steps
        assert judge(one, two, Evidence(shadows=(shadow, other), terms=50)).kind is kind


def cancelled(move):
    """A weight of which next to nothing is left after an update, `move` further on in the candidate.

    Both sides are off their own float64 by some units in the last place of what was subtracted.
    """
    truth = np.array([0.0133627211])
    one, two = (truth + 7e-9).astype(np.float32), (truth - 6e-9 - move).astype(np.float32)
    return one, two, truth, truth - move


def test_meaning_that_rounding_on_the_way_outweighs_is_not_seen():
    """A learning rate kept in float32 moves what is left of a cancelled weight by more than u times that."""
    one, two, truth, other = cancelled(2.09e-9)
    assert 2.0**-24 * truth[0] < 2.09e-9
    judged = judge(one, two, Evidence(shadows=(truth, other), terms=1))
    assert (judged.kind, judged.inconclusive) == (None, False)


@pytest.mark.parametrize("move", [2e-8, 1e-6])
def test_meaning_that_exceeds_what_rounding_did_is_seen_where_results_cancel(move):
    """Another learning rate is a difference, however little is left of the weight."""
    one, two, truth, other = cancelled(move)
    assert judge(one, two, Evidence(shadows=(truth, other), terms=1)).kind is Kind.VALUE


def test_rounding_that_both_sides_share_hides_no_meaning():
    """Both are 3e-7 off alike; what one adds to that in float64 it adds in float32, so it stands."""
    truth = np.random.default_rng(5).standard_normal(40)
    truth /= np.abs(truth).max()
    one, two = (truth + 3e-7).astype(np.float32), (truth + 5e-7).astype(np.float32)
    assert judge(one, two, Evidence(shadows=(truth, truth + 2e-7), terms=40)).kind is Kind.VALUE


def test_a_shadow_that_drew_other_numbers_hides_no_meaning():
    """Weights an initializer draws in float64 are others: what differs there by more than rounding stands."""
    one = np.random.default_rng(6).standard_normal(40)
    two, other = one + 0.03, np.random.default_rng(7).standard_normal(40)
    sides = one.astype(np.float32), two.astype(np.float32)
    assert judge(*sides, Evidence(shadows=(other, other + 0.001), terms=4)).kind is Kind.VALUE


def test_a_side_that_lost_digits_hides_no_meaning_by_that():
    """One side is 1e-3 off its own float64, the other meets it: what differs in float64 by 1e-4 stands."""
    truth = np.random.default_rng(4).standard_normal(40)
    one, two = truth.astype(np.float32), (truth + 1e-4 + 1e-3).astype(np.float32)
    assert judge(one, two, Evidence(shadows=(truth, truth + 1e-4), terms=4)).kind is Kind.VALUE


def rates(one, two):
    """Two learning rates as the sides give them, and as they are read in the shadow."""
    return np.asarray(np.float32(one)), np.asarray(np.float32(two)), (np.asarray(one), np.asarray(two))


@pytest.mark.parametrize(
    "other", [float(np.nextafter(np.float32(0.001), np.float32(0))), 0.0009999999310821295]
)
def test_numbers_that_came_out_of_float32_may_be_a_rounding_apart_in_the_shadow(other):
    """A learning rate kept in a float32 variable is read as a float, and rounded in the shadow as well."""
    assert float(np.float32(other)) == other
    one, two, shadows = rates(0.0010000000000000002, other)
    assert abs(shadows[0] - shadows[1]) > 2.0**-24 * 0.001
    judged = judge(one, two, Evidence(shadows=shadows))
    assert (judged.kind, judged.inconclusive) == (None, False)


def test_numbers_that_came_out_of_float32_differ_where_no_sum_rounds_so_far():
    """A rate of 0.5 and one of 0.50001, both kept in float32."""
    one, two, shadows = rates(0.5, float(np.float32(0.50001)))
    assert judge(one, two, Evidence(shadows=shadows)).kind is Kind.VALUE


def test_a_float32_is_finer_than_half_precision():
    """Two penalties in float16 that part in float32 by more than that rounds."""
    one, two = np.asarray(np.float16(2.1)), np.asarray(np.float16(2.2))
    shadows = np.asarray(float(np.float32(2.1))), np.asarray(float(np.float32(2.2)))
    assert judge(one, two, Evidence(shadows=shadows, terms=20_000)).kind is Kind.VALUE


def test_numbers_that_float64_does_not_tell_apart_are_alike():
    """An accuracy of a half on both sides in float64 is no difference, though a half is a float32 as well."""
    one, two = np.asarray(np.float32(0.5)), np.asarray(np.float32(0.4997))
    judged = judge(one, two, Evidence(shadows=(np.asarray(0.5), np.asarray(0.5)), jitters=((one,), (two,))))
    assert (judged.kind, judged.inconclusive) == (None, False)


def test_round_numbers_that_differ_do_so_whatever_type_they_came_from():
    """An accuracy of a half and one of three quarters."""
    one, two = np.asarray(np.float32(0.5)), np.asarray(np.float32(0.75))
    assert judge(one, two, Evidence(shadows=(np.asarray(0.5), np.asarray(0.75)))).kind is Kind.VALUE


def test_a_shadow_that_is_not_float64_is_none():
    """A target that demotes inside gives a float32 shadow, which proves nothing."""
    one, two = pair(1e-6)
    for shadows in (
        (one, two),
        (one.astype(float), two),
        (one.astype(float)[:5], two.astype(float)),
        (None, None),
    ):
        assert judge(one, two, Evidence(shadows=shadows)).inconclusive


def test_float64_results_have_no_finer_shadow():
    """What is float64 already is judged by jitter."""
    one = np.ones(3)
    assert judge(one, one + 1e-3, Evidence(shadows=(one, one))).inconclusive


def test_the_known_loss_of_precision_is_found():
    """Batch normalisation of 1e4 + 0…7: one side 1e-6 off, the other 1.5e-4, equal in float64."""
    values = 1e4 + np.arange(8.0)
    truth = (values - values.mean()) / np.sqrt(values.var() + 1e-3)
    good = (truth + 1e-6 * np.array([1, -1] * 4)).astype(np.float32)
    lossy = (truth + 1.5e-4 * np.array([1, -1] * 4)).astype(np.float32)
    evidence = Evidence(shadows=(truth, truth), terms=8)
    judgement = judge(lossy, good, evidence)
    assert judgement.kind is Kind.PRECISION
    assert judgement.departs == (True, False)
    assert judgement.size.reference_error == pytest.approx(1.5e-4, rel=0.01)
    assert judge(good, lossy, evidence).departs == (False, True)
    assert ladder.rounding_factor(8) == pytest.approx(19.4, abs=0.1)


def test_a_small_multiple_of_the_other_sides_error_is_honest_rounding():
    """Ten times the error of the other side is what another order of summation may cost."""
    truth = np.random.default_rng(0).standard_normal(64)
    noise = np.random.default_rng(1).uniform(-1, 1, (2, 64))
    one, two = (truth + noise[0] * 1e-6).astype(np.float32), (truth + noise[1] * 1e-5).astype(np.float32)
    assert judge(one, two, Evidence(shadows=(truth, truth), terms=64)).kind is None


def test_a_single_result_right_by_luck_proves_nothing():
    """One or two values cannot show that a side is more precise."""
    truth = np.array([1.0])
    one, two = np.array([1.0], np.float32), np.array([1.01], np.float32)
    assert judge(one, two, Evidence(shadows=(truth, truth), terms=8)).kind is None
    assert not ladder.enough_elements(6, 19.4)
    assert ladder.enough_elements(7, 19.4)


def test_few_results_are_enough_where_one_side_is_off_by_far_more_than_luck_explains():
    """A fused kernel's unbiased variance of four channels is 5e-4 off, the other side 1e-7: no luck."""
    truth = np.array([0.9, 1.1, 1.3, 0.7])
    near, far = (truth + 1e-7).astype(np.float32), (truth * (1 + 5e-4)).astype(np.float32)
    judgement = judge(near, far, Evidence(shadows=(truth, truth), terms=96))
    assert judgement.kind is Kind.PRECISION
    assert judgement.departs == (False, True)
    assert judge(near[:2], far[:2], Evidence(shadows=(truth[:2], truth[:2]), terms=96)).kind is None


def test_few_results_that_cancel_altogether_prove_nothing():
    """A gradient that is zero: one side says so exactly, the other to a rounding of what was summed."""
    for truth in (np.zeros(4), np.array([1e-17, -1e-17, 2e-17, 0.0])):
        noise = np.array([7e-9, 1e-9, -3e-9, 0.0], np.float32)
        evidence = Evidence(shadows=(truth, truth), terms=4)
        assert judge(truth.astype(np.float32), noise, evidence).kind is None


def test_a_step_function_that_flips_is_not_a_loss_of_precision():
    """Whole numbers that jump while float64 agrees are rounding upstream."""
    truth = np.arange(40.0)
    jumped = truth.astype(np.float32)
    jumped[3] += 1
    assert judge(truth.astype(np.float32), jumped, Evidence(shadows=(truth, truth), terms=4)).kind is None


def test_without_shadows_the_band_of_jitter_decides():
    """Within the factor times the bands: rounding. Beyond: a difference in meaning."""
    one, two = pair(1e-7)
    moved = (one * np.float32(1 + 2e-7)).astype(np.float32)
    evidence = Evidence(jitters=((moved,), (two,)), terms=4)
    within = judge(one, two, evidence)
    assert (within.kind, within.inconclusive) == (None, False)
    assert within.size.band == pytest.approx(float(np.abs(one.astype(float) - moved).max()))
    assert (
        judge(one, pair(1e-3)[1], Evidence(jitters=((moved,), (pair(1e-3)[1],)), terms=4)).kind is Kind.VALUE
    )


def behind_saturation(candidate_error):
    """Results whose float32 rounding no move of the inputs shows: only one side has a shadow that does."""
    truth = np.random.default_rng(3).standard_normal(40) * 1e-3
    one, two = (truth + 6e-8).astype(np.float32), (truth - candidate_error).astype(np.float32)
    return one, two, Evidence(shadows=(truth, None), jitters=((one,), (two,)), terms=4)


def test_the_one_shadow_there_is_shows_what_rounding_does():
    """A side that is 6e-8 away from its own float64 allows the other to be as far away again."""
    one, two, evidence = behind_saturation(6e-8)
    judged = judge(one, two, evidence)
    assert (judged.kind, judged.inconclusive) == (None, False)
    assert "its own float64" in judged.reason
    one, two, evidence = behind_saturation(1e-3)
    assert judge(one, two, evidence).kind is Kind.VALUE


def test_what_only_one_sides_own_error_explains_may_be_a_loss_of_precision():
    """One side 1e-5 off its own float64 where the other meets it: the first is to blame."""
    truth = np.random.default_rng(3).standard_normal(40)
    one, two = (truth + 1e-5).astype(np.float32), truth.astype(np.float32)
    judged = judge(one, two, Evidence(shadows=(truth, None), jitters=((one,), (two,)), terms=4))
    assert (judged.kind, judged.departs) == (Kind.PRECISION, (True, False))


def test_without_any_evidence_nothing_is_decided():
    """No shadow, no jitter, no oracle: neither agreement nor divergence."""
    judgement = judge(*pair(1e-7), Evidence())
    assert (judgement.kind, judgement.inconclusive) == (None, True)
    far = pair(1e-2)
    assert judge(*far, Evidence(oracle=far[0].astype(float), terms=4)).inconclusive


def test_two_sides_that_both_meet_the_oracle_agree():
    """Without reruns, two results within rounding of the truth differ by rounding."""
    one, two = pair(1e-7)
    judgement = judge(one, two, Evidence(oracle=one.astype(float), terms=4))
    assert (judgement.kind, judgement.inconclusive) == (None, False)
    assert judgement.size.candidate_error is not None


def test_reruns_of_another_shape_or_type_are_no_evidence():
    """What does not fit the place is left out."""
    one, two = pair(1e-7)
    assert judge(one, two, Evidence(jitters=((one[:3],), (np.array(["x"]),)))).inconclusive


@pytest.mark.parametrize(
    ("truth", "departs"), [("one", (False, True)), ("two", (True, False)), ("third", (True, True))]
)
@pytest.mark.parametrize("by", ["shadow", "jitter"])
def test_the_oracle_tells_which_side_departs(truth, departs, by):
    """A side departs when its distance from the oracle is more than rounding, with either evidence."""
    one = np.random.default_rng(0).standard_normal(50)
    exact = {"one": one, "two": one * 1.08, "third": one * 3}
    a, b = one.astype(np.float32), exact["two"].astype(np.float32)
    shadows = (one, exact["two"]) if by == "shadow" else (None, None)
    evidence = Evidence(shadows=shadows, jitters=((a + GRAIN,), (b + GRAIN,)), oracle=exact[truth], terms=50)
    judgement = judge(a, b, evidence)
    assert (judgement.kind, judgement.departs) == (Kind.VALUE, departs)


def test_one_sides_shadow_is_no_witness_against_the_other():
    """A difference in meaning without an oracle has no blame and no errors."""
    one, two = pair(0.1)
    judgement = judge(one, two, Evidence(shadows=(one.astype(float), two.astype(float)), terms=9))
    assert judgement.departs == (None, None)
    assert judgement.size.reference_error is None


def test_whole_numbers_differ_unless_a_side_differs_from_itself():
    """An index that flips under jitter, or in float32 only, is rounding; any other is a value."""
    one, two = np.array([1, 2, 3]), np.array([1, 2, 4])
    assert judge(one, two, Evidence()).kind is Kind.VALUE
    assert judge(one, two, Evidence(jitters=((np.array([1, 5, 3]),), (two,)))).kind is Kind.VALUE
    assert judge(one, two, Evidence(jitters=((np.array([1, 2, 5]),), ()))).kind is None
    assert judge(one, two, Evidence(jitters=((), (np.array([1, 2, 3]),)))).kind is None
    assert judge(one, two, Evidence(shadows=(one, one))).kind is None
    assert judge(one, two, Evidence(shadows=(one, two))).kind is Kind.VALUE
    assert judge(one, two, Evidence(oracle=one)).departs == (False, True)
    assert judge(np.array([True]), np.array([False]), Evidence()).kind is Kind.VALUE


def test_special_values_differ_unless_a_side_crosses_them_itself():
    """NaN here and a number there is a difference, unless one ulp of input does it as well."""
    one, two = np.array([1.0, np.nan, 2.0]), np.array([1.0, 3.0, 2.0])
    assert judge_special(one, two, Evidence()).kind is Kind.SPECIAL
    assert (
        judge_special(one, two, Evidence(jitters=((np.array([np.nan, np.nan, 2.0]),), ()))).kind
        is Kind.SPECIAL
    )
    assert judge_special(one, two, Evidence(jitters=((np.array([1.0, 3.0, 2.0]),), ()))).kind is None
    assert judge_special(one, two, Evidence(oracle=two)).departs == (True, False)
    assert judge_special(np.array([np.inf]), np.array([-np.inf]), Evidence()).kind is Kind.SPECIAL


def test_only_positions_finite_on_both_sides_are_judged():
    """A shared NaN does not hide or make a difference beside it."""
    one, two = pair(0.1)
    one[0] = two[0] = np.nan
    shadows = one.astype(float), two.astype(float)
    assert judge(one, two, Evidence(shadows=shadows, terms=9)).kind is Kind.VALUE
    hidden = shadows[0].copy()
    hidden[1:] = np.nan
    assert judge(one, two, Evidence(shadows=(hidden, shadows[1]), terms=9)).inconclusive


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_half_precision_is_judged_by_its_own_unit(dtype):
    """One unit in the last place is rounding, ten percent is not, in either half type."""
    exact = np.random.default_rng(0).standard_normal(40)
    one = exact.astype(dtype)
    unit = float(ml_dtypes.finfo(dtype).eps)
    near = (one.astype(float) * (1 + unit)).astype(dtype)
    far = (one.astype(float) * 1.1).astype(dtype)
    assert judge(one, near, Evidence(shadows=(exact, exact), terms=4)).kind is None
    assert judge(one, far, Evidence(shadows=(exact, exact * 1.1), terms=4)).kind is Kind.VALUE


def test_complex_results_are_judged_by_their_parts():
    """A spectrum is a pair of floats."""
    one = (np.ones(8) + 1j * np.arange(8)).astype(np.complex64)
    shadow = one.astype(np.complex128)
    assert (
        judge(one, one * np.complex64(1.1), Evidence(shadows=(shadow, shadow * 1.1), terms=8)).kind
        is Kind.VALUE
    )
    assert judge(one, one + np.complex64(1e-7), Evidence(shadows=(shadow, shadow), terms=8)).kind is None


def test_the_factor_is_that_of_the_stated_rate():
    """2 n exp(-lambda**2 / 2) is the false-alarm rate, for any number of terms."""
    for terms in (1, 8, 1000, 10**6):
        factor = ladder.rounding_factor(terms) / math.sqrt(terms)
        assert 2 * terms * math.exp(-(factor**2) / 2) == pytest.approx(1e-9)
    assert ladder.rounding_factor(0) == ladder.rounding_factor(1)


def test_arrays_that_do_not_differ_need_no_evidence():
    """Equal where both are finite: there is nothing to explain."""
    one = np.array([1.0, np.nan])
    judgement = judge(one, one, Evidence())
    assert (judgement.kind, judgement.inconclusive) == (None, False)


def test_infinity_on_both_sides_is_no_part_of_what_float64_confirms():
    """What float64 confirms of a difference is asked of finite positions alone."""
    one, two, truth, other = (np.append(x, x.dtype.type(np.inf)) for x in cancelled(2.09e-9))
    assert judge(one, two, Evidence(shadows=(truth, other), terms=1)).kind is None


def test_rounding_of_float64_where_a_narrower_type_has_zeros_is_no_meaning():
    """A sigmoid's gradient: an ulp of 1e-12 in float32; elsewhere what 1 - 1 leaves in float64."""
    one = np.array([1.1e-12, 0.0, 3e-16], np.float32)
    two = np.array([np.nextafter(one[0], np.float32(1)), 0.0, 3e-16], np.float32)
    truth = one.astype(float)
    shadows = truth + np.array([0.0, 8.4e-17, 0.0]), truth
    judged = judge(one, two, Evidence(shadows=shadows, terms=12, magnitude=1.0))
    assert (judged.kind, judged.inconclusive) == (None, False)
    moved = truth + np.array([1e-13, 0.0, 0.0])
    evidence = Evidence(shadows=(truth, moved), terms=12, magnitude=1.0)
    assert judge(one, moved.astype(np.float32), evidence).kind is Kind.VALUE


def test_meaning_that_the_type_compared_hides_counts():
    """Masked scores: -1e9 swallows them in float32, and float64 parts what became of them."""
    one, two = (
        np.array([0.5, 0.25], np.float32),
        np.array([0.5, np.nextafter(np.float32(0.25), 1)], np.float32),
    )
    shadows = np.array([0.5, 0.25]), np.array([0.65, 0.25])
    assert judge(one, two, Evidence(shadows=shadows, terms=12, magnitude=1e9)).kind is Kind.VALUE
