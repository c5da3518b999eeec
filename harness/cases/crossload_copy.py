"""`copy.deepcopy` of a trained model, recorded as a reader of the cross-load matrix would record it."""

from .crossload import look, nudge, shape_up, start, step, train
from .crossload_formats import duplicate
from .crossload_models import data


def perform(case, context):
    """Build and train as the writer does, step by step, copy, and record the copy.

    Steps: build, architecture, given, train, load (the copying), those of `look`, and step. A stateful layer
    has come as far as it has at its writer, for it has been called as often.
    """
    record, name = context.record, case["parameters"]["model"]
    x, y = data(name)
    built = record.run("build", "structure", lambda: start(name, context), False, True)
    shape_up(built.model, x, context)
    if built.compiled is not None:
        record.run("train", "value", lambda: train(built.model, x, y), False, True)
    model = record.run("load", "file", lambda: duplicate(built.model), False, True)
    x = nudge(model, x, context)
    look(model, x, name, context)
    step(model, x, y, context)
