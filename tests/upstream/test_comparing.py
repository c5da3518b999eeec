"""Facts held against domains."""

import pytest

from harness.model import Case
from harness.plan import plan
from harness.specs.registry import all_specs
from harness.upstream.comparing import Standing, compare, counts, gaps
from harness.upstream.domains import domains
from harness.upstream.facts import Fact, read
from harness.upstream.listed import LISTED, Reason, reason_for

ARRAY = {"$array": True, "shape": [2, 3], "dtype": "float32", "values": "normal"}
CALL = {"$adapt": ARRAY, "mask": ARRAY}
OURS = domains(
    [
        Case(
            "layers.Dense", "layer", {"units": 3}, {"inputs": ARRAY, "call": {"$adapt": ARRAY, "mask": ARRAY}}
        ),
        Case("layers.Dense", "layer", {}, {"inputs": ARRAY}),
    ]
)


def fact(role, name, value, *, subject="layers.Dense", is_default=False):
    """A fact of a test."""
    return Fact(subject, role, name, value, "keras-team/keras", "a_test.py", is_default)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (fact("parameter", "units", 8), Standing.INSIDE),
        (fact("parameter", "units", 1), Standing.OUTSIDE),
        (fact("parameter", "nothing", 8), Standing.OUTSIDE),
        (fact("parameter", "units", None, is_default=True), Standing.DEFAULT),
        (fact("parameter", "dtype", "float32"), Standing.DEFAULT),
        (fact("parameter", "dtype", "float32", subject="layers.Other"), Standing.OUTSIDE),
        (fact("parameter", "units", {"$opaque": "computed"}), Standing.UNDECIDED),
        (fact("parameter", "units", "listed"), Standing.LISTED),
        (fact("input", "", [[1.0, 2.0]]), Standing.INSIDE),
        (fact("input", "", [1.0, 2.0]), Standing.OUTSIDE),
        (fact("call", "mask", ARRAY), Standing.INSIDE),
        (fact("call", "states", ARRAY), Standing.OUTSIDE),
        (fact("adapt", "", ARRAY), Standing.INSIDE),
        (fact("adapt", "", 1), Standing.OUTSIDE),
    ],
)
def test_a_fact_is_inside_the_default_listed_not_literal_or_outside(one, expected):
    """A value given at its default is inside where some case leaves the argument out."""
    reasons = [Reason("layers.*", "parameter", "units", '"listed"', "said")]
    (found,) = compare([one], OURS, reasons)
    assert found.standing is expected
    assert counts([found])[expected] == 1
    assert bool(gaps([found])) == (expected is Standing.OUTSIDE)


def test_a_functional_form_is_held_against_its_layer():
    """What is passed to `dot` is a matter of `Dot`; a family that is not compared is left out."""
    ours = domains([Case("layers.Dot", "layer", {"axes": 1}, {"inputs": [ARRAY, ARRAY]})])
    (found,) = compare([fact("parameter", "axes", 1, subject="layers.dot")], ours, [])
    assert found.standing is Standing.INSIDE
    assert compare([fact("parameter", "x", 1, subject="ops.dot")], ours, []) == []


def test_an_argument_that_is_passed_by_position_is_known_by_any_name():
    """Implementations name it differently."""
    ours = domains([Case("layers.serialize", "lookup", {"$first": 2}, {"inputs": None})])
    (found,) = compare([fact("parameter", "layer", 3, subject="layers.serialize")], ours, [])
    assert found.standing is Standing.INSIDE


@pytest.fixture(scope="module")
def standing():
    """Every fact that is kept, against every case there is."""
    return compare(read()[1], domains(plan(all_specs(), profile="full")), LISTED)


def test_what_upstreams_tests_pass_lies_inside_our_domains_or_is_listed_with_a_reason(standing):
    """No kind of value that Keras's own tests pass is left out in silence."""
    outside = {(g[0], g[1], g[2]): f[0].value for g, f in gaps(standing).items()}
    assert outside == {}
    assert counts(standing)[Standing.INSIDE] > 5000


def test_every_listed_reason_speaks_of_a_fact(standing):
    """A reason that no fact needs any more is taken out."""
    used = {reason_for(one.fact, LISTED) for one in standing if one.standing is Standing.LISTED}
    assert [reason for reason in LISTED if reason not in used] == []


def test_the_facts_say_where_they_come_from():
    """Repository, commit, version and license of every source; each fact is of one of them."""
    sources, facts = read()
    assert {s.license for s in sources} == {"Apache-2.0"}
    assert all(len(s.commit) == 40 and s.version for s in sources)
    assert {f.repository for f in facts} == {s.repository for s in sources}
