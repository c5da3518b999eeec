"""Many cases made small in few rounds."""

from __future__ import annotations

from harness.minimise.asking import Patience
from harness.minimise.shrink import BREADTH, Quest, shrink
from harness.model import Case

from .asked import Rule
from .test_simplicity import SPEC, made


def silent(line: str) -> None:
    """Says nothing."""


def test_only_the_trigger_stays() -> None:
    """What the divergence does not need goes; what it needs stays, and is the trigger."""
    quest = Quest("f", made(1, activation="softmax", use_bias=False, units=1), SPEC, "forward")
    rule = Rule(lambda c: ["f"] if c.parameters.get("use_bias") is False else [])
    shrink([quest], rule, patience=Patience(), say=silent)
    assert quest.finished
    assert quest.trigger == {"use_bias": False}
    assert quest.case.feed["inputs"]["shape"] == [1]
    assert quest.case.feed["inputs"]["values"] == "zeros"


def test_two_parameters_that_need_each_other_stay() -> None:
    """A divergence of a pair of values keeps the pair."""
    quest = Quest("f", made(1, activation="softmax", use_bias=False), SPEC, "construct")
    rule = Rule(lambda c: ["f"] if {"activation", "use_bias"} <= set(c.parameters) else [])
    shrink([quest], rule, patience=Patience(), say=silent)
    assert set(quest.trigger) == {"activation", "use_bias"}


def test_another_divergence_does_not_count() -> None:
    """A simpler case that shows something else is not gone on with."""
    start = made(activation="softmax")
    quest = Quest("f", start, SPEC, "construct")
    rule = Rule(lambda c: ["f"] if c.hash == start.hash else ["g"])
    shrink([quest], rule, patience=Patience(), say=silent)
    assert quest.case == start
    assert quest.finished


def test_the_same_difference_of_another_cause_does_not_count() -> None:
    """Where a simpler case shows the difference for another reason, the search does not slide into it."""
    start = made(activation="softmax")
    quest = Quest("f", start, SPEC, "construct", cause="its own")
    rule = Rule(lambda c: ["f@its own"] if "activation" in c.parameters else ["f@another"])
    shrink([quest], rule, patience=Patience(), say=silent)
    assert set(quest.trigger) == {"activation"}


def test_many_causes_share_each_round() -> None:
    """The number of rounds grows with the depth of the search, not with the number of causes."""

    def run(count: int) -> int:
        quests = [
            Quest("f", made(1, activation="softmax", name=f"n{i}"), SPEC, "forward") for i in range(count)
        ]
        rule = Rule(lambda c: ["f"] if "activation" in c.parameters else [])
        shrink(quests, rule, patience=Patience(), say=silent)
        assert all(set(q.trigger) == {"activation"} for q in quests)
        assert all(len(cases) <= BREADTH * count for cases in rule.rounds)
        return len(rule.rounds)

    assert run(20) == run(1)


def test_no_case_is_asked_twice_for_one_cause() -> None:
    """What was tried in one round is not tried in the next."""
    quest = Quest("f", made(1, activation="softmax", use_bias=False), SPEC, "forward")
    rule = Rule(lambda c: ["f"] if "activation" in c.parameters else [])
    shrink([quest], rule, patience=Patience(), say=silent)
    asked = [c.hash for cases in rule.rounds for c in cases]
    assert len(asked) == len(set(asked))


def test_when_time_is_up_the_best_so_far_is_kept() -> None:
    """A search without time asks nothing and says that it is not finished."""
    quest = Quest("f", made(activation="softmax"), SPEC, "forward")
    rule = Rule(lambda c: ["f"])
    shrink([quest], rule, patience=Patience(0.0), say=silent)
    assert rule.rounds == []
    assert not quest.finished
    assert quest.start == quest.case


def test_a_case_that_was_not_answered_shows_nothing() -> None:
    """A case that could not be judged is not gone on with."""

    class Silent(Rule):
        def __call__(self, cases: list[Case]) -> dict[str, object]:  # type: ignore[override]
            super().__call__(cases)
            return {}

    quest = Quest("f", made(activation="softmax"), SPEC, "construct")
    shrink([quest], Silent(lambda c: ["f"]), patience=Patience(), say=silent)  # type: ignore[arg-type]
    assert quest.trigger == {"activation": "softmax"}
