"""What holds for every spec of the layers without recurrence, wrapping or preprocessing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from harness import plan, recipes
from harness.model import Case
from harness.specs import (
    layer_names,
    layers_activations,
    layers_convolution,
    layers_core,
    layers_merging,
    layers_normalization,
    layers_pooling,
    layers_reshaping,
)
from harness.specs.declaration import OMIT, NotCovered, Spec

MODULES = (
    layers_core,
    layers_activations,
    layers_convolution,
    layers_pooling,
    layers_reshaping,
    layers_merging,
    layers_normalization,
)
SPECS = tuple(spec for module in MODULES for spec in module.SPECS)
WITHOUT_WEIGHTS = tuple(
    spec
    for module in (layers_activations, layers_pooling, layers_reshaping, layers_merging)
    for spec in module.SPECS
    if spec.subject != "layers.PReLU"
)
by_subject = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.subject)


def test_subjects_are_declared_once() -> None:
    """A subject has one spec, and an alias, a function or what cannot be called has none."""
    count = Counter(spec.subject for spec in SPECS)
    assert max(count.values()) == 1
    others = {*layer_names.ALIASES, *layer_names.FUNCTIONS, *layer_names.NOT_CALLABLE}
    assert others.isdisjoint(count)


def test_aliases_and_functions_lead_to_specs() -> None:
    """An alias or a function names a subject that has a spec."""
    subjects = {spec.subject for spec in SPECS}
    assert {*layer_names.ALIASES.values(), *layer_names.FUNCTIONS.values()} <= subjects


@by_subject
def test_every_value_and_feed_is_reached(spec: Spec) -> None:
    """The covering array holds every value of every parameter and every pairwise feed."""
    rows = plan.covering(spec)
    for name, values in plan.axes(spec):
        seen = {plan.value_key(row[name]) for row in rows}
        assert {plan.value_key(value) for value in values} == seen, name


@by_subject
def test_the_first_case_is_plain(spec: Spec) -> None:
    """The first feed fits the plainest parameters, and what is not required is left out of them."""
    row = plan.plainest_row(spec)
    assert plan.is_legitimate(spec, row)
    for parameter in spec.parameters:
        assert OMIT not in parameter.values[1:], parameter.name


@by_subject
def test_names_within_a_spec_differ(spec: Spec) -> None:
    """Parameters and feeds of a spec are told apart by their names, and invalid values are not valid ones."""
    assert max(Counter(p.name for p in spec.parameters).values(), default=1) == 1
    assert max(Counter(f.name for f in spec.feeds).values()) == 1
    for parameter in spec.parameters:
        valid = {plan.value_key(v) for v in parameter.values}
        assert valid.isdisjoint({plan.value_key(v) for v in parameter.invalid}), parameter.name


@by_subject
def test_every_spec_has_an_oracle_and_a_source(spec: Spec) -> None:
    """Every one of these layers is deterministic: it has an oracle, and a page that promises it."""
    assert spec.oracle is not None
    assert spec.source.startswith("https://")


@by_subject
def test_every_layer_arguments_are_tried(spec: Spec) -> None:
    """Arguments that every layer takes or must refuse are tried beside the required ones."""
    required = {p.name for p in spec.parameters if p.values[0] is not OMIT}
    given = [set(one) - required for one in spec.extra]
    for name in ("unknown_argument", "name", "dtype", "trainable", "input_shape", "batch_input_shape"):
        assert {name} in given, name


@by_subject
def test_feeds_are_small(spec: Spec) -> None:
    """No feed has more than 256 values in an array: cases stay light."""
    for feed in spec.feeds:
        case = plan.case_of(spec, {}, feed, 0)
        assert recipes.largest(recipes.drawn(case)[1]) <= 256, feed.name


def answer(spec: Spec, case: Case) -> Any:
    """What the oracle says of a case of a layer without weights."""
    assert spec.oracle is not None
    parameters, inputs, call = recipes.drawn(case)
    return spec.oracle(recipes.as_float64(inputs), [], parameters, training=False, call=call)


@pytest.mark.parametrize("spec", WITHOUT_WEIGHTS, ids=lambda spec: spec.subject)
def test_oracles_answer_or_say_why_not(spec: Spec) -> None:
    """On every case, legitimate or not, an oracle gives an array or says that it does not cover the case."""
    answered = 0
    for case in plan.cases_of(spec, profile="full"):
        try:
            result = answer(spec, case)
        except NotCovered:
            continue
        assert isinstance(result, np.ndarray), case.address
        answered += 1
    assert answered >= len(spec.feeds) // 2
