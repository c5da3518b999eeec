"""Specs of optimizers, schedules, functions, utilities, state and applications are well declared."""

from __future__ import annotations

import pytest

from harness import recipes
from harness.plan import cases_of
from harness.specs import applications, backend, configuration, optimizers, schedules, signatures, utilities
from harness.specs.declaration import NotCovered, Spec

MODULES = (applications, backend, configuration, optimizers, schedules, signatures, utilities)
SPECS = [spec for module in MODULES for spec in module.SPECS]


def test_a_subject_has_one_spec_per_script() -> None:
    """Two specs of one subject differ in how they are performed."""
    seen = [(s.subject, s.script) for s in SPECS]
    assert sorted(seen) == sorted(set(seen))


def test_every_spec_has_an_oracle_or_says_why_not() -> None:
    """No spec is silent about what its results are held against."""
    assert [s.subject for s in SPECS if s.oracle is None and not s.no_oracle] == []


def test_every_parameter_is_tried_twice_or_says_why_not() -> None:
    """A parameter with a single value says why."""
    few = [
        (s.subject, p.name)
        for s in SPECS
        for p in s.parameters
        if len(p.values) + len(p.invalid) < 2 and not p.why_few
    ]
    assert few == []


def test_a_spec_says_where_its_promise_is_written() -> None:
    """Every spec has a source."""
    assert [s.subject for s in SPECS if not s.source.startswith("https://")] == []


@pytest.mark.parametrize("module", [m for m in MODULES if m is not signatures], ids=lambda m: m.__name__)
def test_an_oracle_answers_or_declines(module: object) -> None:
    """For every case an oracle gives a result or says what it does not cover; it never breaks."""
    for spec in module.SPECS:  # type: ignore[attr-defined]
        answer(spec)


def answer(spec: Spec) -> None:
    """Ask the oracle of a spec for every case."""
    if spec.oracle is None:
        return
    for case in cases_of(spec, profile="quick"):
        if ":" in case.script and case.script != spec.script:
            continue
        parameters, inputs, call = recipes.drawn(case)
        try:
            spec.oracle(recipes.as_float64(inputs), [], parameters, training=False, call=call)
        except NotCovered:
            continue
