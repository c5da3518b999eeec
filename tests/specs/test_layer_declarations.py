"""Declarations of recurrent, attention, preprocessing, augmentation and wrapper layers."""

from __future__ import annotations

import pytest

from harness.plan import cases_of
from harness.specs import (
    layers_attention,
    layers_augmentation,
    layers_preprocessing,
    layers_recurrent,
    layers_regularization,
    layers_wrappers,
)
from harness.specs.declaration import OMIT, Spec

SPECS = (
    *layers_recurrent.SPECS,
    *layers_wrappers.SPECS,
    *layers_attention.SPECS,
    *layers_preprocessing.SPECS,
    *layers_augmentation.SPECS,
    *layers_regularization.SPECS,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.subject)
def test_every_feed_is_in_the_full_corpus(spec: Spec) -> None:
    """No rule keeps a declared feed out of every case."""
    seen = {case.label for case in cases_of(spec, profile="full")}
    assert {f.name for f in spec.feeds[1:]} <= seen


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.subject)
def test_a_spec_has_an_oracle_or_says_why_not(spec: Spec) -> None:
    """One of the two, never both."""
    assert (spec.oracle is None) == bool(spec.no_oracle)
    assert spec.source.startswith("https://keras.io/")


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.subject)
def test_names_are_unique_and_few_values_have_a_reason(spec: Spec) -> None:
    """No parameter twice, no feed twice; a single value is explained."""
    parameters, feeds = [p.name for p in spec.parameters], [f.name for f in spec.feeds]
    assert len(set(parameters)) == len(parameters)
    assert len(set(feeds)) == len(feeds)
    assert all(p.why_few for p in spec.parameters if p.values == (OMIT,))


def test_names_without_a_spec_have_none() -> None:
    """Neither an alias nor what cannot be called is a subject, and aliases lead to subjects."""
    subjects = {s.subject for s in SPECS}
    assert not subjects & (set(layers_wrappers.NOT_CALLABLE) | set(layers_wrappers.ALIASES))
    assert set(layers_wrappers.ALIASES.values()) <= subjects
    assert all(reason.endswith(".") for reason in layers_wrappers.NOT_CALLABLE.values())
