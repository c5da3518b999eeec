"""Cases of the cross-load matrix: one target writes files, another reads them.

A file travels through the exchange folder, named by the digest of its content; the reading case has that
digest among its parameters, so another file is another case. Both sides record the same things of the
model they have in hand, in the same steps, and a comparison of the two is one cell of the matrix.
"""

import logging
import os
import sys
import traceback

import numpy as np
from harness_worker import recipes

from .crossload_formats import FORMATS, SCHEMA, WHOLE, below, fetch, keep
from .crossload_inside import listing
from .crossload_models import build, custom_of, data

TRAINED = 2
"""Training steps before a model is saved."""


def write(case, context):
    """Build a model, train it, record it, save it in every format asked for, train on.

    Steps: build, architecture, given, train, those of `look`, ``save FORMAT`` with the digest of
    what was saved, ``inside FORMAT``, and step. As a jitter of the case nothing is saved.
    """
    record, parameters = context.record, case["parameters"]
    name = parameters["model"]
    x, y = data(name)
    built = record.run("build", "structure", lambda: start(name, context), False, True)
    model = built.model
    shape_up(model, x, context)
    if built.compiled is not None:
        record.run("train", "value", lambda: train(model, x, y), False, True)
    x = nudge(model, x, context)
    look(model, x, name, context)
    if context.variant is None:
        for kind in parameters["formats"]:
            if kind == "pickle" and name.startswith("custom_"):
                record.skip(
                    "save pickle", "file", "the custom class of the case has no name that pickle finds"
                )
            else:
                save(model, kind, context)
    step(model, x, y, context)


def start(name, context):
    """A model with the weights of the case, adapted and compiled."""
    built = build(name, context)
    give_weights(built.model, context)
    if built.adapt is not None:
        built.adapt()
    if built.compiled is not None:
        built.model.compile(**built.compiled)
        step_by_step(built.model, context)
    return built


def step_by_step(model, context):
    """Train without tracing or compiling; as an attribute, so that no file knows of it.

    On torch: a file written on TensorFlow says `jit_compile: true`, and there that means `torch.compile`, a
    run of a C++ compiler of a minute for one training step.
    """
    attribute = {
        "eager": ("run_eagerly", True),
        "jax": ("run_eagerly", True),
        "torch": ("jit_compile", False),
    }
    if context.engine.name in attribute:
        try:
            setattr(model, *attribute[context.engine.name])
        except (AttributeError, ValueError):
            pass


def leaf_layers(model):
    """Layers that hold weights themselves, in the order of the models that hold them; a shared one once."""
    out = []
    for layer in getattr(model, "layers", None) or [model]:
        inner = leaf_layers(layer) if getattr(layer, "layers", None) and layer is not model else [layer]
        out.extend(each for each in inner if not any(each is known for known in out))
    return out


def give_weights(model, context):
    """Give every floating-point weight the value that the case has for its place.

    Layers without such a weight are left alone: a vocabulary is not always taken back.
    """
    place = 0
    for layer in leaf_layers(model):
        values = []
        given = False
        for weight, now in zip(layer.weights, context.engine.get_weights(layer)):
            if now.dtype.kind == "f":
                name = str(getattr(weight, "path", weight.name))
                now = recipes.weight(now.shape, now.dtype.name, name, place, context.seed)
                given = True
            values.append(now)
            place += 1
        if given:
            context.engine.set_weights(layer, values)


def shape_up(model, x, context, given=True):
    """Record what a configuration alone decides: layers, shapes, and predictions with given weights.

    given: False for a model that could not be given weights, whose predictions would say nothing.
    """
    record = context.record
    record.run("architecture", "structure", lambda: architecture(model))
    if not given:
        return
    before = context.engine.get_weights(model)
    record.run("given", "value", lambda: predicted(model, nudge(model, x, context), context))
    if context.variant is not None:
        context.engine.set_weights(model, before)


def architecture(model):
    """Layers in order: name, class, shapes of weights, trainable."""
    return [
        {
            "name": str(layer.name),
            "class": type(layer).__name__,
            "shapes": [list(shape_of(w)) for w in layer.weights],
            "trainable": bool(layer.trainable),
        }
        for layer in leaf_layers(model)
    ]


def shape_of(weight):
    """The shape of a weight as whole numbers."""
    shape = weight.shape
    return [int(d) for d in (shape.as_list() if hasattr(shape, "as_list") else shape)]


def predicted(model, x, context):
    """What the model says, from a zero state where it keeps one."""
    for layer in getattr(model, "layers", ()):
        if getattr(layer, "stateful", False) and hasattr(layer, "states") and hasattr(layer, "reset_states"):
            layer.reset_states()
        elif getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()
    if getattr(model, "outputs", None):
        return context.engine.evaluate_model(model, x)
    return context.engine.evaluate(model, x)


def train(model, x, y):
    """A few steps on one batch."""
    for _ in range(TRAINED):
        model.train_on_batch(x, y)


def nudge(model, x, context):
    """In a jitter of the case, move weights and inputs by one unit in the last place."""
    if context.variant is None:
        return x
    if getattr(model, "layers", None):
        moved = [
            recipes.vary(w, context.variant, place)
            for place, w in enumerate(context.engine.get_weights(model))
        ]
        context.engine.set_weights(model, moved)
    if isinstance(x, list):
        return [recipes.vary(each, context.variant, 200 + place) for place, each in enumerate(x)]
    return recipes.vary(x, context.variant, 200)


def look(model, x, name, context):
    """Record a model: class, layers, weights, predictions, config, how it is compiled, optimizer state."""
    record, engine = context.record, context.engine
    record.note("class", "names and order", type(model).__name__)
    record.run("weights", "value", lambda: named_weights(model, engine))
    record.run("get_weights", "value", lambda: engine.get_weights(model))
    record.run("predictions", "value", lambda: predicted(model, x, context))
    record.run("config", "config", lambda: model.get_config())
    if getattr(model, "optimizer", None) is not None:
        record.run("compiled", "config", lambda: compiled(model))
        record.run("optimizer", "value", lambda: optimizer_state(model.optimizer, engine))


def named_weights(model, engine):
    """Weights layer by layer: layer, own name, value.

    Values are asked of the layer that holds them: of a model, an old Keras lists weights in one order and
    their values in another.
    """
    out = []
    for layer in leaf_layers(model):
        for weight, value in zip(layer.weights, engine.get_weights(layer)):
            own = str(getattr(weight, "path", weight.name)).rsplit("/", 1)[-1].split(":")[0]
            out.append({"layer": str(layer.name), "name": own, "value": value})
    return out


def compiled(model):
    """What `compile` was told, as the model knows it."""
    optimizer = model.optimizer
    return {
        "optimizer": type(optimizer).__name__,
        "optimizer config": optimizer.get_config(),
        "loss": named(getattr(model, "loss", None)),
        "loss weights": getattr(model, "loss_weights", None),
    }


def named(thing):
    """A loss by its name, whatever it was given as."""
    if isinstance(thing, (list, tuple)):
        return [named(each) for each in thing]
    if hasattr(thing, "items"):
        return {str(key): named(value) for key, value in thing.items()}
    if thing is None or isinstance(thing, str):
        return thing
    return str(getattr(thing, "__name__", None) or type(thing).__name__)


def optimizer_state(optimizer, engine):
    """Variables of an optimizer: own name and value."""
    found = getattr(optimizer, "variables", None)
    found = found() if callable(found) else found
    if found is None:
        found = optimizer.weights
    return [
        [str(getattr(v, "path", getattr(v, "name", ""))).split(":")[0], np.asarray(engine.array(v))]
        for v in found
    ]


def save(model, kind, context):
    """Save in one format, hand the files over, and list what is inside."""
    os.mkdir(kind)
    here = os.getcwd()

    def perform():
        os.chdir(kind)
        try:
            FORMATS[kind][0](model, context)
        finally:
            os.chdir(here)
        return {
            "digest": keep(kind),
            "bytes": sum(os.path.getsize(os.path.join(kind, p)) for p in below(kind)),
        }

    if context.record.run("save " + kind, "file", perform) is not None:
        context.record.run("inside " + kind, "file", lambda: listing(kind))


def step(model, x, y, context):
    """One further training step: its result, and the weights it leaves."""
    if getattr(model, "optimizer", None) is None or y is None:
        return
    step_by_step(model, context)
    if hasattr(model, "reset_metrics"):
        model.reset_metrics()
    record = context.record
    steps = len(record.steps)
    record.run("step", "value", lambda: as_list(model.train_on_batch(x, y)))
    if record.steps[steps]["status"] == "returned":
        record.run("stepped", "value", lambda: named_weights(model, context.engine))


def as_list(result):
    """What `train_on_batch` returns, as a list of floats."""
    return [np.asarray(v, "float32") for v in (result if isinstance(result, (list, tuple)) else [result])]


class Log(logging.Handler):
    """Collects what is logged as a warning or worse."""

    def __init__(self):
        logging.Handler.__init__(self, logging.WARNING)
        self.lines = []

    def emit(self, entry):
        """Keep one message; notices of deprecation come once per process and tell nothing of a file."""
        if "deprecation" in entry.filename:
            return
        line = "%s: %s" % (entry.levelname, entry.getMessage())
        if line not in self.lines:
            self.lines.append(line)


LOGGERS = ("absl", "tensorflow", "")


def listened(log, function):
    """Call with the log listening to the loggers that Kerases use."""
    for name in LOGGERS:
        logging.getLogger(name).addHandler(log)
    try:
        return function()
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(log)


def way(function, context):
    """The functions a call had come to where it raised, as ``file:function``, outermost first.

    Called once more, for Kerases take their own frames out of a traceback unless told not to, and their
    messages are other ones then.
    """
    filtering = filters(context)
    for disable, _ in filtering:
        disable()
    try:
        function()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        return ["%s:%s" % (os.path.basename(frame[0]), frame[2]) for frame in frames]
    finally:
        for _, enable in filtering:
            enable()
    return []


def filters(context):
    """(disable, enable) of what takes frames out of tracebacks: Keras 3's own, TensorFlow's from 2.7 on."""
    tensorflow = sys.modules.get("tensorflow")
    found = []
    for owner in (getattr(tensorflow, "debugging", None), getattr(context.keras, "config", None)):
        if hasattr(owner, "is_traceback_filtering_enabled") and owner.is_traceback_filtering_enabled():
            found.append((owner.disable_traceback_filtering, owner.enable_traceback_filtering))
    return found


def read(case, context):
    """Load a file another target has written, and record the model as its writer did.

    Steps: load, logged, then those of `look` and step. Of a file that does not load the functions the reader
    had come to (way) are recorded; a whole model is tried once more uncompiled, a Lambda once more without
    safe mode.
    """
    record, parameters = context.record, case["parameters"]
    name, kind = parameters["model"], parameters["format"]
    fetch(parameters["file"])
    x, y = data(name)
    custom = record.run("custom", "structure", lambda: custom_of(name, context.keras), False, True, False)
    load = FORMATS[kind][1]
    log = Log()

    def perform():
        return load(lambda: build(name, context), custom, context)

    model = record.run("load", "file", lambda: listened(log, perform), False)
    if log.lines:
        record.note("logged", "warnings", log.lines)
    if model is None:
        if any(s["step"] == "load" and s["status"] == "raised" for s in record.steps):
            record.note("way", "events", way(perform, context))
        try_again(load, kind, name, custom, context)
        return
    if kind in SCHEMA:
        given = record.run("give weights", "structure", lambda: give_weights(model, context) or "given")
        shape_up(model, x, context, bool(given))
        record.run("config", "config", lambda: model.get_config())
        return
    if kind == "export":
        record.note("class", "names and order", model.name)
        record.run("predictions", "value", lambda: predicted(model, nudge(model, x, context), context))
        return
    x = nudge(model, x, context)
    look(model, x, name, context)
    if kind in WHOLE + ("pickle", "checkpoint"):
        step(model, x, y, context)


def try_again(load, kind, model, custom, context):
    """What a user tries next when a whole model does not load."""
    tries = [("load uncompiled", {"compile": False})] if kind in WHOLE else []
    if kind in WHOLE and model == "lambda_layer":
        tries.append(("load unsafely", {"safe_mode": False}))
    for name, arguments in tries:
        context.record.run(
            name, "file", lambda given=arguments: type(load(None, custom, context, **given)).__name__
        )
