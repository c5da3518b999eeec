"""How a graph is trained and what is told of it, with a model and an optimizer that are made up."""

import types

import numpy as np
import pytest
from harness_cases import graph_training
from harness_worker.recorder import Recorder


class Variable(object):
    """A variable of a made-up Keras."""

    def __init__(self, name, value):
        self.name = name
        self.value = np.array(value, "float32")
        self.shape = self.value.shape


class Layer(object):
    """A kernel that is trained and an average that is not."""

    def __init__(self):
        self.weights = [Variable("average", [0.0]), Variable("kernel", [1.0, 2.0])]


class Optimizer(object):
    """Moves every weight by its rate; keeps what `slots` name."""

    slots = ()

    def __init__(self, rate, **more):
        self.rate = rate
        self.variables = [Variable(name, [0.5, 0.5]) for name in self.slots]


class Model(object):
    """Trains the kernel of one layer."""

    trains = True

    def __init__(self, layer):
        self.layer = layer
        self.trainable_weights = layer.weights[1:]
        self.since = 0

    def compile(self, optimizer, loss, **more):
        self.optimizer, self.more = optimizer, more

    def reset_metrics(self):
        self.since = 0

    def train_on_batch(self, x, y):
        if not self.trains:
            raise NotImplementedError("no fit")
        self.since += 1
        self.layer.weights[1].value -= self.optimizer.rate
        return [float(self.since), 7.0]


@pytest.fixture
def trained(engine):
    """Trains, and gives the steps of the record by name."""
    engine.name = "eager"
    engine.leaves = lambda structure: [structure]
    engine.get_weights = lambda layer: [w.value.copy() for w in layer.weights]
    engine.array = lambda variable: variable.value

    def perform(slots=(), model=Model):
        kind = type("Adam", (Optimizer,), {"slots": slots})

        def build():
            layer = Layer()
            made = model(layer)
            return types.SimpleNamespace(
                fed=np.zeros((1, 2)), labelled=lambda: [("0 Dense", layer)], model=lambda: made
            )

        record = Recorder(engine)
        context = types.SimpleNamespace(record=record, engine=engine, symbol=lambda name: kind)
        graph_training.train(build, np.zeros((1, 2), "float32"), context)
        perform.bytes = b"".join(record.blob.parts)
        return {step["step"]: step for step in record.steps}

    return perform


NAMES = (
    ("adam/dense_kernel_momentum", "adam/dense_kernel_velocity"),
    ("Adam/m/dense/kernel:0", "Adam/v/dense/kernel:0"),
    ("Adam/dense/kernel/m:0", "Adam/dense/kernel/v:0"),
    ("training/Adam/m_0:0", "training/Adam/v_0:0"),
    ("m_0", "v_0"),
)


@pytest.mark.parametrize("names", NAMES)
def test_slots_are_told_by_role_and_weight(trained, names):
    """However a Keras names what its Adam keeps; other variables of an optimizer are no slots."""
    steps = trained(("adam/iteration", "adam/learning_rate") + names)
    told = steps["slots Adam"]["value"]
    assert [sorted(step) for step in told] == [["momentum", "velocity"]] * 3
    assert [sorted(step["momentum"]) for step in told] == [["0 Dense, weight 1"]] * 3


@pytest.mark.parametrize("names", [(), ("Adam/Variable:0",), ("adam/kernel_momentum", "adam/bias_momentum")])
def test_names_that_do_not_tell_are_said_to(trained, names):
    """Nothing is compared where a name is no role, or where there are not as many slots as weights."""
    steps = trained(names)
    assert steps["train Adam"]["status"] == "returned"
    assert steps["slots Adam"]["status"] == "unsupported"


def test_each_step_tells_its_own_loss_and_every_weight(trained):
    """Metrics begin anew before every batch; the first number is the loss; both optimizers begin alike."""
    steps = trained()
    for name in ("train SGD", "train Adam"):
        value = steps[name]["value"]
        assert len(value) == graph_training.STEPS
        losses = [step["loss"]["$array"] for step in value]
        assert [loss[:2] for loss in losses] == [["float32", []]] * 3
        assert [np.frombuffer(trained.bytes, "float32", 1, loss[2])[0] for loss in losses] == [1.0] * 3
        assert all(list(step["weights"]) == ["0 Dense"] for step in value)
        assert all(len(step["weights"]["0 Dense"]) == 2 for step in value)
    assert "slots SGD" not in steps


def test_what_cannot_be_trained_is_said(trained):
    """What an implementation refuses is its doing; a graph without weights has nothing that could differ."""
    still = type("Still", (Model,), {"trains": False})
    steps = trained((), still)
    assert {s["status"] for s in steps.values()} == {"raised"}
    bare = type("Bare", (Model,), {"__init__": lambda self, layer: setattr(self, "trainable_weights", [])})
    steps = trained((), bare)
    assert {s["reason"] for s in steps.values()} == {"the graph has nothing to train"}
