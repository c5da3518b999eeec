"""The corpus: what of a spec's domain the cases try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model import canonical
from harness.plan import (
    PROFILES,
    axes,
    cases_of,
    covering,
    each_value,
    exercised,
    is_legitimate,
    pair_key,
    pairs_of,
    plainest_row,
    plan,
    value_key,
)
from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.found import WITNESSES, found_cases
from harness.specs.registry import all_specs

VALUES = st.lists(
    st.sampled_from([OMIT, None, True, 1, 2, 1.0, "a", "b", (1, 2), [1, 2]]),
    min_size=1,
    max_size=4,
    unique_by=value_key,
)


def spec_of(parameters: Iterable[Parameter], feeds: int = 1, **more: Any) -> Spec:
    """A spec of no importance."""
    made = tuple(Feed(f"feed {n}", Array((n + 1, 2))) for n in range(feeds))
    return Spec(
        subject="layers.Thing", family="x", script="layer", feeds=made, parameters=tuple(parameters), **more
    )


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Specs with up to four parameters, some with invalid values, some with a rule."""
    parameters = [
        Parameter(f"p{n}", tuple(draw(VALUES)), invalid=(-99,) if draw(st.booleans()) else (), why_few="few")
        for n in range(draw(st.integers(0, 4)))
    ]
    forbidden = draw(st.sampled_from([None, 1, "a"]))

    def valid(row: Mapping[str, Any]) -> bool:
        return not (row.get("p0") == forbidden and row.get("p1") == forbidden)

    rule = valid if forbidden is not None and draw(st.booleans()) else None
    return spec_of(parameters, draw(st.integers(1, 3)), valid=rule)


def wanted_pairs(spec: Spec) -> set[tuple[str, str, str, str]]:
    """Every pair of values that is legitimate with everything else at its plainest."""
    table = axes(spec)
    return {
        pair_key(a, x, b, y)
        for place, (a, a_values) in enumerate(table)
        for b, b_values in table[place + 1 :]
        for x in a_values
        for y in b_values
        if is_legitimate(spec, plainest_row(spec) | {a: x, b: y})
    }


@settings(deadline=None, max_examples=60)
@given(specs())
def test_the_full_corpus_holds_every_legitimate_pair(spec: Spec) -> None:
    """Every pair of values that may stand together does so in a case, and no forbidden row is made."""
    rows = covering(spec)
    assert wanted_pairs(spec) <= {pair for row in rows for pair in pairs_of(spec, row)}
    assert all(is_legitimate(spec, row) for row in rows)


@settings(deadline=None, max_examples=60)
@given(specs())
def test_the_quick_corpus_holds_every_value(spec: Spec) -> None:
    """Every value that is legitimate with everything else at its plainest is tried."""
    tried = {(name, value_key(row[name])) for row in each_value(spec) for name, _ in axes(spec)}
    for name, values in axes(spec):
        for value in values:
            if is_legitimate(spec, plainest_row(spec) | {name: value}):
                assert (name, value_key(value)) in tried


@settings(deadline=None, max_examples=40)
@given(specs(), st.sampled_from(["quick", "full"]), st.integers(0, 3))
def test_hashes_are_unique_and_stable(spec: Spec, profile: str, seed: int) -> None:
    """No two cases of a plan are the same, and planning again gives the same cases."""
    cases = plan([spec], profile=profile, seed=seed)
    assert len({case.hash for case in cases}) == len(cases)
    assert [c.hash for c in plan([spec], profile=profile, seed=seed)] == [c.hash for c in cases]
    assert {c.hash for c in plan([spec], profile=profile, seed=seed + 1)}.isdisjoint({c.hash for c in cases})


@settings(deadline=None, max_examples=40)
@given(specs())
def test_every_invalid_value_is_tried_alone(spec: Spec) -> None:
    """A value that ought to be refused stands in a case where nothing else is unusual."""
    plainest = {k: v for k, v in plainest_row(spec).items() if v is not OMIT}
    found = [c for c in cases_of(spec, profile="quick") if -99 in c.parameters.values()]
    assert len(found) == sum(bool(p.invalid) for p in spec.parameters)
    for case in found:
        assert case.observe == ("brief",)
        others = {k: canonical(v) for k, v in case.parameters.items() if v != -99}
        assert others == {k: canonical(_plain(plainest[k])) for k in others}


def _plain(value: Any) -> Any:
    return {"$tuple": list(value)} if isinstance(value, tuple) else value


def test_a_hash_is_the_same_on_every_machine() -> None:
    """The hash of a case is a matter of its content: this one was computed when the rule was made."""
    case = plan([spec_of([Parameter("units", (3,), why_few="one")])])[0]
    assert case.address == "layers.Thing/layer[units=3]"
    assert replace(case, observe=("functional", "initial")).hash == HASH


HASH = "74a435b11901f48717749b94af79a4a4"


@pytest.mark.parametrize("profile", PROFILES)
def test_dear_observations_are_made_on_the_first_case_only(profile: str) -> None:
    """What is dear is observed of the plainest case of a subject."""
    spec = spec_of([Parameter("a", (1, 2, 3)), Parameter("b", (1, 2, 3))], dear=("serialize",))
    cases = plan([spec], profile=profile)
    assert len(cases) > 2
    assert ["serialize" in c.observe for c in cases] == [n < 1 for n in range(len(cases))]


def test_what_compiles_and_what_is_drawn_often_is_left_to_the_full_profile() -> None:
    """What takes hundreds of milliseconds stays out of quick; distributions stay where they are the point."""
    spec = spec_of([Parameter("a", (1, 2))], dear=("predict", "functional", "jit", "serialize"))
    assert plan([spec])[0].observe == ("serialize",)
    assert "initial" in plan([replace(spec, random=True)])[0].observe
    assert plan([spec], profile="full")[0].observe == (*spec.dear, "initial", "thorough")


def test_quick_trains_no_graph_but_witnesses() -> None:
    """A whole graph takes as long as a hundred other cases; its plainest is as brief as the rest."""
    spec = replace(spec_of([Parameter("a", (1, 2))], dear=("serialize",)), script="graph")
    assert [c.observe for c in plan([spec])] == [("brief",)] * 2
    assert plan([spec], profile="full")[0].observe == ("serialize", "initial", "thorough")


def test_full_observes_what_is_odd_briefly() -> None:
    """Of invalid values and further sets only the refusal or the output matters; a pair is observed whole."""
    spec = spec_of([Parameter("a", (1, 2), invalid=(-99,))], extra=({"a": 7},))
    observed = {c.parameters["a"]: "brief" in c.observe for c in plan([spec], profile="full")}
    assert observed == {1: False, 2: False, -99: True, 7: True}


def test_programs_and_further_sets_stand_in_quick_only_as_witnesses() -> None:
    """Quick performs no further set and nothing of whole programs by itself."""
    spec = spec_of([Parameter("a", (1, 2))], extra=({"a": 7},))
    assert [c.parameters["a"] for c in plan([spec])] == [1, 2]
    assert plan([replace(spec, programs=True)]) == []
    assert len(plan([replace(spec, programs=True)], profile="full")) == 3


def test_the_witnesses_are_cases_of_full_and_stand_in_quick() -> None:
    """Every line of the file is a case of the corpus as it is now; one that is not has to be chosen anew."""
    chosen = {case.hash: case.address for case in found_cases(all_specs(), path=WITNESSES)}
    assert len(chosen) == len(WITNESSES.read_text("utf-8").splitlines()) > 0
    assert not chosen.keys() - {case.hash for case in plan(all_specs(), profile="full")}
    assert not chosen.keys() - {case.hash for case in plan(all_specs(), profile="quick")}


def test_an_odd_case_that_is_a_plain_one_stays_plain() -> None:
    """A further set that says what a case of the array says already does not take its observations away."""
    spec = spec_of([Parameter("a", (1, 2))], extra=({"a": 2}, {"a": 1}), dear=("serialize",))
    cases = plan([spec], profile="full")
    assert [c.parameters["a"] for c in cases] == [1, 2]
    assert ["brief" in c.observe for c in cases] == [False, False]


def test_a_peculiar_feed_is_tried_once() -> None:
    """A feed that is no axis of the array stands in one case, under its name."""
    feeds = (Feed("plain", Array((2, 2))), Feed("empty", Array((0, 2)), pairwise=False))
    spec = Spec("layers.Thing", "x", "layer", feeds, (Parameter("a", (1, 2, 3)),))
    assert [c.label for c in plan([spec], profile="full")].count("empty") == 1


def test_a_feed_may_need_parameters() -> None:
    """A feed that only goes with certain parameters is never fed with others."""
    feeds = (
        Feed("plain", Array((2, 2))),
        Feed("first", Array((3, 2)), when=lambda p: p["order"] == "first"),
    )
    spec = Spec("layers.Thing", "x", "layer", feeds, (Parameter("order", ("last", "first")),))
    for profile in ("quick", "full"):
        labels = {c.label: c.parameters["order"] for c in plan([spec], profile=profile)}
        assert labels["first"] == "first"


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("layers.Thing", 3), ("layers.*", 3), ("*a=2*", 1), ("layers.Thing/layer[[]a=1]", 1), ("losses.*", 0)],
)
def test_patterns_choose_subjects_or_addresses(pattern: str, count: int) -> None:
    """`--only` takes a subject or the address of a case."""
    assert len(plan([spec_of([Parameter("a", (1, 2, 3))])], only=[pattern])) == count


def test_what_is_exercised_can_be_counted() -> None:
    """Leaving a parameter out counts as one of its values."""
    spec = spec_of([Parameter("a", (OMIT, 1, 2)), Parameter("b", ("x", "y"))])
    assert exercised(spec.parameters, plan([spec])) == {"a": 3, "b": 2}
