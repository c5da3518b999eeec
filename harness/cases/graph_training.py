"""Three steps of training of a graph, by plain gradients and by an optimizer that keeps slots.

Nothing is drawn: a layer that drops values at random keeps them all here (its rate is nought).
"""

import re

import numpy as np
from harness_worker.recorder import Unsupported

from .layer import cotangents_of
from .optimizer_steps import ROLES, state_of

STEPS = 3
RATE = 0.05
OPTIMIZERS = (("SGD", {}), ("Adam", {"epsilon": 0.01}))
"""Only Adam keeps slots. It divides by a gradient's size: an epsilon far above rounding keeps it from making
a whole step of a gradient that is nought but for rounding."""


def train(build, outputs, context):
    """One step of the record for each optimizer, and one for the slots it keeps.

    build: makes the graph anew, with the weights of the case. outputs: what the graph gives.
    """
    targets = cotangents_of(outputs, context)
    for name, more in OPTIMIZERS:
        run = Training(build, targets, context)
        record = context.record
        if record.run("train " + name, "value", lambda r=run, n=name, m=more: r.perform(n, m)) and more:
            record.run("slots " + name, "value", run.told)


class Training(object):
    """A graph that is trained."""

    def __init__(self, build, targets, context):
        self.build = build
        self.targets = targets
        self.context = context
        self.slots = []

    def perform(self, name, more):
        """Loss and weights after every step; weights by node, in their order there."""
        built = self.build()
        model = built.model()
        if not model.trainable_weights:
            raise Unsupported("the graph has nothing to train")
        optimizer = self.context.symbol("optimizers." + name)(RATE, **more)
        untraced = {"run_eagerly": True} if self.context.engine.name == "eager" else {}
        model.compile(optimizer, "mean_squared_error", **untraced)
        return [self.step(model, built, bool(more)) for _ in range(STEPS)]

    def step(self, model, built, keeps):
        """One batch."""
        if hasattr(model, "reset_metrics"):  # some Kerases give the mean loss of all batches so far
            model.reset_metrics()
        targets = self.targets if len(self.targets) > 1 else self.targets[0]
        result = model.train_on_batch(built.fed, targets)
        if keeps:
            self.slots.append(self.slots_of(model, built))
        loss = result[0] if isinstance(result, (list, tuple)) else result
        weights = {label: self.context.engine.get_weights(layer) for label, layer in built.labelled()}
        kept = {label: values for label, values in weights.items() if values}
        # A loss comes as a Python number or as an array, by version.
        dtype = next(iter(kept.values()))[0].dtype
        return {"loss": np.asarray(loss, dtype), "weights": kept}

    def slots_of(self, model, built):
        """What the optimizer keeps by role and by weight; None where its names do not tell that."""
        labels = {
            id(weight): "%s, weight %d" % (label, place)
            for label, layer in built.labelled()
            for place, weight in enumerate(layer.weights)
        }
        owners = [labels.get(id(weight)) for weight in model.trainable_weights]
        shapes = [shape_of(weight) for weight in model.trainable_weights]
        roles = {}
        for variable in state_of(model.optimizer):
            role = role_of(str(getattr(variable, "path", None) or variable.name))
            if role:
                roles.setdefault(role, []).append(variable)
        if (
            None in owners
            or not roles
            or any([shape_of(v) for v in kept] != shapes for kept in roles.values())
        ):
            return None
        array = self.context.engine.array
        return {role: dict(zip(owners, [np.asarray(array(v)) for v in kept])) for role, kept in roles.items()}

    def told(self):
        """The slots after every step."""
        if None in self.slots:
            raise Unsupported("the names of what the optimizer keeps do not tell what it is")
        return self.slots


def role_of(name):
    """momentum or velocity, from the name of what Adam keeps; None for what is neither."""
    for part in reversed(re.split("[/_:]", name)):
        found = ROLES.get(part, part)
        if found in ("momentum", "velocity"):
            return found
    return None


def shape_of(variable):
    """A shape as a list."""
    shape = variable.shape
    return [int(d) for d in (shape.as_list() if hasattr(shape, "as_list") else shape)]
