"""Which differences have one cause."""

import numpy as np

from harness.classify.fingerprint import LONGEST, fingerprints
from harness.compare.observations import LATER
from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Difference, Kind


def prints(*differences, subject="layers.Dense", keep=()):
    """The fingerprints of one case's differences."""
    return fingerprints(subject, differences, keep)


def value(step, kind=Kind.VALUE):
    """A numeric difference."""
    return Difference(step, kind, "outputs[0]", np.ones(1), np.zeros(1))


def raised(message, kind="ValueError", step="make"):
    """One side of an outcome difference."""
    return {"status": "raised", "step": step, "type": kind, "message": message}


def outcome(reference, candidate, step="make", note=""):
    """A difference of outcome."""
    return Difference(step, Kind.OUTCOME, "", reference, candidate, note=note)


RETURNED = {"status": "returned"}


def test_one_config_change_of_many_subjects_is_one_cause():
    """The same key that turned from a name into a dict, whatever the subject."""
    change = Difference(
        "config", Kind.CONFIG, "dtype", "float32", {"class_name": "DTypePolicy", "config": {}}
    )
    one, two = prints(change), prints(change, subject="layers.GRU")
    assert one == two == ("config|config.dtype|str → dict{class_name,config}",)


def test_another_key_or_another_default_is_another_cause():
    """Keys are kept, and so are the values of defaults."""
    changes = [
        Difference("config", Kind.CONFIG, "epsilon", 0.001, 1e-07),
        Difference("config", Kind.CONFIG, "epsilon", 0.001, 1e-08),
        Difference("config", Kind.CONFIG, "momentum", 0.001, 1e-07),
        Difference("config", Kind.CONFIG, "epsilon", 0.001, ABSENT),
    ]
    assert len(set(prints(*changes))) == 4


def test_the_numbers_of_one_subject_are_one_cause_named_by_its_first_step():
    """Outputs, gradients and predictions of a case that differ share one root."""
    found = prints(value("forward"), value("gradient"), value("predict"))
    assert set(found) == {"value|layers.Dense|forward"}
    assert prints(value("gradient")) == ("value|layers.Dense|gradient",)
    assert prints(value("forward"), subject="layers.GRU") != prints(value("forward"))


def test_each_kind_of_number_is_a_cause_of_its_own():
    """A loss of precision and another meaning are not the same."""
    found = prints(value("forward"), value("gradient", Kind.PRECISION), value("predict", Kind.SHAPE))
    assert len(set(found)) == 3


def test_a_change_of_dtype_is_one_cause_over_subjects():
    """float64 inputs cast to float32 by every layer."""
    change = Difference("forward", Kind.DTYPE, "outputs[0]", "float64", "float32")
    assert prints(change) == prints(change, subject="layers.GRU") == ("dtype|forward|float64 → float32",)


def test_the_message_template_of_the_raising_side_makes_the_cause():
    """One refusal in two subjects is one cause; another refusal, or the other side's, is another."""
    one = outcome(RETURNED, raised("Unrecognized keyword arguments passed to Dense: {'fused': False}"))
    two = outcome(RETURNED, raised("Unrecognized keyword arguments passed to GRU: {'fused': False}"))
    assert prints(one) == prints(two, subject="layers.GRU")
    other = outcome(RETURNED, raised("`units` must be positive"))
    swapped = outcome(one.candidate, RETURNED)
    assert len({*prints(one), *prints(other), *prints(swapped)}) == 3
    assert prints(one, keep=["fused"]) != prints(one)


def test_missing_symbols_and_broken_cases_are_causes_of_their_subject():
    """What one subject lacks or dies of says nothing of another."""
    missing = outcome({"status": "missing"}, RETURNED, step="case")
    crashed = outcome({"status": "crashed", "evidence": "SIGSEGV"}, RETURNED, step="case")
    for difference in (missing, crashed):
        assert prints(difference) != prints(difference, subject="layers.GRU")
    assert prints(missing) != prints(crashed)


def test_a_step_only_one_side_takes_says_which():
    """The side that has it is part of the cause."""
    here, there = outcome(ABSENT, RETURNED), outcome(RETURNED, ABSENT)
    assert prints(here) == ("outcome|layers.Dense|make|only in the candidate",)
    assert prints(here) != prints(there)


def test_errors_are_told_by_both_sides():
    """Types and templates of both, and whether one came later."""
    here = Difference("make", Kind.ERROR, "", raised("a"), raised("b", "TypeError"))
    later = Difference("make", Kind.ERROR, "", raised("a"), raised("b", "TypeError"), note=LATER)
    assert prints(here) == ("error|make|raised ValueError a → raised TypeError b",)
    assert prints(later) == (f"error|{LATER}|raised ValueError a → raised TypeError b",)


def test_warnings_are_told_by_category_and_template():
    """The same deprecation in many subjects and steps is one cause."""
    sides = [{"category": "UserWarning", "text": "Do not pass `shape` to Dense 3"}], []
    found = prints(Difference("make", Kind.WARNINGS, "warnings", *sides))
    assert found == ("warnings|UserWarning: Do not pass '…' to {Subject} # → none",)


def test_zeros_of_another_sign_are_apart_from_other_special_values():
    """They are not worth the attention of a NaN."""
    special = value("forward", Kind.SPECIAL)
    sign = Difference("forward", Kind.SPECIAL, "outputs[0]", np.zeros(1), -np.zeros(1), note=SIGN_OF_ZERO)
    assert len(set(prints(special, sign))) == 2


def test_fingerprints_are_short_visible_text_whatever_a_target_says():
    """A megabyte of escapes ends in a hash, and two such are still told apart."""
    path = "x" * 10**6
    found = prints(
        Difference("config", Kind.CONFIG, path + "a", 1, 2),
        Difference("config", Kind.CONFIG, path + "b", 1, 2),
        Difference("config\x1b[31m", Kind.CONFIG, "a", 1, 2),
    )
    assert all(len(p) <= LONGEST and p.isprintable() for p in found)
    assert len(set(found)) == 3


def test_what_differs_inside_an_object_of_another_class_follows_from_its_class():
    """GlorotUniform instead of VarianceScaling: its other arguments are no causes of their own."""
    inside = "kernel_initializer"
    found = prints(
        Difference("config", Kind.CONFIG, f"{inside}.class_name", "VarianceScaling", "GlorotUniform"),
        Difference("config", Kind.CONFIG, f"{inside}.config.mode", "fan_avg", ABSENT),
        Difference("config", Kind.CONFIG, f"{inside}.config.scale", 1.0, ABSENT),
        Difference("config", Kind.CONFIG, "bias_initializer.config.dtype", ABSENT, "float32"),
    )
    assert found[:3] == ("config|config.*.class_name|VarianceScaling → GlorotUniform",) * 3
    assert found[3] == "config|config.*.config.dtype|absent → str"


def test_refusing_other_arguments_with_other_errors_is_one_cause():
    """Both sides refuse an unknown argument, each in its way, whichever argument it is."""
    made = [
        Difference(
            "make", Kind.ERROR, "", raised(f"Unrecognized: '{n}'"), raised(f"No '{n}' known", "TypeError")
        )
        for n in ("init", "output_dim")
    ]
    assert len({prints(d, keep=["init", "output_dim"]) for d in made}) == 1
