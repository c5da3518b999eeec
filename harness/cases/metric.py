"""A case of a metric: its state over several updates, what it returns, and what it is written as."""

import inspect

import numpy as np
from harness_worker.recorder import Missing

from . import configured
from .layer import copied

ATTRIBUTES = ("name", "dtype", "stateful", "num_thresholds", "thresholds", "num_classes", "k", "axis")
GRAPHS = ("graph", "theano", "cntk")
"""Engines where an update only takes place through the result of `__call__`."""


def perform(case, context):
    """Perform a metric case.

    Steps of a class: construct, attributes, config, result before, variables, forward (the result after each
    update), state (after the last), call, reset, reset_states, merge, round trip; dear: names.
    Steps of a function: forward, gradients; dear: names.
    """
    subject = context.symbol(case["subject"])
    if inspect.isclass(subject):
        _, metric = configured.construct(case, context)
        observe(metric, batches(case, context), context)
        if "names" in context.observe:
            configured.written(metric, "metrics", context)
    else:
        observe_function(subject, case, context)
    if "names" in context.observe:
        names(case, subject, context)


def batches(case, context):
    """The positional and the named arrays of each update."""
    made = context.make.value(case["feed"]["inputs"])
    call = context.make.value(case["feed"].get("call", {}))
    form = call.pop("$as", "tensor")
    return [Update(each, call, form, context.engine) for each in made]


class Update(object):
    """One update of a metric."""

    def __init__(self, arrays, call, form, engine):
        self.fed = {"arrays": arrays, "named": call}
        self.form = form
        self.engine = engine

    def run(self, function):
        """Call ``function(*arrays, **named)`` and fetch what it returns."""
        if self.form == "tensor":
            return self.engine.evaluate(lambda fed: function(*fed["arrays"], **fed["named"]), self.fed)
        arrays = [configured.fed_as(self.form, a) for a in self.fed["arrays"]]
        named = {k: configured.fed_as(self.form, v) for k, v in self.fed["named"].items()}
        return self.engine.evaluate(lambda nothing: function(*arrays, **named), [])

    def into(self, metric):
        """Update a metric and give its result."""
        if self.engine.name in GRAPHS:
            return self.run(metric)

        def updated(*arrays, **named):
            metric.update_state(*arrays, **named)
            return metric.result()

        return self.run(updated)


def observe(metric, updates, context):
    """A metric as an object."""
    record, engine = context.record, context.engine
    record.run("attributes", "config", lambda: configured.attributes(metric, ATTRIBUTES))
    config = record.run("config", "config", lambda: metric.get_config())
    before = record.run("result before", "value", lambda: result(metric, engine))
    record.run("variables", "structure", lambda: variables(metric))
    forward = record.run("forward", "value", lambda: [each.into(metric) for each in updates])
    if forward is not None:
        record.run("state", "value", lambda: state(metric, engine))
        record.run("variables after", "structure", lambda: variables(metric))
    record.run("call", "value", lambda: updates[0].run(fresh(metric, config)))
    record.run("reset", "value", lambda: reset(metric, "reset_state", engine))
    if before is not None:
        record.run("reset_states", "value", lambda: reset(metric, "reset_states", engine))
    if forward is not None:
        record.run("merge", "value", lambda: merged(metric, config, updates, engine))
    configured.round_trip(metric, config, context)


def fresh(metric, config):
    """Another metric like this one."""
    return type(metric).from_config(copied(config))


def result(metric, engine):
    """The result so far."""
    return engine.evaluate(lambda nothing: metric.result(), [])


def variables(metric):
    """Name, shape and dtype of each variable, in order."""
    found = metric.variables if hasattr(metric, "variables") else metric.weights
    return [
        {
            "name": str(v.name).split(":")[0].rsplit("/", 1)[-1],
            "shape": [int(d) for d in v.shape],
            "dtype": configured.dtype_name(v.dtype).replace("_ref", ""),
        }
        for v in found
    ]


def state(metric, engine):
    """The values of the variables, in order."""
    if hasattr(metric, "get_weights"):  # a metric of Keras 2 is a layer as well
        return [np.asarray(v) for v in engine.get_weights(metric)]
    return [np.asarray(v.numpy()) for v in metric.variables]


def reset(metric, method, engine):
    """The result and the state after resetting."""
    if not hasattr(metric, method):
        raise Missing("Metric." + method)
    getattr(metric, method)()
    return {"state": state(metric, engine), "result": result(metric, engine)}


def merged(metric, config, updates, engine):
    """The result of two metrics merged, the first of which saw the first update and the second the rest."""
    if not hasattr(metric, "merge_state"):
        raise Missing("Metric.merge_state")
    first, second = fresh(metric, config), fresh(metric, config)
    updates[0].into(first)
    for each in updates[1:] or updates:
        each.into(second)
    first.merge_state([second])
    return {"result": result(first, engine), "state": state(first, engine)}


def observe_function(function, case, context):
    """A metric as a function of targets and predictions."""
    parameters = configured.given_parameters(case, context)
    update = batches(case, context)[0]

    def applied(*arrays, **named):
        return function(*arrays, **dict(parameters, **named))

    context.record.run("forward", "value", lambda: update.run(applied))
    if "names" in context.observe:
        context.record.run("serialize", "config", lambda: context.symbol("metrics.serialize")(function))


def names(case, subject, context):
    """What `metrics.get` gives for the metric's own name and for the class or function itself."""
    get = context.symbol("metrics.get")
    configured.by_name(case["subject"].rsplit(".", 1)[1], "metrics", context)
    context.record.run("get by symbol", "config", lambda: get(subject), configured.described)


def subclass(case, context):
    """A metric of the user's own: counts the updates and keeps the last number."""
    base = context.symbol("metrics.Metric")

    class Count(base):
        """Two variables, one with a shape."""

        def __init__(self, name="count", **more):
            super(Count, self).__init__(name=name, **more)
            self.seen = self.add_weight(name="seen", shape=(), initializer="zeros")
            self.last = self.add_weight(name="last", shape=(2,), initializer="ones")

        def update_state(self, y_true, y_pred=None, sample_weight=None):
            """One more."""
            self.seen.assign(self.seen + 1.0)
            self.last.assign(y_true[0, :2])

        def result(self):
            """How many."""
            return self.seen * 1.0

    parameters = configured.given_parameters(case, context)
    metric = context.record.run("construct", "structure", lambda: Count(**parameters), False, needed=True)
    observe(metric, batches(case, context), context)


def compiled(case, context):
    """What a model makes of the names of metrics: the value of each after evaluating, under its name.

    The model passes its input on unchanged.
    """
    parameters = configured.given_parameters(case, context)
    y_true, y_pred = context.make.value(case["feed"]["inputs"])
    record = context.record
    width = y_pred.shape[-1]
    dense = context.symbol("layers.Dense")

    def build():
        given = context.symbol("layers.Input" if context.has("layers.Input") else "Input")(shape=(width,))
        model = context.symbol("models.Model")(given, dense(width, use_bias=False)(given))
        context.engine.set_weights(model, [np.eye(width, dtype=y_pred.dtype)])
        return model

    model = record.run("model", "structure", build, False, needed=True)
    record.run(
        "compile",
        "structure",
        lambda: model.compile(optimizer="sgd", loss=parameters["loss"], metrics=[parameters["metrics"]]),
        False,
        needed=True,
    )
    values = record.run("forward", "value", lambda: model.evaluate(y_pred, y_true, verbose=0, batch_size=4))
    if values is not None:
        record.run("metrics_names", "names and order", lambda: list(model.metrics_names))
        record.run(
            "return_dict",
            "value",
            lambda: model.evaluate(y_pred, y_true, verbose=0, batch_size=4, return_dict=True),
        )
