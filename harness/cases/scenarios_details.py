"""Scenarios of what programs rely on beside results: members of live objects, types, old ways in.

Each is a habit that code written for one Keras has, and that another may not know.
"""

import json

import numpy as np

from .members import members as members_of
from .scenario import about, files

OBJECTS = (
    "functional",
    "sequential",
    "subclassed",
    "compiled",
    "trained",
    "symbolic tensor",
    "symbolic output",
    "variable",
    "node",
    "optimizer",
    "history",
)


def live(keras, record, what):
    """An object as it is in a program."""
    if what == "symbolic tensor":
        return keras.layers.Input((3,), name="x")
    if what == "symbolic output":
        return keras.layers.Dense(2, name="d")(keras.layers.Input((3,), name="x"))
    if what == "subclassed":

        class Mine(keras.Model):
            def call(self, inputs):
                return inputs

        return Mine(name="mine")
    if what == "sequential":
        return keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, name="d")], name="s")
    model = record.regression(keras, metrics=["mae"])
    if what in ("trained", "optimizer", "history"):
        history = model.fit(record.array(4, 3), record.array(4, 1), verbose=0)
    if what == "variable":
        return model.layers[1].weights[0]
    if what == "node":
        return model.layers[1]._inbound_nodes[0]
    if what == "optimizer":
        return model.optimizer
    return history if what == "history" else model


@about("Model", "KerasTensor", "Variable", "optimizers.Optimizer", "callbacks.History", what=OBJECTS)
def members_of_live_objects(keras, record, what):
    """What models, symbolic tensors, weights, optimizers and histories offer in the middle of a program."""
    made = live(keras, record, what)
    if what == "node":  # what it holds are numbers of objects in memory
        names = [name for name in dir(made) if not name.startswith("_")]
        record.note("members", "signature", dict.fromkeys(names, "there"))
        return
    record.run("members", "signature", lambda: members_of(made, record.engine), heed=False)


@about("KerasTensor", "Variable", what=("symbolic tensor", "variable"))
def python_protocols(keras, record, what):
    """Iterating, comparing, hashing and asking the truth of a tensor or a weight."""
    made = live(keras, record, what)
    record.run("iterate", "structure", lambda: len(list(iter(made))))
    record.run("len", "structure", lambda: len(made))
    record.run("bool", "structure", lambda: bool(made))
    record.run("hash", "structure", lambda: isinstance(hash(made), int))
    record.run("equals itself", "structure", lambda: type(made == made).__name__)
    record.run("in a list", "structure", lambda: made in [made])
    record.run("as an array", "structure", lambda: list(np.asarray(made).shape))
    record.run("numpy function", "structure", lambda: list(np.sqrt(np.abs(made)).shape))
    record.run("float", "structure", lambda: float(made))
    record.run("new axis", "structure", lambda: len(made[:, None].shape))
    record.run("ellipsis", "structure", lambda: len(made[..., 0].shape))


@about("Variable", "Layer.weights")
def classes_of_weights(keras, record):
    """Whether weights are what `isinstance` is asked for, and what assigning returns."""
    tf = record.tensorflow()
    weight = live(keras, record, "variable")
    record.note("is a tf.Variable", "structure", isinstance(weight, tf.Variable))
    record.note("is a tensor", "structure", tf.is_tensor(weight))
    record.run("assign returns", "structure", lambda: type(weight.assign(weight)).__name__)
    record.run("assign_add returns", "structure", lambda: type(weight.assign_add(weight)).__name__)
    record.run("sum", "structure", lambda: type(weight + 1.0).__name__)
    record.run("deepcopy", "structure", lambda: type(__import__("copy").deepcopy(weight)).__name__)
    record.run("value()", "structure", lambda: type(weight.value()).__name__)
    record.run("read_value()", "structure", lambda: type(weight.read_value()).__name__)
    record.run("initialized_value", "structure", lambda: hasattr(weight, "initialized_value"))
    record.run("eval", "structure", lambda: hasattr(weight, "eval"))
    record.run("device", "structure", lambda: hasattr(weight, "device"))


HOLDS = ("variable", "list", "dict", "module", "constant")


@about("Layer.weights", "layers.Layer.weights", "Model.fit", "Layer.__setattr__", holds=HOLDS)
def plain_variables_in_layers(keras, record, holds):
    """Whether a tf.Variable that a layer holds is a weight of it, and whether training changes it."""
    tf = record.tensorflow()

    class Scale(keras.layers.Layer):
        def __init__(self):
            super(Scale, self).__init__()
            value = tf.Variable([1.0])
            if holds == "list":
                self.held = [value]
            elif holds == "dict":
                self.held = {"a": value}
            elif holds == "module":
                self.held = tf.Module()
                self.held.value = value
            else:
                self.held = tf.constant([1.0]) if holds == "constant" else value
            self.mine = value

        def call(self, inputs):
            return inputs * self.mine

    layer = Scale()
    model = keras.Sequential([keras.layers.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    record.run("weights", "structure", lambda: len(layer.weights))
    record.run("trainable", "structure", lambda: len(layer.trainable_variables))
    record.run("fit", "value", lambda: dict(model.fit(np.ones((2, 1)), np.zeros((2, 1)), verbose=0).history))
    record.run("value after", "value", lambda: layer.mine.numpy())


RATES = ("int", "tensor", "variable", "numpy", "string", "schedule", "callable", "zero")


def rate(keras, record, kind):
    """A learning rate of some kind."""
    if kind in ("tensor", "variable"):
        tf = record.tensorflow()
        return tf.constant(0.25) if kind == "tensor" else tf.Variable(0.25)
    if kind == "schedule":
        return keras.optimizers.schedules.ExponentialDecay(0.25, 1, 0.5)
    return {"int": 1, "numpy": np.float32(0.25), "string": "0.25", "callable": lambda *a: 0.25, "zero": 0.0}[
        kind
    ]


@about("optimizers.SGD", "optimizers.Optimizer", "optimizers.Optimizer.learning_rate", kind=RATES)
def kinds_of_learning_rates(keras, record, kind):
    """A rate that is no Python float."""
    optimizer = record.run(
        "construct", "structure", lambda: keras.optimizers.SGD(rate(keras, record, kind)), False
    )
    if optimizer is None:
        return
    record.run("learning rate", "value", lambda: np.asarray(optimizer.learning_rate))
    record.run("class", "structure", lambda: type(optimizer.learning_rate).__name__)
    record.run("config", "config", lambda: optimizer.get_config()["learning_rate"])
    record.run("set again", "structure", lambda: setattr(optimizer, "learning_rate", 0.5), False)
    record.run("rate after", "value", lambda: np.asarray(optimizer.learning_rate))


WAYS = ("learning_rate", "lr", "learning_rate.assign", "lr.assign", "set_value", "_set_hyper", "tensor")


@about("optimizers.Optimizer.learning_rate", "optimizers.Optimizer.lr", "optimizers.Optimizer", way=WAYS)
def setting_the_learning_rate(keras, record, way):
    """Ways to change the rate of an optimizer in use; one that does nothing trains on with the old one."""
    model = record.regression(keras)
    optimizer = model.optimizer

    def change():
        if way == "set_value":
            keras.backend.set_value(optimizer.learning_rate, 0.5)
        elif way == "_set_hyper":
            optimizer._set_hyper("learning_rate", 0.5)
        elif way == "tensor":
            optimizer.learning_rate = record.tensorflow().constant(0.5)
        elif way.endswith(".assign"):
            getattr(optimizer, way.split(".")[0]).assign(0.5)
        else:
            setattr(optimizer, way, 0.5)

    record.run("change", "structure", change, False)
    record.run("rate after", "value", lambda: np.asarray(optimizer.learning_rate))
    record.step(model, record.array(4, 3), record.array(4, 1))


APPLY = (
    "name",
    "experimental_aggregate_gradients",
    "skip_gradients_aggregation",
    "empty",
    "zip",
    "trainable",
)


@about("optimizers.Optimizer.apply_gradients", "optimizers.SGD", argument=APPLY)
def arguments_of_apply_gradients(keras, record, argument):
    """Keywords that `apply_gradients` once took, forms of its first argument, and what it returns."""
    tf = record.tensorflow()
    variable, optimizer = tf.Variable([1.0, 2.0]), keras.optimizers.SGD(0.1)
    pairs = [(tf.constant([1.0, 1.0]), variable)]
    given = {"name": {"name": "step"}, "trainable": {}, "zip": {}, "empty": {}}.get(
        argument, {argument: False}
    )
    pairs = zip(*zip(*pairs)) if argument == "zip" else [] if argument == "empty" else pairs
    record.run("apply", "structure", lambda: type(optimizer.apply_gradients(pairs, **given)).__name__)
    record.note("value", "value", variable.numpy())
    record.run("names of variables", "names and order", lambda: [v.name for v in optimizer.variables])


@about("Model.fit", "Model", "Model.predict", form=("list", "tuple", "list of arrays", "floats", "strings"))
def plain_python_data(keras, record, form):
    """Numbers in Python lists in the place of arrays."""
    model = record.regression(keras)
    rows = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]
    x = {"tuple": tuple(rows), "list of arrays": [np.array(rows)], "floats": [0.1, 0.2]}.get(form, rows)
    x = [["a", "b", "c"]] if form == "strings" else x
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    record.run("fit", "value", lambda: dict(model.fit(x, [1.0, 2.0], verbose=0).history))
    record.run("call", "value", lambda: np.asarray(model(x)))


YIELDS = ("list", "tuple", "dict", "array", "four", "two lists")


@about("Model.fit", "Model.evaluate", yields=YIELDS)
def what_a_generator_yields(keras, record, yields):
    """Generators that yield pairs in other clothes."""
    model = record.regression(keras)
    x, y = record.array(2, 3), record.array(2, 1)
    batch = {
        "list": [x, y],
        "tuple": (x, y),
        "dict": ({"x": x}, y),
        "array": x,
        "four": (x, y, np.ones(2), np.ones(2)),
        "two lists": ([x], [y]),
    }[yields]

    def forever():
        while True:
            yield batch

    record.run("fit", "value", lambda: dict(model.fit(forever(), steps_per_epoch=2, verbose=0).history))
    record.run("evaluate", "value", lambda: model.evaluate(forever(), steps=2, verbose=0))


METRICS = (
    "class",
    "function",
    "lambda",
    "nested",
    "unknown key",
    "duplicate names",
    "loss object",
    "accuracy",
)


@about(
    "Model.compile", "Model.metrics", "Model.metrics_names", "Model.fit", "callbacks.History", given=METRICS
)
def forms_of_metrics(keras, record, given):
    """Ways to name metrics, the keys they are logged under, and what the model lists before and after."""

    def own(y_true, y_pred):
        return keras.losses.mean_absolute_error(y_true, y_pred)

    chosen = {
        "class": [keras.metrics.MeanAbsoluteError],
        "function": [own],
        "lambda": [lambda y_true, y_pred: own(y_true, y_pred)],
        "nested": [["mae", "mse"]],
        "unknown key": {"nothing": "mae"},
        "duplicate names": ["mae", "mae"],
        "loss object": [keras.losses.MeanAbsoluteError()],
        "accuracy": ["acc", "accuracy"],
    }[given]
    model = record.regression(keras, compiled=False)
    record.run(
        "compile",
        "structure",
        lambda: model.compile(keras.optimizers.SGD(0.1), "mse", metrics=chosen),
        False,
        True,
    )
    record.run("names before", "names and order", lambda: list(model.metrics_names))
    record.run("results before", "value", lambda: dict(model.get_metrics_result()))
    history = record.fit(model, record.array(4, 3), record.array(4, 1))
    if history is not None:
        record.note("history keys", "names and order", list(history.history))
    record.run("names after", "names and order", lambda: list(model.metrics_names))
    record.run("metrics after", "names and order", lambda: [m.name for m in model.metrics])


@about(
    "metrics.Metric",
    "metrics.Metric.add_weight",
    "metrics.Metric.reset_states",
    form=("new", "old", "kwargs"),
)
def custom_metrics(keras, record, form):
    """A metric of one's own, written as Keras 2 and Keras 3 document it."""

    class Count(keras.metrics.Metric):
        def __init__(self, name="count", **kwargs):
            super(Count, self).__init__(name=name, **kwargs)
            if form == "old":
                self.seen = self.add_weight("seen", initializer="zeros")
            else:
                self.seen = self.add_weight(name="seen", shape=(), initializer="zeros")
            self.resets = 0

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.seen.assign_add(1.0)

        def result(self):
            return self.seen

        def reset_states(self):
            self.resets += 1
            self.seen.assign(0.0)

    metric = record.run(
        "construct", "structure", lambda: Count(dtype="float32") if form == "kwargs" else Count(), False, True
    )
    record.run("is a layer", "structure", lambda: isinstance(metric, keras.layers.Layer))
    record.run("update returns", "structure", lambda: type(metric.update_state([1.0], [1.0])).__name__)
    record.run("call returns", "structure", lambda: type(metric([1.0], [1.0])).__name__)
    record.run("result", "value", lambda: np.asarray(metric.result()))
    record.run("copied result", "value", lambda: np.asarray(__import__("copy").deepcopy(metric).result()))
    record.run("reset", "structure", lambda: metric.reset_state(), False)
    record.run("own reset was called", "structure", lambda: metric.resets)
    model = record.regression(keras, metrics=[metric])
    record.fit(model, record.array(4, 3), record.array(4, 1), epochs=2, batch_size=2)
    record.run("resets in training", "structure", lambda: metric.resets)


@about("losses.Loss", "losses.Reduction", "Model.compile", reduction=("default", "auto", "SUM", "sum", None))
def custom_losses(keras, record, reduction):
    """A loss class of one's own, its reduction, its config, and its use in training."""

    class Mine(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.losses.mean_squared_error(y_true, y_pred)

    given = {} if reduction == "default" else {"reduction": reduction}
    loss = record.run("construct", "structure", lambda: Mine(name="mine", **given), False, True)
    record.run("reduction", "config", lambda: loss.reduction)
    record.run("config", "config", lambda: loss.get_config())
    record.run("value", "value", lambda: np.asarray(loss(record.array(4, 3), record.array(4, 3))))
    record.step(record.regression(keras, loss=loss), record.array(4, 3), record.array(4, 1))


CALLBACKS = (
    "TensorBoard",
    "ReduceLROnPlateau",
    "ProgbarLogger",
    "ModelCheckpoint",
    "EarlyStopping",
    "LearningRateScheduler",
    "CSVLogger",
    "RemoteMonitor",
)
ARGUMENTS = {
    "TensorBoard": {"log_dir": "logs", "write_grads": True, "batch_size": 3},
    "ReduceLROnPlateau": {"epsilon": 0.1},
    "ProgbarLogger": {"count_mode": "steps"},
    "ModelCheckpoint": {"filepath": "m.keras", "period": 2},
    "EarlyStopping": {"min_delta": 0.1, "start_from_epoch": 1},
    "LearningRateScheduler": {"schedule": 3},
    "CSVLogger": {"filename": "a.csv", "separator": ";"},
    "RemoteMonitor": {"send_as_json": True},
}


@about(
    "callbacks.Callback",
    "callbacks.TensorBoard",
    "callbacks.ReduceLROnPlateau",
    "callbacks.ProgbarLogger",
    "callbacks.ModelCheckpoint",
    name=CALLBACKS,
)
def arguments_of_callbacks(keras, record, name):
    """Arguments callbacks took over the years, and what they hold when made."""
    cls = record.symbol("callbacks." + name)
    made = record.run("construct", "structure", lambda: cls(**ARGUMENTS[name]), False, True)
    held = vars(made)
    record.note("holds", "config", {k: v for k, v in sorted(held.items()) if is_plain(k, v)})
    record.run("set model", "structure", lambda: setattr(made, "model", None), False)
    record.run("validation data", "structure", lambda: made.validation_data)


def is_plain(name, value):
    """Whether an attribute is public and holds something simple."""
    return not name.startswith("_") and (value is None or isinstance(value, (bool, int, float, str)))


@about("callbacks.ModelCheckpoint", "Model.fit", monitor=("val_loss", "nothing", "loss"), best=(True, False))
def checkpoint_of_what_is_not_logged(keras, record, monitor, best):
    """A checkpoint that monitors what training does not log."""
    made = keras.callbacks.ModelCheckpoint("m.h5", monitor=monitor, save_best_only=best)
    model = record.regression(keras)
    record.run(
        "fit",
        "value",
        lambda: dict(model.fit(record.array(4, 3), record.array(4, 1), verbose=0, callbacks=[made]).history),
    )
    record.note("files", "file", files())
    record.run("best", "value", lambda: made.best)


@about("layers.Lambda", "models.load_model", "Model.save", path=("m.h5", "m.keras"), safe=(None, True, False))
def lambda_and_safe_mode(keras, record, path, safe):
    """A model with a Python lambda in it, saved and loaded with and without `safe_mode`."""
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Lambda(lambda x: x * 2)])
    record.run("save", "structure", lambda: model.save(path), False, True)
    given = {} if safe is None else {"safe_mode": safe}
    loaded = record.run("load", "structure", lambda: keras.models.load_model(path, **given), False)
    if loaded is not None:
        record.predictions(loaded, np.ones((2, 1), "float32"))


@about("Sequential.from_config", "Model.from_config", form=("list", "no name", "with build shape", "keras 2"))
def configs_of_sequential(keras, record, form):
    """Configs of a Sequential as they were written over the years."""
    layer = {"class_name": "Dense", "config": {"units": 1, "name": "d"}}
    given = {
        "list": [layer],
        "no name": {"layers": [layer]},
        "with build shape": {"name": "s", "layers": [layer], "build_input_shape": [None, 3]},
        "keras 2": {
            "name": "s",
            "layers": [
                {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "name": "x"}},
                layer,
            ],
        },
    }[form]
    model = record.run("from_config", "structure", lambda: keras.Sequential.from_config(given), False, True)
    record.run("layers", "names and order", lambda: [each.name for each in model.layers])
    record.run("built", "structure", lambda: model.built)
    record.run("json", "config", lambda: json.loads(model.to_json()))


@about("utils.get_file", option=("plain", "untar", "extract", "hash", "name with suffix"))
def files_fetched(keras, record, option):
    """Where `get_file` puts a file and an archive, and what path it returns."""
    import os
    import tarfile

    os.makedirs("cache")  # where there is none, Keras uses a folder that all programs share
    with open("source.txt", "w") as stream:
        stream.write("content")
    with tarfile.open("source.tar.gz", "w:gz") as archive:
        archive.add("source.txt")
    packed = option in ("untar", "extract", "name with suffix")
    address = "file://" + os.path.abspath("source.tar.gz" if packed else "source.txt")
    name = "kept.tar.gz" if option == "name with suffix" else "kept"
    given = {"untar": {"untar": True}, "extract": {"extract": True}, "name with suffix": {"extract": True}}
    more = {"file_hash": "0" * 64} if option == "hash" else given.get(option, {})

    def fetch():
        found = keras.utils.get_file(name, address, cache_dir="cache", cache_subdir="sub", **more)
        return [os.path.basename(str(found)), os.path.isdir(str(found)), type(found).__name__]

    record.run("returned", "file", fetch)


STEPS = ("less", "more", "twice")


@about(
    "Model.fit",
    "callbacks.History",
    "Model.evaluate",
    "Model.predict",
    steps=STEPS,
    source=("arrays", "dataset"),
)
def steps_against_data(keras, record, steps, source):
    """More or fewer steps asked for than there are batches, over two epochs."""
    model = record.regression(keras)
    x, y = record.array(4, 3), record.array(4, 1)
    number = {"less": 1, "more": 5, "twice": 4}[steps]
    data, batch = (x, y), {"batch_size": 2}
    if source == "dataset":
        data, batch = (record.tensorflow().data.Dataset.from_tensor_slices((x, y)).batch(2),), {}
    history = record.run(
        "fit",
        "structure",
        lambda: model.fit(*data, steps_per_epoch=number, epochs=2, verbose=0, **batch),
        False,
    )
    if history is not None:
        record.history(history)
    record.run("evaluate", "value", lambda: model.evaluate(*data, steps=number, verbose=0, **batch))


@about(
    "Model.train_step",
    "Model.compiled_loss",
    "Model.compute_loss",
    "Model.fit",
    style=("old", "older", "new"),
)
def train_steps_of_several_ages(keras, record, style):
    """A `train_step` written with `compiled_loss`, with a loss of its own, and with `compute_loss`."""
    tf = record.tensorflow()

    class Mine(keras.Model):
        def train_step(self, data):
            x, y = data[0], data[1]
            with tf.GradientTape() as tape:
                outputs = self(x, training=True)
                if style == "old":
                    loss = self.compiled_loss(y, outputs, regularization_losses=self.losses)
                elif style == "older":
                    loss = tf.reduce_mean(tf.square(y - outputs)) + sum(self.losses)
                else:
                    loss = self.compute_loss(x, y, outputs, None)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            if style == "old":
                self.compiled_metrics.update_state(y, outputs)
                return {m.name: m.result() for m in self.metrics}
            return {"loss": loss}

    inputs = keras.layers.Input((3,))
    model = Mine(inputs, keras.layers.Dense(1, name="out")(inputs))
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    record.give_weights(model)
    record.fit(model, record.array(4, 3), record.array(4, 1), epochs=2, batch_size=2)
    record.run("metric names", "names and order", lambda: [m.name for m in model.metrics])


DROPOUTS = ("Dropout", "GaussianDropout", "AlphaDropout", "SpatialDropout1D")


@about("layers.Dropout", "layers.GaussianDropout", "layers.AlphaDropout", name=DROPOUTS)
def dropout_at_its_ends(keras, record, name):
    """Dropping nothing and dropping everything while training: there is nothing left to chance."""
    given = record.array(2, 3, 4)
    for rate in (0.0, 1.0):
        drop(keras, record, name, rate, given)


def drop(keras, record, name, rate, given):
    """One layer that drops at a rate."""
    made = record.run("%s" % rate, "structure", lambda: record.symbol("layers." + name)(rate), False)
    if made is not None:
        record.run("training at %s" % rate, "value", lambda: np.asarray(made(given, training=True)))
        record.note("variables at %s" % rate, "structure", len(made.variables))


RAGGED = ("Dense", "Dropout", "Activation", "LayerNormalization", "GRU", "GlobalAveragePooling1D", "Masking")


@about("layers.Dense", "layers.GRU", "layers.GlobalAveragePooling1D", "layers.Dropout", name=RAGGED)
def ragged_tensors_in_layers(keras, record, name):
    """Rows of different lengths given to a layer as they are."""
    tf = record.tensorflow()
    rows = tf.ragged.constant([[[1.0, 2.0]], [[0.5, 1.0], [2.0, 3.0]]], ragged_rank=1)
    given = {
        "Dense": {"units": 2, "kernel_initializer": "ones"},
        "Dropout": {"rate": 0.5},
        "Activation": {"activation": "relu"},
        "GRU": {"units": 2, "kernel_initializer": "ones", "recurrent_initializer": "ones"},
    }.get(name, {})
    made = record.symbol("layers." + name)(**given)
    record.run("call", "value", lambda: record.engine.array(tf.convert_to_tensor(tf.reduce_sum(made(rows)))))


@about("Model", "Model.name", "Layer.name", "Input", "KerasTensor")
def names_given_by_default(keras, record):
    """What models, inputs, optimizers, losses and metrics are called when nobody names them."""
    inputs = keras.layers.Input((3,))
    outputs = keras.layers.Dense(1)(inputs)
    record.note("input", "names and order", inputs.name)
    record.note("output", "names and order", outputs.name)
    record.note("functional", "names and order", keras.Model(inputs, outputs).name)
    record.note("sequential", "names and order", keras.Sequential().name)
    record.note("optimizer", "names and order", keras.optimizers.RMSprop().name)
    record.note("loss", "names and order", keras.losses.MeanSquaredError().name)
    record.note("metric", "names and order", keras.metrics.MeanSquaredError().name)
    record.note("layers", "names and order", [each.name for each in keras.Model(inputs, outputs).layers])
