"""A case of an optimizer: given weights and given gradients, so that only its own arithmetic is seen.

`feed["inputs"]` has `variables` (arrays) and `gradients` (one array per variable with the steps as first
axis); `feed["call"]` may say `$sparse` (row indices of the first variable's gradient), `$none` (places of
variables without a gradient), `$exclude` (names that weight decay leaves alone), `$apart` (one call of
`apply_gradients` per variable) and `$finalize` (ask for the averages at the end).
"""

import numpy as np
from harness_worker.recorder import Missing, Unsupported

from . import optimizer_steps
from .layer import copied


def perform(case, context):
    """Perform an optimizer case.

    Steps: construct, config, learning rate, forward (every variable after every step), slots, slot names,
    slot values (after the first and the last step), iterations, learning rate after, finalize, round trip.
    """
    record = context.record
    cls = context.symbol(case["subject"])
    make = context.make
    parameters = record.run(
        "parameters", "structure", lambda: make.parameters(case["parameters"]), False, True, False
    )
    inputs = make.value(case["feed"]["inputs"])
    call = case["feed"].get("call", {})
    optimizer = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    config = record.run("config", "config", lambda: optimizer.get_config())
    record.run("learning rate", "value", lambda: learning_rate(optimizer, context.engine))
    if "$exclude" in call:
        exclude(optimizer, call["$exclude"], context)
    stepper = optimizer_steps.Stepper(optimizer, inputs, call, context)
    seen = record.run("forward", "value", stepper.run, needed=True)
    record.run("slots", "structure", lambda: stepper.slots)
    record.run("slot names", "names and order", lambda: stepper.names)
    record.run("slot values", "value", lambda: stepper.slot_values)
    record.run("iterations", "value", lambda: context.engine.fetch(optimizer.iterations))
    record.run("learning rate after", "value", lambda: learning_rate(optimizer, context.engine))
    if "$finalize" in call:
        record.run("finalize", "value", lambda: stepper.finalized())
    record.run("round trip", "structure", lambda: round_trip(cls, config, seen, inputs, call, context))


def learning_rate(optimizer, engine):
    """The learning rate a user reads, by any of its names."""
    for name in ("learning_rate", "lr"):
        if hasattr(optimizer, name):
            value = getattr(optimizer, name)
            return {"schedule": type(value).__name__} if hasattr(value, "get_config") else engine.fetch(value)
    raise Missing("learning_rate")


def exclude(optimizer, names, context):
    """Leave variables out of weight decay by their names."""
    context.record.run(
        "exclude", "structure", lambda: optimizer.exclude_from_weight_decay(var_names=names), False
    )


def round_trip(cls, config, seen, inputs, call, context):
    """From the config and back: the same config, and the same variables after the same gradients."""
    fresh = cls.from_config(copied(config))
    again = fresh.get_config()
    if "$exclude" in call:
        fresh.exclude_from_weight_decay(var_names=call["$exclude"])
    values = optimizer_steps.Stepper(fresh, inputs, call, context, 2).run()
    return {
        "same config": same(again, config),
        "same values": all(np.allclose(a, b[:2], 0.0, 0.0, equal_nan=True) for a, b in zip(values, seen)),
    }


def same(one, two):
    """Whether two configs hold the same values, of whatever number type."""
    if isinstance(one, dict) and isinstance(two, dict):
        return set(one) == set(two) and all(same(one[k], two[k]) for k in one)
    return bool(one == two)


def interface(case, context):
    """What users ask of an optimizer beside stepping; each thing a step of its own.

    Steps: name, variables, variables called, weights, get_weights, set_weights, lr read, lr set, learning
    rate set, assigned, get by name, get by lower case, get by config, get itself, serialize, deserialize,
    minimize.
    """
    record, engine = context.record, context.engine
    cls = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    optimizer = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    short = case["subject"].rsplit(".", 1)[1]
    get = context.symbol("optimizers.get")
    described = optimizer_steps.described
    for name, function in (
        ("name", lambda: getattr(optimizer, "name", getattr(optimizer, "_name", None))),
        ("variables", lambda: optimizer_steps.variable_facts(optimizer)),
        ("variables called", lambda: len(optimizer.variables())),
        ("weights", lambda: len(optimizer.weights)),
        ("get_weights", lambda: [np.shape(w) for w in optimizer.get_weights()]),
        ("set_weights", lambda: optimizer.set_weights(optimizer.get_weights())),
        ("lr read", lambda: engine.fetch(optimizer.lr)),
        ("lr set", lambda: set_rate(optimizer, "lr", engine)),
        ("learning rate set", lambda: set_rate(optimizer, "learning_rate", engine)),
        ("assigned", lambda: assign_rate(optimizer, engine)),
        ("get by name", lambda: described(get(short))),
        ("get by lower case", lambda: described(get(short.lower()))),
        ("get by config", lambda: described(get({"class_name": short, "config": {"learning_rate": 0.5}}))),
        ("get itself", lambda: get(optimizer) is optimizer),
        ("serialize", lambda: context.symbol("optimizers.serialize")(optimizer)),
        ("deserialize", lambda: deserialized(optimizer, context)),
    ):
        record.run(name, "config", function)
    record.run("minimize", "value", lambda: optimizer_steps.minimized(cls(**parameters), context))


def set_rate(optimizer, name, engine):
    """Give it another learning rate the way users do."""
    setattr(optimizer, name, 0.25)
    return engine.fetch(getattr(optimizer, name))


def assign_rate(optimizer, engine):
    """The learning rate as a variable that is assigned to."""
    if not hasattr(optimizer.learning_rate, "assign"):
        raise Unsupported("the learning rate is not a variable of its own here")
    optimizer.learning_rate.assign(0.125)
    return engine.fetch(optimizer.learning_rate)


def deserialized(optimizer, context):
    """Written down and read again."""
    written = context.symbol("optimizers.serialize")(optimizer)
    return optimizer_steps.described(context.symbol("optimizers.deserialize")(written))


def scaling(case, context):
    """A loss-scale optimizer: its scale over steps of finite and infinite gradients, and its legacy methods.

    Steps: construct, config, initial scale, dynamic, forward, scale after, scaled loss, unscaled gradients.
    """
    record, engine = context.record, context.engine
    cls = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    inputs = context.make.value(case["feed"]["inputs"])
    optimizer = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    record.run("config", "config", lambda: optimizer.get_config())
    record.run("dynamic", "config", lambda: optimizer.dynamic)
    record.run("initial scale", "value", lambda: engine.fetch(optimizer.loss_scale))
    record.run("initial scale attribute", "value", lambda: optimizer.initial_scale)
    call = case["feed"].get("call", {})
    stepper = optimizer_steps.Stepper(optimizer, inputs, call, context)
    loss = engine.tensor(np.array(3.0, "float32"))
    record.run("forward", "value", stepper.run)
    record.run("scaled loss", "value", lambda: engine.fetch(optimizer.scale_loss(loss)))
    record.run("get_scaled_loss", "value", lambda: engine.fetch(optimizer.get_scaled_loss(loss)))
    record.run(
        "get_unscaled_gradients", "value", lambda: engine.fetch(optimizer.get_unscaled_gradients([loss]))
    )
    record.run("scale after", "value", lambda: engine.fetch(optimizer.loss_scale))
    record.run("slots", "structure", lambda: stepper.slots)
    record.run("slot values", "value", lambda: stepper.slot_values)


def perform_modern(case, context):
    """The same with arguments that only newer implementations have."""
    perform(case, context)
