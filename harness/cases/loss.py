"""A case of a loss: a class with its reduction and weights, or a function of targets and predictions."""

import inspect

from . import configured


def perform(case, context):
    """Perform a loss case.

    Steps of a class: construct, attributes, config, forward, without reduction (the loss's own `call`),
    gradients, round trip, and the dear ones: jit, and for names: serialize and the like.
    Steps of a function: forward, gradients, and the dear ones.
    """
    subject = context.symbol(case["subject"])
    if inspect.isclass(subject):
        _, loss = configured.construct(case, context)
        made = Fed(case, context)
        loss_object(loss, made, context)
    else:
        parameters = configured.given_parameters(case, context)
        made = Fed(case, context)
        observe_function(subject, parameters, made, context)
    if "names" in context.observe:
        names(case, subject, context)


class Fed(object):
    """Targets, predictions, weights and mask of a case."""

    def __init__(self, case, context):
        self.context = context
        inputs = context.make.value(case["feed"]["inputs"])
        call = context.make.value(case["feed"].get("call", {}))
        self.form = call.pop("$as", "tensor")
        self.masked = "$mask" in call
        self.arrays = {"y_true": inputs[0], "y_pred": inputs[1]}
        if "$mask" in call:
            self.arrays["mask"] = call.pop("$mask")
        self.arrays.update(call)

    def run(self, function):
        """Evaluate ``function(y_true, y_pred, **more)``."""
        return configured.call_on(self.handing(function), self.arrays, self.form, self.context.engine)

    def handing(self, function):
        """The function of one structure that the engines take."""

        def handed(fed):
            fed = dict(fed)
            y_true, y_pred = fed.pop("y_true"), fed.pop("y_pred")
            if self.masked:
                y_pred._keras_mask = fed.pop("mask")
            return function(y_true, y_pred, **fed)

        return handed


def loss_object(loss, made, context):
    """A loss as an object."""
    record = context.record
    record.run("attributes", "config", lambda: configured.attributes(loss, ("name", "reduction", "dtype")))
    config = record.run("config", "config", lambda: loss.get_config())
    outputs = record.run("forward", "value", lambda: made.run(loss))
    record.run("without reduction", "value", lambda: made.run(bare(loss)))
    if made.form == "tensor":
        configured.gradients(made.handing(loss), made.arrays, outputs, context)
    configured.round_trip(loss, config, context)
    if "jit" in context.observe:
        record.run("jit", "value", lambda: context.engine.compiled(made.handing(loss), made.arrays))
    if "names" in context.observe:
        configured.written(loss, "losses", context)


def bare(loss):
    """The loss's own `call`, which knows no weights."""
    return lambda y_true, y_pred, **more: loss.call(y_true, y_pred)


def observe_function(function, parameters, made, context):
    """A loss as a function."""

    def applied(y_true, y_pred, **more):
        return function(y_true, y_pred, **dict(parameters, **more))

    outputs = context.record.run("forward", "value", lambda: made.run(applied))
    if made.form == "tensor":
        configured.gradients(made.handing(applied), made.arrays, outputs, context)
    if "jit" in context.observe:
        handed = made.handing(applied)
        context.record.run("jit", "value", lambda: context.engine.compiled(handed, made.arrays))
    if "names" in context.observe:
        written = context.record.run(
            "serialize", "config", lambda: context.symbol("losses.serialize")(function)
        )
        if written is not None:
            read = context.symbol("losses.deserialize")
            context.record.run("deserialize", "config", lambda: read(written), configured.described)


def names(case, subject, context):
    """What `losses.get` gives for the loss's own name and for the class or function itself."""
    get = context.symbol("losses.get")
    configured.by_name(case["subject"].rsplit(".", 1)[1], "losses", context)
    context.record.run("get by symbol", "config", lambda: get(subject), configured.described)


def subclass(case, context):
    """A loss of the user's own: `losses.Loss` with a `call`."""
    base = context.symbol("losses.Loss")

    class OwnLoss(base):
        """Mean squared difference along the last axis."""

        def call(self, y_true, y_pred):
            """Per sample, by operators only; the axis has two entries."""
            difference = y_true - y_pred
            square = difference * difference
            return (square[..., 0] + square[..., 1]) / 2.0

    parameters = configured.given_parameters(case, context)
    loss = context.record.run("construct", "structure", lambda: OwnLoss(**parameters), False, needed=True)
    loss_object(loss, Fed(case, context), context)
