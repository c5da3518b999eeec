"""The specs of activations, losses, metrics, initializers, regularizers and constraints as data."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from harness import recipes
from harness.plan import plan
from harness.specs import activations, constraints, initializers, losses, metrics, regularizers
from harness.specs.declaration import NotCovered, Spec, specs_by_subject

MODULES = (activations, constraints, initializers, losses, metrics, regularizers)
SPECS = [spec for module in MODULES for spec in module.SPECS]


def test_every_subject_is_declared_once() -> None:
    """No two specs have the same subject."""
    assert len(specs_by_subject(SPECS)) == len(SPECS)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_an_alias_leads_to_a_spec_and_has_none_itself(module: ModuleType) -> None:
    """What is an alias is checked by identity, not run again."""
    subjects = {spec.subject for spec in SPECS}
    assert set(module.ALIASES.values()) <= subjects
    assert not set(module.ALIASES) & subjects


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.subject)
def test_a_spec_has_an_oracle_or_the_reason_why_not(spec: Spec) -> None:
    """Silence is an error, and so are both at once."""
    assert (spec.oracle is None) == bool(spec.no_oracle)
    assert spec.source.startswith("https://")


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.subject)
def test_a_parameter_has_two_values_or_the_reason_why_not(spec: Spec) -> None:
    """A keyword with one value tells nothing about the keyword."""
    for parameter in spec.parameters:
        assert len(parameter.values) >= 2 or parameter.why_few


@pytest.mark.parametrize("spec", [s for s in SPECS if s.oracle is not None], ids=lambda s: s.subject)
def test_an_oracle_covers_the_plainest_case_and_never_fails(spec: Spec) -> None:
    """For every case an oracle gives numbers or says that it does not cover it; the plainest it covers."""
    assert spec.oracle is not None
    for place, case in enumerate(plan([spec], profile="quick")):
        parameters, inputs, call = (recipes.as_float64(part) for part in recipes.drawn(case))
        try:
            truth = spec.oracle(inputs, [], parameters, training=False, call=call)
        except NotCovered:
            assert place > 0, f"{case.address} is not covered"
            continue
        leaves = truth if isinstance(truth, list) else [truth]
        assert all(isinstance(leaf, dict) or np.asarray(leaf).dtype.kind in "fbiu" for leaf in leaves)
