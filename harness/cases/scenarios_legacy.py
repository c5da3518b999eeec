"""Programs in which Kerases of the years 2017 to 2023 part, each from a report or from release notes."""

import numpy as np

from .scenario import about, files


@about(
    "Model.fit",
    "Model.predict",
    "Model.evaluate",
    "Model.train_on_batch",
    method=("fit", "evaluate", "predict", "train_on_batch", "predict_on_batch"),
)
def arrays_of_one_axis(keras, record, method):
    """What a subclassed model's `call` is given for arrays of shape (4,): some Kerases add an axis."""
    ranks = []

    class Seeing(keras.models.Model):
        def __init__(self):
            super(Seeing, self).__init__()
            self.dense = keras.layers.Dense(1, kernel_initializer="ones")

        def call(self, inputs):
            ranks.append(len(inputs.shape))
            return self.dense(keras.backend.reshape(inputs, (-1, 1)))

    model = Seeing()
    x = record.array(4)
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    calls = {
        "fit": lambda: model.fit(x, x, epochs=1, verbose=0).history["loss"],
        "evaluate": lambda: model.evaluate(x, x, verbose=0),
        "predict": lambda: model.predict(x, verbose=0),
        "train_on_batch": lambda: model.train_on_batch(x, x),
        "predict_on_batch": lambda: np.asarray(model.predict_on_batch(x)),
    }
    record.run(method, "value", calls[method])
    record.note("ranks", "structure", sorted(set(ranks)))


@about(
    "callbacks.EarlyStopping",
    "Model.fit",
    losses=("best is last but one", "best is first", "stops", "nothing monitored"),
)
def weights_restored_at_the_end(keras, record, losses):
    """`restore_best_weights` where training ends before patience runs out, and where it does not."""
    given = {
        "best is last but one": [3.0, 1.0, 2.0],
        "best is first": [1.0, 2.0, 3.0],
        "stops": [1.0, 2.0, 2.0, 2.0, 2.0, 2.0],
        "nothing monitored": [None, None],
    }[losses]
    model = record.regression(keras)
    stopper = record.run(
        "construct",
        "structure",
        lambda: keras.callbacks.EarlyStopping(
            monitor="own", mode="min", patience=4, restore_best_weights=True
        ),
        False,
        True,
    )
    stopper.set_model(model)
    stopper.on_train_begin({})
    layer = model.get_layer("out")
    for epoch, loss in enumerate(given):
        layer.set_weights([np.full((4, 1), float(epoch), "float32"), np.zeros((1,), "float32")])
        stopper.on_epoch_end(epoch, {} if loss is None else {"own": loss})
    stopper.on_train_end({})
    record.run("weights of epoch", "value", lambda: float(layer.get_weights()[0][0, 0]))
    record.run(
        "stopped", "events", lambda: [bool(getattr(model, "stop_training", False)), stopper.stopped_epoch]
    )


@about(
    "backend.function",
    "Model.predict",
    form=("contiguous", "transposed", "every second", "reversed", "new axis", "Fortran"),
)
def views_of_arrays(keras, record, form):
    """Arrays fed that are views of others, whose memory is in another order."""
    whole = record.array(4, 6)
    view = {
        "contiguous": whole[:3, :3].copy(),
        "transposed": whole[:3, :3].T,
        "every second": whole[:3, ::2],
        "reversed": whole[:3, 2::-1],
        "new axis": whole[:3, 0][:, np.newaxis] * np.ones((1, 3), "float32"),
        "Fortran": np.asfortranarray(whole[:3, :3]),
    }[form]
    inputs = keras.layers.Input((3,))
    doubled = keras.layers.Lambda(lambda x: x * 2.0)(inputs)
    model = keras.models.Model(inputs, doubled)
    record.run("predict", "value", lambda: model.predict(view, verbose=0))
    if record.has("backend.function"):
        function = keras.backend.function([inputs], [doubled])
        record.run("function", "value", lambda: np.asarray(function([view])[0]))


@about(
    "Model.evaluate",
    "Model.fit",
    "Model.train_on_batch",
    weights=("all", "one is zero", "all are zero", "large"),
    method=("evaluate", "fit", "train_on_batch", "test_on_batch"),
)
def weights_of_zero(keras, record, weights, method):
    """What a weighted loss is divided by when samples weigh nothing: their number, or that of the others."""
    given = {
        "all": [0.1, 0.2, 0.1],
        "one is zero": [0.1, 0.0, 0.1],
        "all are zero": [0.0, 0.0, 0.0],
        "large": [10.0, 0.0, 0.0],
    }[weights]
    model = record.regression(keras)
    x, y, weight = record.array(3, 3), record.array(3, 1), np.array(given, "float32")
    calls = {
        "evaluate": lambda: model.evaluate(x, y, sample_weight=weight, verbose=0),
        "fit": lambda: model.fit(x, y, sample_weight=weight, verbose=0, shuffle=False).history["loss"],
        "train_on_batch": lambda: model.train_on_batch(x, y, sample_weight=weight),
        "test_on_batch": lambda: model.test_on_batch(x, y, sample_weight=weight),
    }
    record.run(method, "value", calls[method])
    record.weights(model)


@about("callbacks.ModelCheckpoint", "Model.fit", path=("best.keras", "best.h5", "best"), best=(True, False))
def best_models_kept(keras, record, path, best):
    """Whole models saved by a checkpoint in each format, the best ones only or every one."""
    model = record.regression(keras)
    keep = keras.callbacks.ModelCheckpoint(path, monitor="loss", save_best_only=best)
    x, y = record.array(4, 3), record.array(4, 1)
    record.run("fit", "structure", lambda: model.fit(x, y, verbose=0, callbacks=[keep]), False)
    record.run("files", "file", files)


@about(
    "Sequential",
    "models.Sequential",
    "Model.predict",
    method=("predict_classes", "predict_proba"),
    units=(1, 3),
)
def classes_of_sequentials(keras, record, method, units):
    """`predict_classes` and `predict_proba` of a Sequential, with one output and with several."""
    dense = keras.layers.Dense(units, activation="sigmoid" if units == 1 else "softmax", input_shape=(3,))
    model = record.give_weights(keras.models.Sequential([dense]))
    data = record.array(5, 3)
    record.run(method, "value", lambda: np.asarray(getattr(model, method)(data)))


@about(
    "optimizers.get",
    "Model.compile",
    name=("adagrad", "adadelta", "adamax", "nadam", "rmsprop", "sgd", "adam"),
)
def optimizers_given_by_name(keras, record, name):
    """Whether a name means what the class means: the settings, and the weights after one step."""
    kinds = {"rmsprop": "RMSprop", "sgd": "SGD"}
    cls = getattr(keras.optimizers, kinds.get(name, name.capitalize()))
    x, y = record.array(4, 3), record.array(4, 1)
    for how, made in (("name", lambda: name), ("class", cls)):
        model = record.regression(keras, compiled=False)
        record.run(how + ": compile", "structure", lambda m=model, o=made: m.compile(o(), "mse"), False)
        record.run(how + ": config", "config", lambda m=model: settings(m.optimizer))
        record.run(how + ": step", "value", lambda m=model: m.train_on_batch(x, y))
        record.weights(model, how + ": weights after")


def settings(optimizer):
    """An optimizer's config with numbers as plain numbers."""
    config = optimizer.get_config()
    return {k: float(v) if isinstance(v, (float, np.floating)) else v for k, v in config.items()}
