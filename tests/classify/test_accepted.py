"""What exactly was accepted: the file, its keys, the sizes."""

import math
from dataclasses import replace

import numpy as np
import pytest

from harness.classify.accepted import (
    Accepted,
    Entry,
    Key,
    entry_of,
    gathered,
    key_of,
    parse,
    same_size,
    slack,
)
from harness.classify.accepted import written as lines_of
from harness.classify.divergences import classify
from harness.compare.numbers import size
from harness.errors import WrongUse
from harness.model import ABSENT, Case, Difference, Kind

CONFIG = Difference("config", Kind.CONFIG, "dtype", "float32", ABSENT)


def value(by=0.5, step="forward", kind=Kind.VALUE, note=""):
    """A numeric difference of that relative size."""
    one, two = np.ones(2, np.float32), np.array([1, 1 - by], np.float32)
    return Difference(step, kind, "outputs[0]", one, two, size=size(one, two), note=note)


def divergence(*differences, **parameters):
    """The divergence of a case with these differences."""
    return classify(Case("layers.Dense", "layer", parameters, None), differences, pair="p")[0]


def written(accepted):
    """The text of a file."""
    return "\n".join(lines_of(accepted)) + "\n"


def test_results_are_kept_by_case_and_the_rest_by_subject():
    """A fault in another case of a subject that differs anyway is another line."""
    assert key_of(divergence(CONFIG)) == key_of(divergence(CONFIG, units=3))
    assert key_of(divergence(value())) != key_of(divergence(value(), units=3))
    assert entry_of(divergence(value())).size == 0.5
    assert entry_of(divergence(CONFIG)).size is None


def test_a_file_is_read_as_it_was_written_and_is_sorted():
    """Writing what was read gives the same file, so that its diffs are small."""
    found = [divergence(value(), units=n) for n in range(5)] + [divergence(CONFIG)]
    lines = {"b": gathered(found, {}), "a": {Key("f", "x.y"): Entry("12")}, "empty": {}}
    text = written(Accepted(lines))
    again = parse(text, "known.accepted")
    assert written(again) == text
    assert again.under("b") == lines["b"]
    assert again.under("nobody") == {}
    headings = [line for line in text.splitlines() if line.startswith("== ")]
    assert headings == ["== a", "== b"]


@pytest.mark.parametrize("text", ["x.y 12", "== a\nx.y 12", "== a\n-- f\nx.y", "== a\n-- f\nx 1 2 three ±4"])
def test_a_line_of_another_form_is_refused_with_its_number(text):
    """Nothing is guessed about a damaged file."""
    with pytest.raises(WrongUse, match=r"known.accepted: Expected line \d"):
        parse(text, "known.accepted")


def test_the_size_may_move_by_what_rounding_was_measured_to_do():
    """A band counts twice, once a side; without one the last place counts."""
    plain = value()
    assert slack(plain) == pytest.approx(2 * plain.size.tolerance / plain.size.max_ulp)
    banded = replace(plain, size=replace(plain.size, band=0.1))
    assert slack(banded) == pytest.approx(0.2)
    shadowed = replace(plain, size=replace(plain.size, shadow=0.25))
    assert slack(shadowed) == pytest.approx(0.5)
    assert slack(replace(plain, size=None)) == 0.0
    entry = Entry("c", "p", 1.0, 0.1)
    assert same_size(entry, Entry("c", "p", 1.2, 0.1))
    assert not same_size(entry, Entry("c", "p", 1.3, 0.1))
    assert not same_size(entry, Entry("c", "q", 1.0, 0.1))
    assert not same_size(entry, Entry("c", "p"))
    assert same_size(Entry("c", "p", math.inf), Entry("c", "p", math.inf))
    assert not same_size(Entry("c", "p", math.inf), entry)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (value(0.5), value(0.25), True),
        (value(0.5), value(0.5, step="predict"), False),
        (value(note="NaN at 1", kind=Kind.SPECIAL), value(note="NaN at 2", kind=Kind.SPECIAL), False),
        (Difference("s", Kind.DTYPE, "", "f", "g"), Difference("s", Kind.DTYPE, "", "f", "h"), False),
        (Difference("s", Kind.SHAPE, "", [1], [2]), Difference("s", Kind.SHAPE, "", [1], [3]), False),
        (Difference("s", Kind.STRUCTURE, "a", 0.5, ABSENT),
         Difference("s", Kind.STRUCTURE, "a", 0.7, ABSENT), True),
    ],
)  # fmt: skip
def test_places_tell_where_and_what_but_no_numbers(one, two, same):
    """Another dtype, another shape or another step is another line; another number is a matter of size."""
    assert (entry_of(divergence(one)).places == entry_of(divergence(two)).places) is same


def test_a_witness_stays_while_it_shows_what_it_witnessed():
    """Accepting anew changes no line without need."""
    found = [divergence(CONFIG, units=n) for n in range(4)]
    first = gathered(found, {})
    ((key, entry),) = first.items()
    assert entry.witness == min(d.case.hash[:12] for d in found)
    other = next(d for d in found if d.case.hash[:12] != entry.witness)
    assert gathered([other], first)[key].witness == other.case.hash[:12]
    assert gathered(found, gathered([other], {}))[key].witness == other.case.hash[:12]
    of_this_run = {other.case.hash[:12]}
    assert gathered([other], first, of_this_run)[key] == entry
    assert gathered([other], first, {*of_this_run, entry.witness})[key].witness == other.case.hash[:12]
    assert gathered([other], {}, of_this_run)[key].witness == other.case.hash[:12]
