"""What retries prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.minimise.attribution import Found, attribute
from harness.model import Case, Difference, Kind, Outcome
from harness.specs.declaration import Array

from .asked import Rule, divergence

START = Case(
    "own.Thing", "layer", {}, {"inputs": Array((2,), "int32", "integers").plain()}, observe=("brief",)
)


def found(kind: Kind = Kind.VALUE, step: str = "forward", case: Case = START) -> Found:
    """A minimal case."""
    return Found(case, divergence(case, "f", Difference(step, kind, "", 1.0, 2.0)), None)


def configs(one: Mapping[str, Any], two: Mapping[str, Any]) -> Any:
    """What the sides record: their configs and a result."""
    return lambda case: ({"config": one, "forward": 1.0}, {"config": two, "forward": 1.0})


def statements(rule: Rule, one: Found) -> list[str]:
    """What was proved."""
    return [a.statement for a in attribute([one], rule)[0]]


def test_a_pinned_default_that_makes_the_divergence_go_explains_it() -> None:
    """Where pinning one side's default on both sides makes it go, that is stated, once."""
    rule = Rule(
        lambda c: [] if "activation" in c.parameters else ["f"],
        configs({"activation": "a", "epsilon": 1.0}, {"activation": "b", "epsilon": 2.0}),
    )
    assert statements(rule, found()) == ["explained by default `activation`: 'a' → 'b'"]


def test_a_pin_that_is_refused_proves_nothing() -> None:
    """The divergence is gone because both sides raise: that is no explanation."""
    rule = Rule(
        lambda c: [] if "activation" in c.parameters else ["f"],
        configs({"activation": "a"}, {"activation": "b"}),
        lambda c: Outcome.RAISED if "activation" in c.parameters else Outcome.RETURNED,
    )
    assert statements(rule, found()) == []


def test_a_retry_without_the_step_proves_nothing() -> None:
    """The step in question has to be made on both sides."""

    def steps(case: Case) -> Any:
        shown = {} if "activation" in case.parameters else {"forward": 1.0}
        return ({"config": {"activation": "a"}, **shown}, {"config": {"activation": "b"}, **shown})

    rule = Rule(lambda c: [] if "activation" in c.parameters else ["f"], steps)
    assert statements(rule, found()) == []


def test_a_divergence_of_the_same_kind_and_place_is_not_gone() -> None:
    """Another fingerprint at the very same place is the divergence in other words."""
    rule = Rule(
        lambda c: ["g"] if "activation" in c.parameters else ["f"],
        configs({"activation": "a"}, {"activation": "b"}),
    )
    assert statements(rule, found()) == []


def test_what_the_case_gives_is_no_default() -> None:
    """A parameter the case names is not pinned again."""
    rule = Rule(lambda c: [], configs({"activation": "a"}, {"activation": "b"}))
    given = replace(START, parameters={"activation": "c"})
    assert not [s for s in statements(rule, found(case=given)) if "activation" in s]


def test_inputs_of_another_type() -> None:
    """A divergence that goes with float32 inputs is one of the input's type."""
    rule = Rule(lambda c: ["f"] if c.feed["inputs"]["dtype"] == "int32" else [])
    assert "shows with inputs of int32; gone when they are float32" in statements(rule, found())


def test_a_dtype_that_makes_it_go() -> None:
    """A dtype given on both sides that makes it go is stated."""
    rule = Rule(lambda c: [] if c.parameters.get("dtype") == "float64" else ["f"])
    assert statements(rule, found()) == ["gone when `dtype='float64'` is given"]


def test_configs_are_not_retried_with_dtypes() -> None:
    """Only numbers are asked about dtypes and inputs."""
    rule = Rule(lambda c: [])
    assert statements(rule, found(Kind.CONFIG, "config")) == []


def test_entry_points_that_show_it_and_those_that_do_not() -> None:
    """A result that differs in a direct call only is said to."""
    rule = Rule(lambda c: ["f"], lambda c: ({"forward": 1, "predict": 2}, {"forward": 1, "predict": 2}))
    assert statements(rule, found()) == ["shows through a direct call; not through `predict`"]


def test_a_compiled_call_that_does_not_show_it_is_a_matter_of_mode() -> None:
    """Eager and compiled calls that part are filed under mode."""
    rule = Rule(lambda c: ["f"], lambda c: ({"forward": 1, "jit": 2}, {"forward": 1, "jit": 2}))
    assert [a.aspect for a in attribute([found()], rule)[0]] == ["mode"]


def test_all_retries_are_asked_at_once() -> None:
    """However many causes there are, both sides are asked in one batch."""
    rule = Rule(lambda c: ["f"], configs({"activation": "a"}, {"activation": "b"}))
    cases = [replace(START, seed=n) for n in range(5)]
    attribute([found(case=c) for c in cases], rule)
    assert len(rule.rounds) == 1
