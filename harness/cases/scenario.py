"""What scenarios are written with: programs in which models, training, files and callbacks meet.

A scenario is a plain function of the namespace and a `Record`, decorated with the API names it is about::

    from harness_cases.scenario import about

    @about("Model.fit", "History", size=(1, 3))
    def a_batch_of_one(keras, record, size):
        \"\"\"Batches of one sample, and of three with a partial last one.\"\"\"
        model = record.regression(keras)
        history = model.fit(record.array(4, 3), record.array(4, 1), batch_size=size, verbose=0)
        record.history(history)

The first name is the subject; the others are names a divergence of the scenario also touches. A keyword with
a tuple of plain values makes one case per value; several keywords are combined as a spec's parameters are.
``limit=20`` ends a case that takes longer (seconds). What the decorator is given must be literal: the harness
reads it without importing the file. What the function raises is recorded as what the implementation did,
except for a misspelt name of the scenario's own.
"""

import functools
import os
import re

import numpy as np
from harness_worker.recorder import Missing, Unsupported

__all__ = (
    "Missing",
    "Record",
    "Unsupported",
    "about",
    "files",
    "leaf_layers",
    "ordered",
    "shape_of",
    "summary_table",
)

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


def about(subject, *also, **each):
    """Declare what a scenario is about, and the values it is tried with; see the module's docstring."""

    def declare(function):
        @functools.wraps(function)
        def perform(case, context):
            play(function, perform.subjects, case, context)

        perform.subjects = (subject,) + also
        return perform

    return declare


def play(function, subjects, case, context):
    """Run a scenario; what escapes it is its last step, called ``scenario``."""
    if not present(subjects, context):
        raise Missing(subjects[0])
    record = Record(context)
    parameters = context.make.parameters(case["parameters"])
    slips = []

    def body():
        try:
            function(context.keras, record, **parameters)
        except NameError as error:
            if written_in(function, error):
                slips.append(error)
            raise

    try:
        context.record.run("scenario", "structure", body, False, True)
    finally:
        if slips:
            raise slips[0]


def present(subjects, context):
    """Whether the namespace has the symbol a scenario is about, or another of its names in the same module.

    Members of classes are not looked for: many exist on instances only.
    """
    module = subjects[0].split(".")[0]
    if module == subjects[0] or module[0].isupper():
        return True
    symbols = [".".join(name.split(".")[:2]) for name in subjects if name.startswith(module + ".")]
    return any(context.has(symbol) for symbol in symbols)


def written_in(function, error):
    """Whether an error was raised by the very lines of a file that hold a function."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename == function.__code__.co_filename


class Record(object):
    """What a scenario is given beside the namespace: data, weights, and a place for what it sees."""

    def __init__(self, context):
        self.context = context
        self.engine = context.engine
        self.run = context.record.run
        self.note = context.record.note
        self.has = context.has
        self.symbol = context.symbol

    def eager(self):
        """Arguments of `compile` that keep it from tracing, for scenarios of many cases."""
        return {"run_eagerly": True} if self.engine.name == "eager" else {}

    def array(self, *shape, **recipe):
        """An input array; `values`, `dtype` and `high` as in a spec's `Array`."""
        full = {"$array": True, "dtype": "float32", "values": "normal", "shape": list(shape)}
        return self.context.make.array(dict(full, **recipe))

    def classes(self, count, high):
        """Class labels as whole numbers, every class present."""
        return np.arange(count, dtype="int32") % high

    def tensorflow(self):
        """The TensorFlow module; ends the scenario as unsupported on other backends."""
        if getattr(self.engine, "backend", "") != "tensorflow":
            raise Unsupported("the scenario needs TensorFlow, and the backend is another one")
        import tensorflow

        return tensorflow

    def library(self, name):
        """A third-party module; ends the scenario as unsupported where it is not installed."""
        try:
            return __import__(name, fromlist=["*"])
        except ImportError:
            raise Unsupported("the target's environment has no %s" % name) from None

    def data(self, name):
        """Path of a file of the cases' own data folder."""
        return os.path.join(DATA, name)

    def give_weights(self, model):
        """Give every layer the weights of the case, layer by layer, inner models first."""
        place = 0
        for layer in leaf_layers(model):
            if not layer.weights:
                continue
            names = [str(w.name) for w in layer.weights]
            values = []
            for name, now in zip(names, self.engine.get_weights(layer)):
                values.append(
                    self.context.make_weight(now.shape, now.dtype.name, name, place)
                    if now.dtype.kind == "f"
                    else now
                )
                place += 1
            self.engine.set_weights(layer, values)
        return model

    def regression(self, keras, loss="mean_squared_error", optimizer=None, compiled=True, **arguments):
        """A compiled model 3 → 4 → 1 with the weights of the case; SGD(0.1) unless said otherwise."""
        inputs = keras.layers.Input((3,), name="x")
        hidden = keras.layers.Dense(4, activation="tanh", name="hidden")(inputs)
        model = keras.models.Model(inputs, keras.layers.Dense(1, name="out")(hidden), name="regression")
        if compiled:
            model.compile(optimizer or keras.optimizers.SGD(0.1), loss, **arguments)
        return self.give_weights(model)

    def classifier(
        self, keras, classes=3, activation="softmax", loss="sparse_categorical_crossentropy", **arguments
    ):
        """A compiled model 3 → 4 → `classes` with the weights of the case, trained by SGD(0.1)."""
        inputs = keras.layers.Input((3,), name="x")
        hidden = keras.layers.Dense(4, activation="tanh", name="hidden")(inputs)
        outputs = keras.layers.Dense(classes, activation=activation, name="out")(hidden)
        model = keras.models.Model(inputs, outputs, name="classifier")
        model.compile(keras.optimizers.SGD(0.1), loss, **arguments)
        return self.give_weights(model)

    def two_headed(self, keras, **compiled):
        """A model with inputs `a`, `b`, outputs `first`, `second`, and the weights of the case."""
        a, b = keras.layers.Input((3,), name="a"), keras.layers.Input((2,), name="b")
        joined = keras.layers.Concatenate(name="joined")([a, b])
        first = keras.layers.Dense(1, name="first")(joined)
        second = keras.layers.Dense(3, activation="softmax", name="second")(joined)
        model = keras.models.Model([a, b], [first, second], name="two_headed")
        if compiled:
            model.compile(keras.optimizers.SGD(0.1), **compiled)
        return self.give_weights(model)

    def fit(self, model, *data, **arguments):
        """Fit without shuffling (unless asked) and record the curves and the weights it ended at."""
        given = dict({"verbose": 0, "shuffle": False}, **arguments)
        history = self.run("fit", "value", lambda: model.fit(*data, **given), False)
        if history is not None:
            self.note("history", "value", dict(history.history))
            self.weights(model)
        return history

    def step(self, model, *data, **arguments):
        """One `train_on_batch`: what it returns, and the weights after it."""
        name = arguments.pop("name", "step")
        failed = len(self.context.record.steps)
        self.run(name, "value", lambda: model.train_on_batch(*data, **arguments))
        if self.context.record.steps[failed]["status"] == "returned":
            self.weights(model, "weights after " + name)

    def history(self, history, name="history"):
        """A `History`: its keys in order, then its curves."""
        logs = getattr(history, "history", history)
        self.note(name + " keys", "names and order", list(logs))
        self.note(name, "value", dict(logs))

    def weights(self, model, name="weights after"):
        """The weights as `get_weights` gives them."""
        self.run(name, "value", lambda: self.engine.get_weights(model))

    def predictions(self, model, data, name="predictions"):
        """What the model says when it is called."""
        return self.run(name, "value", lambda: self.call(model, data))

    def call(self, model, data):
        """Call a model on arrays; one without inputs of its own is given the backend's tensors."""
        evaluate = self.engine.evaluate_model if getattr(model, "outputs", None) else self.engine.evaluate
        return evaluate(model, data)


def leaf_layers(model):
    """Layers that hold weights themselves, in the order of the models that hold them; a shared one once."""
    out = []
    for layer in getattr(model, "layers", None) or [model]:
        inner = leaf_layers(layer) if getattr(layer, "layers", None) and layer is not model else [layer]
        out.extend(each for each in inner if not any(each is known for known in out))
    return out


def ordered(mapping):
    """A mapping as a list of pairs, so that its order counts."""
    return [[str(key), value] for key, value in mapping.items()]


def shape_of(value):
    """A shape, or a structure of shapes, as lists."""
    if value is None or isinstance(value, int):
        return value
    if hasattr(value, "as_list"):
        return value.as_list()
    if hasattr(value, "items"):
        return {key: shape_of(each) for key, each in value.items()}
    if hasattr(value, "value") and not hasattr(value, "__iter__"):
        return value.value
    return [shape_of(each) for each in value]


def files(folder="."):
    """Paths of the files below a folder, sorted, with process numbers and times of event files left out."""
    found = []
    for place, _, names in os.walk(folder):
        found.extend(
            os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/") for name in names
        )
    return sorted(
        re.sub(r"tfevents\.\d+\..*?(\.v2|\.profile-empty)?$", r"tfevents\1", name) for name in found
    )


BORDERS = "│┃║|"


def summary_table(model, **arguments):
    """What `summary` prints, parsed: rows of cells, and the lines that are no table."""
    lines = []
    model.summary(print_fn=lambda line, **unused: lines.append(line), **arguments)
    rows, totals = [], []
    for line in "\n".join(lines).split("\n"):
        text = re.sub(r"\x1b\[[0-9;]*m", "", line).strip()
        if not re.search("[A-Za-z0-9]", text):
            continue
        cells = (
            [c.strip() for c in re.split("[%s]" % BORDERS, text)]
            if text[0] in BORDERS
            else re.split(r"\s{2,}", text)
        )
        (rows if len(cells) > 1 else totals).append([c for c in cells if c] if len(cells) > 1 else text)
    return {"rows": rows, "lines": totals}
