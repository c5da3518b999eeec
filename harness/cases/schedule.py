"""A case of a learning-rate schedule: its rate at given steps, and whether it survives its config."""

import numpy as np

from .layer import copied


def perform(case, context):
    """Perform a schedule case.

    Steps: construct, config, forward (one rate per step), python steps, float steps, round trip, serialize,
    in an optimizer.
    """
    record, engine = context.record, context.engine
    cls = context.symbol(case["subject"])
    parameters = record.run(
        "parameters", "structure", lambda: context.make.parameters(case["parameters"]), False, True, False
    )
    steps = context.make.value(case["feed"]["inputs"])["steps"]
    schedule = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    config = record.run("config", "config", lambda: schedule.get_config())
    record.run("forward", "value", lambda: rates(schedule, [engine.tensor(s) for s in steps], engine))
    plain = [s.item() for s in steps]
    record.run("python steps", "value", lambda: rates(schedule, plain[:6], engine))
    record.run("float steps", "value", lambda: rates(schedule, [float(s) for s in plain[:4]], engine))
    record.run("round trip", "structure", lambda: round_trip(cls, config, plain, engine))
    record.run("serialize", "config", lambda: written(schedule, context))
    sgd = context.symbol("optimizers.SGD")
    record.run("in an optimizer", "config", lambda: rate_of(sgd(learning_rate=schedule)))


def rate_of(optimizer):
    """How an optimizer's config tells its learning rate."""
    config = optimizer.get_config()
    return config.get("learning_rate", config.get("lr"))


def rates(schedule, steps, engine):
    """The rate at each step, as one array where all have one dtype and shape."""
    found = [np.asarray(engine.fetch(schedule(step))) for step in steps]
    same = len(set((f.dtype.name, f.shape) for f in found)) == 1  # noqa: C401
    return np.stack(found) if same else found


def round_trip(cls, config, steps, engine):
    """From the config and back: the same config and the same rates."""
    fresh = cls.from_config(copied(config))
    rate = rates(cls.from_config(copied(config)), steps[:3], engine)
    return {
        "same config": fresh.get_config() == config,
        "same rates": bool(np.array_equal(rates(fresh, steps[:3], engine), rate)),
    }


def written(schedule, context):
    """Written down and read again by the functions of the schedules' module."""
    data = context.symbol("optimizers.schedules.serialize")(schedule)
    read = context.symbol("optimizers.schedules.deserialize")(data)
    return {"written": data, "read": type(read).__name__, "config": read.get_config()}
