"""A config that is read twice: an implementation may take apart what its `from_config` is given."""

import numpy as np
import pytest
from harness_cases import initializer, metric, optimizer, schedule


class Taken(object):
    """An object that takes its own config apart, as some Kerases do."""

    def __init__(self, value=1.0, rates=()):
        self.value = value
        self.rates = list(rates)

    def get_config(self):
        return {"value": self.value, "inside": {"rates": list(self.rates)}}

    @classmethod
    def from_config(cls, config):
        return cls(config.pop("value"), config["inside"].pop("rates"))

    def __call__(self, step):
        return np.float32(self.value)


class FakeContext(object):
    """As much of a context as these steps use."""

    class engine(object):
        name = "numpy"

        @staticmethod
        def fetch(value):
            return value

    class make(object):
        @staticmethod
        def value(value):
            return value

        @staticmethod
        def parameters(value):
            return value


class FakeStepper(object):
    """Steps that change nothing."""

    def __init__(self, made, inputs, call, context, steps):
        self.seen = [np.zeros((steps, 3))]

    def run(self):
        return self.seen


@pytest.fixture
def config():
    return Taken(2.0, [0.5]).get_config()


def test_a_schedule_is_made_twice_from_one_config(config):
    """And its config is compared with what the config was."""
    found = schedule.round_trip(Taken, config, [0, 1, 2], FakeContext.engine)
    assert found == {"same config": True, "same rates": True}


def test_an_optimizer_has_the_config_it_was_made_from(config, monkeypatch):
    """What `from_config` did to its argument is no difference."""
    monkeypatch.setattr(optimizer.optimizer_steps, "Stepper", FakeStepper)
    found = optimizer.round_trip(Taken, config, [np.zeros((4, 3))], {}, {}, FakeContext)
    assert found == {"same config": True, "same values": True}


def test_a_metric_is_made_as_often_as_it_is_needed(config):
    """The config is whole after each."""
    made = [metric.fresh(Taken(), config) for _ in range(3)]
    assert [(each.value, each.rates) for each in made] == [(2.0, [0.5])] * 3


def test_an_initializer_leaves_its_config_to_the_round_trip(config, monkeypatch):
    """Drawing from another object made from it is not the last use of a config."""
    monkeypatch.setattr(initializer, "draw", lambda made, *_: np.full(2, made.value))
    case = {"parameters": {"value": 2.0}, "feed": {}}

    def maker(seed=None, **given):
        return Taken(**given)

    found = initializer.repeats(maker, config, np.full(2, 2.0), (2,), case, FakeContext)
    assert found["another object from the config"]
    assert config == Taken(2.0, [0.5]).get_config()
