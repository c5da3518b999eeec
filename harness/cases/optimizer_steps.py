"""How an optimizer is stepped on each kind of engine, and what it keeps meanwhile."""

import inspect

import numpy as np
from harness_worker.recorder import Missing, Unsupported

NAMES = ("kernel", "bias", "embeddings", "scale")


class Stepper(object):
    """Variables of the target, stepped with given gradients."""

    def __init__(self, optimizer, inputs, call, context, steps=None):
        self.optimizer = optimizer
        self.context = context
        self.engine = context.engine
        self.call = call
        self.arrays = inputs["variables"]
        self.gradients = inputs["gradients"]
        self.sparse = call.get("$sparse")
        self.none = call.get("$none", ())
        self.steps = steps or len(self.gradients[0])
        self.is_graph = self.engine.name in ("graph", "theano", "cntk")
        self.variables = []
        self.names = []
        self.slots = {}
        self.slot_values = {}

    def run(self):
        """Every variable after every step: one array per variable, the steps as its first axis."""
        step = self.graph_stepper() if self.is_graph else self.eager_stepper()
        seen, kept = [], []
        for number in range(self.steps):
            step(number)
            seen.append(self.values(self.variables))
            if number in (0, self.steps - 1):
                kept.append(self.values(state_of(self.optimizer)))
        found = [fact(v) for v in state_of(self.optimizer)]
        self.names = [f["name"] for f in found]
        self.slots = {role(f["name"]): {"shape": f["shape"], "dtype": f["dtype"]} for f in found}
        same = len({len(k) for k in kept}) == 1
        values = [np.stack(each) for each in zip(*kept)] if same else kept[-1]
        self.slot_values = dict(zip([role(n) for n in self.names], values))
        return [np.stack(each) for each in zip(*seen)]

    def values(self, variables):
        """The numbers of several variables; a graph is asked once for all of them."""
        if self.is_graph and all(hasattr(v, "initializer") for v in variables):
            return [np.asarray(v) for v in self.engine.K.batch_get_value(variables)]
        return [np.asarray(self.engine.array(v)) for v in variables]

    def eager_stepper(self):
        """Step through `apply_gradients`, as a training loop of one's own does."""
        self.variables = [make_variable(a, n, self.context) for a, n in zip(self.arrays, NAMES)]

        def step(number):
            pairs = [
                (None if place in self.none else self.gradient(place, number), variable)
                for place, variable in enumerate(self.variables)
            ]
            groups = [[pair] for pair in pairs] if self.call.get("$apart") else [pairs]
            for group in groups:
                self.optimizer.apply_gradients(group)

        return step

    def gradient(self, place, number):
        """The gradient of one variable at one step."""
        array = np.asarray(self.gradients[place][number])
        if self.sparse is None or place:
            return self.engine.tensor(array)
        if self.engine.backend != "tensorflow":
            raise Unsupported("sparse gradients are TensorFlow's")
        tf = self.engine.tf
        shape = tf.constant(list(self.arrays[0].shape), "int64")
        return tf.IndexedSlices(tf.constant(array), tf.constant(self.sparse, "int64"), shape)

    def graph_stepper(self):
        """Step through `get_updates` of a loss whose gradients are the given ones."""
        backend = self.engine.K
        self.variables = [backend.variable(a, dtype=a.dtype.name, name=n) for a, n in zip(self.arrays, NAMES)]
        fed = [backend.placeholder(shape=g.shape[1:], dtype=g.dtype.name) for g in self.gradients]
        terms = []
        for place, (variable, gradient) in enumerate(zip(self.variables, fed)):
            if place in self.none:
                continue
            rows = variable
            if self.sparse is not None and not place:
                rows = backend.gather(variable, backend.constant(self.sparse, dtype="int32"))
            terms.append(backend.sum(rows * gradient))
        loss = sum(terms[1:], terms[0])
        used = [v for place, v in enumerate(self.variables) if place not in self.none]
        updates = updates_of(self.optimizer, loss, used)
        function = backend.function(fed, [loss], updates=updates)
        return lambda number: function([np.asarray(g[number]) for g in self.gradients])

    def finalized(self):
        """The variables once the averages are put in their place."""
        finalize = getattr(self.optimizer, "finalize_variable_values", None)
        if finalize is None:
            raise Missing("finalize_variable_values")
        finalize(self.variables)
        return self.values(self.variables)


def updates_of(optimizer, loss, variables):
    """`get_updates`, whose arguments changed with Keras 2.0.7."""
    accepted = inspect.signature(inspect.unwrap(optimizer.get_updates)).parameters
    if "constraints" in accepted:
        return optimizer.get_updates(params=variables, constraints={}, loss=loss)
    return optimizer.get_updates(loss=loss, params=variables)


def make_variable(array, name, context):
    """A trainable variable as a user of this implementation makes one."""
    if context.has("Variable"):
        return context.symbol("Variable")(array, dtype=array.dtype.name, name=name)
    if context.has("backend.Variable"):
        return context.symbol("backend.Variable")(array, dtype=array.dtype.name, name=name)
    return context.engine.tf.Variable(array, name=name)


def state_of(optimizer):
    """What an optimizer keeps: a list, a property or a method by version."""
    for name in ("variables", "weights"):
        found = getattr(optimizer, name, None)
        if found is not None:
            return list(found() if callable(found) and not isinstance(found, (list, tuple)) else found)
    return []


def fact(variable):
    """Name, shape and dtype of what an optimizer keeps."""
    dtype = getattr(variable.dtype, "base_dtype", variable.dtype)
    shape = variable.shape
    return {
        "name": str(getattr(variable, "path", None) or variable.name),
        "shape": [int(d) for d in (shape.as_list() if hasattr(shape, "as_list") else shape)],
        "dtype": getattr(dtype, "name", str(dtype)).replace("_ref", "").replace("torch.", ""),
    }


ROLES = {
    "m": "momentum",
    "v": "velocity",
    "rms": "velocity",
    "iter": "iteration",
    "iterations": "iteration",
}
"""What older implementations call the same thing."""


def role(name):
    """`variable.role` of what an optimizer keeps, however its name is put together; else the name itself."""
    parts = name.split(":")[0].split("/")
    for variable in NAMES:
        if variable in parts:
            others = [p for p in parts[1:] if p != variable]
            return variable + "." + ROLES.get(others[-1] if others else "", others[-1] if others else "")
        if parts[-1].startswith(variable + "_"):
            kept = parts[-1][len(variable) + 1 :]
            return variable + "." + ROLES.get(kept, kept)
    return ROLES.get(parts[-1], parts[-1])


def variable_facts(optimizer):
    """What an optimizer that has done nothing keeps."""
    return [fact(v) for v in state_of(optimizer)]


def described(optimizer):
    """Which class an optimizer is of, and its config."""
    return {"class": type(optimizer).__name__, "config": optimizer.get_config()}


def minimized(optimizer, context):
    """A variable after `minimize` of its square."""
    if not hasattr(optimizer, "minimize"):
        raise Missing("minimize")
    if context.engine.name != "eager":
        raise Unsupported("minimize takes a function of eager variables")
    tf = context.engine.tf
    variable = tf.Variable(np.array([1.0, -2.0], "float32"))
    optimizer.minimize(lambda: tf.reduce_sum(variable * variable), [variable])
    return context.engine.array(variable)
