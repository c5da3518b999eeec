"""Scenarios of training: what `fit`, `evaluate`, `predict` and their relatives compute and return."""

import numpy as np

from .scenario import about


@about("Model.fit", "callbacks.History", "Model.compile")
def fit_two_epochs(keras, record):
    """Losses and metrics of two epochs with a partial last batch, and the weights they end at."""
    model = record.regression(keras, metrics=["mae"])
    history = record.fit(model, record.array(10, 3), record.array(10, 1), epochs=2, batch_size=4)
    record.note("keys", "names and order", list(history.history))
    record.note("epochs", "value", list(history.epoch))
    record.note("types", "structure", [type(v).__name__ for curve in history.history.values() for v in curve])


@about("Model.fit", "callbacks.History")
def history_attributes(keras, record):
    """What the History of a fit carries besides the curves."""
    model = record.regression(keras, metrics=["mae"])
    history = model.fit(record.array(4, 3), record.array(4, 1), verbose=0, batch_size=2)
    record.run("params", "config", lambda: dict(history.params))
    record.note("is the model's", "structure", history.model is model)
    record.run("model.history", "structure", lambda: model.history is history)
    record.note("class", "names and order", type(history).__name__)


@about("Model.fit", "Model.fit_class_weight", key=(0, 1, 2))
def class_weight_missing_class(keras, record, key):
    """A class that has no entry in `class_weight`."""
    model = record.classifier(keras, **record.eager())
    weights = {0: 2.0, 1: 3.0, 2: 4.0}
    del weights[key]
    x, y = record.array(6, 3), record.classes(6, 3)
    record.fit(model, x, y, class_weight=weights)


@about("Model.fit", "Model.fit_class_weight", form=("dict", "list", "array", "tuple"))
def class_weight_forms(keras, record, form):
    """`class_weight` as a dict, as a list and as an array."""
    model = record.classifier(keras, **record.eager())
    given = {"dict": {0: 2.0, 1: 3.0, 2: 4.0}, "list": [2.0, 3.0, 4.0], "tuple": (2.0, 3.0, 4.0)}
    given["array"] = np.array([2.0, 3.0, 4.0])
    x, y = record.array(6, 3), record.classes(6, 3)
    record.fit(model, x, y, class_weight=given[form])


@about(
    "Model.fit", "Model.fit_class_weight", labels=("one hot", "float", "extra class", "with sample weights")
)
def class_weight_labels(keras, record, labels):
    """`class_weight` with other kinds of labels: one-hot rows, floats, a class beyond the outputs' own."""
    loss = "categorical_crossentropy" if labels == "one hot" else "sparse_categorical_crossentropy"
    model = record.classifier(keras, loss=loss, **record.eager())
    x, y = record.array(6, 3), record.classes(6, 3)
    fed = {"one hot": np.eye(3, dtype="float32")[y], "float": y.astype("float32").reshape(6, 1)}.get(
        labels, y
    )
    weights = {0: 1.0, 1: 3.0, 2: 0.5}
    more = {}
    if labels == "extra class":
        weights[3] = 9.0
    if labels == "with sample weights":
        more["sample_weight"] = np.array([1, 2, 0, 1, 0.5, 3], dtype="float32")
    record.fit(model, x, fed, class_weight=weights, **more)


@about(
    "Model.fit",
    "Model.evaluate",
    "Model.compile",
    where=("fit", "evaluate", "train_on_batch", "test_on_batch"),
)
def sample_weight(keras, record, where):
    """Sample weights in the loss, in metrics and in weighted metrics."""
    model = record.regression(keras, metrics=["mae"], weighted_metrics=["mse"])
    x, y, weights = record.array(6, 3), record.array(6, 1), record.array(6, values="positive")
    method = getattr(model, where)
    quiet = {} if where.endswith("batch") else {"verbose": 0}
    result = record.run("call", "value", lambda: method(x, y, sample_weight=weights, **quiet), False)
    record.run("result", "value", lambda: dict(result.history) if hasattr(result, "history") else result)
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))
    record.weights(model)


@about("Model.fit", split=(0.25, 0.5, 0.0, 1.0, 0.01))
def validation_split(keras, record, split):
    """Validation on the last part of the data, with a small part and with all of it."""
    model = record.regression(keras, metrics=["mae"])
    x, y = record.array(8, 3), record.array(8, 1)
    record.fit(model, x, y, validation_split=split, shuffle=True, batch_size=8)


@about("Model.fit", form=("pair", "list", "triple", "array only", "batch size"))
def validation_data(keras, record, form):
    """Validation data as a pair, a list, with sample weights, and as an array alone."""
    model = record.regression(keras, metrics=["mae"])
    x, y = record.array(5, 3), record.array(5, 1)
    given = {"pair": (x, y), "list": [x, y], "triple": (x, y, np.arange(5, dtype="float32")), "array only": x}
    more = {"validation_batch_size": 2} if form == "batch size" else {}
    record.fit(model, x, y, validation_data=given.get(form, (x, y)), **more)


@about("Model.fit", freq=(1, 2, [1, 3], 0))
def validation_freq(keras, record, freq):
    """Validation every so many epochs, or after named ones."""
    model = record.regression(keras)
    x, y = record.array(4, 3), record.array(4, 1)
    record.fit(model, x, y, epochs=3, validation_data=(x, y), validation_freq=freq)


@about("Model.fit", "Model.evaluate", steps=(1, 2, 5))
def steps_per_epoch(keras, record, steps):
    """Fewer and more steps than the arrays hold batches."""
    model = record.regression(keras)
    x, y = record.array(6, 3), record.array(6, 1)
    record.fit(model, x, y, batch_size=2, epochs=2, steps_per_epoch=steps)
    record.run("evaluate", "value", lambda: model.evaluate(x, y, batch_size=2, steps=steps, verbose=0))
    record.run("predict", "value", lambda: model.predict(x, batch_size=2, steps=steps, verbose=0))


@about("Model.fit", "callbacks.History")
def initial_epoch(keras, record):
    """Training resumed at a later epoch, and one with nothing left to do."""
    model = record.regression(keras)
    x, y = record.array(4, 3), record.array(4, 1)
    history = record.fit(model, x, y, epochs=5, initial_epoch=3)
    record.note("epochs", "value", list(history.epoch))
    record.run("nothing left", "value", lambda: model.fit(x, y, epochs=2, initial_epoch=2, verbose=0).history)
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))


@about(
    "Model.fit",
    "Model.evaluate",
    "Model.predict",
    method=("fit", "evaluate", "predict", "train_on_batch", "predict_on_batch"),
    limit=10,
)
def empty_data(keras, record, method):
    """No samples at all; `fit` of TensorFlow 2.0 looks for some for ever."""
    model = record.regression(keras)
    x, y = record.array(0, 3), record.array(0, 1)
    calls = {
        "fit": lambda: model.fit(x, y, verbose=0).history,
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "predict": lambda: model.predict(x, verbose=0),
        "train_on_batch": lambda: model.train_on_batch(x, y),
        "predict_on_batch": lambda: model.predict_on_batch(x),
    }
    record.run(method, "value", calls[method])


@about(
    "Model.fit",
    "Model.evaluate",
    wrong=("samples", "features", "rank", "y shape", "no y", "x none", "too many inputs"),
)
def mismatched_data(keras, record, wrong):
    """Data that does not fit the model."""
    model = record.regression(keras)
    x, y = record.array(4, 3), record.array(4, 1)
    pairs = {
        "samples": (x, y[:3]),
        "features": (record.array(4, 2), y),
        "rank": (record.array(4, 3, 1), y),
        "y shape": (x, record.array(4, 2)),
        "no y": (x, None),
        "x none": (None, y),
        "too many inputs": ([x, x], y),
    }
    x, y = pairs[wrong]
    record.run("fit", "value", lambda: model.fit(x, y, verbose=0).history)
    record.run("evaluate", "value", lambda: model.evaluate(x, y, verbose=0))
    record.run("predict", "value", lambda: model.predict(x, verbose=0))


@about("Model.fit", argument=("workers", "use_multiprocessing", "max_queue_size", "nb_epoch", "verbose"))
def old_arguments(keras, record, argument):
    """Arguments that programs pass to `fit`, some of them long gone."""
    model = record.regression(keras)
    values = {
        "workers": 1,
        "use_multiprocessing": False,
        "max_queue_size": 10,
        "nb_epoch": 1,
        "verbose": False,
    }
    x, y = record.array(4, 3), record.array(4, 1)
    given = dict({"verbose": 0}, **{argument: values[argument]})
    record.run("fit", "value", lambda: model.fit(x, y, **given).history)
    record.run("predict", "value", lambda: model.predict(x, **given))
    record.run("evaluate", "value", lambda: model.evaluate(x, y, **given))


@about("Model.train_on_batch", "Model.test_on_batch", "Model.reset_metrics", metrics=(False, True))
def train_on_batch_twice(keras, record, metrics):
    """What `train_on_batch` returns for successive batches: of this batch, or since the start."""
    model = record.regression(keras, **({"metrics": ["mae"]} if metrics else {}))
    x, y = record.array(6, 3), record.array(6, 1)
    for step in range(3):
        part = slice(2 * step, 2 * step + 2)
        record.step(model, x[part], y[part], name="step %d" % step)
    record.run("test 0", "value", lambda: model.test_on_batch(x[:2], y[:2]))
    record.run("test 1", "value", lambda: model.test_on_batch(x[2:4], y[2:4]))
    record.run("as dict", "value", lambda: model.test_on_batch(x[:2], y[:2], return_dict=True))
    record.run("keep metrics", "value", lambda: model.train_on_batch(x[:2], y[:2], reset_metrics=False))
    record.run("types", "structure", lambda: type(model.test_on_batch(x[:2], y[:2])).__name__)


@about("Model.train_on_batch", "Model.fit_class_weight")
def train_on_batch_weights(keras, record):
    """`train_on_batch` with sample weights, class weights and both."""
    model = record.classifier(keras)
    x, y = record.array(6, 3), record.classes(6, 3)
    ones = np.array([1, 0, 2, 1, 1, 0.5], dtype="float32")
    classes = {0: 1.0, 1: 2.0, 2: 0.5}
    record.step(model, x, y, sample_weight=ones, name="sample weights")
    record.step(model, x, y, class_weight=classes, name="class weights")
    record.step(model, x, y, sample_weight=ones, class_weight=classes, name="both")


@about("Model.predict_on_batch", "Model.predict", "Model.__call__")
def ways_to_predict(keras, record):
    """The same data through every entry point, and what type each gives."""
    model = record.regression(keras)
    x = record.array(5, 3)
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    record.run("batched", "value", lambda: model.predict(x, batch_size=2, verbose=0))
    record.run("on batch", "value", lambda: model.predict_on_batch(x))
    record.run("call", "value", lambda: record.engine.evaluate(model, x))
    record.run("predict type", "structure", lambda: type(model.predict(x, verbose=0)).__name__)
    record.run("on batch type", "structure", lambda: type(model.predict_on_batch(x)).__name__)


@about("Model.evaluate", compiled=(0, 1, 2))
def evaluate_returns(keras, record, compiled):
    """What `evaluate` returns: a number, a list, a dict."""
    metrics = [None, ["mae"], ["mae", "mse"]][compiled]
    model = record.regression(keras, metrics=metrics)
    x, y = record.array(5, 3), record.array(5, 1)
    record.run("evaluate", "value", lambda: model.evaluate(x, y, batch_size=2, verbose=0))
    record.run("type", "structure", lambda: type(model.evaluate(x, y, batch_size=2, verbose=0)).__name__)
    record.run("as dict", "value", lambda: model.evaluate(x, y, batch_size=2, verbose=0, return_dict=True))
    record.run(
        "dict keys", "names and order", lambda: list(model.evaluate(x, y, verbose=0, return_dict=True))
    )
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))
    record.run("metrics", "names and order", lambda: [str(m.name) for m in model.metrics])


LOSS_FORMS = ("one for all", "list", "dict", "partial dict", "list with None", "tuple")


@about("Model.compile", "Model.fit", "Model.evaluate", form=LOSS_FORMS)
def losses_of_two_outputs(keras, record, form):
    """Losses of a model with two outputs, given in every form."""
    mse, cce = "mean_squared_error", "categorical_crossentropy"
    forms = {
        "one for all": mse,
        "list": [mse, cce],
        "dict": {"first": mse, "second": cce},
        "partial dict": {"second": cce},
        "list with None": [None, cce],
        "tuple": (mse, cce),
    }
    x = [record.array(4, 3), record.array(4, 2)]
    y = [record.array(4, 1), record.array(4, 3, values="one_hot")]
    model = record.two_headed(keras, loss=forms[form], **record.eager())
    record.fit(model, x, y)
    record.run("test", "value", lambda: model.test_on_batch(x, y))
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))


WEIGHT_FORMS = (
    "list",
    "dict",
    "partial dict",
    "one for two",
    "scalar",
    "tuple",
    "zero",
    "wrong key",
    "too many",
)


@about("Model.compile", "Model.fit", "Model.compile_loss_weights", form=WEIGHT_FORMS, loss=("one", "two"))
def loss_weights(keras, record, form, loss):
    """`loss_weights` of a model with two outputs, one loss for both or one for each."""
    forms = {
        "list": [1.0, 0.5],
        "tuple": (1.0, 0.5),
        "dict": {"first": 1.0, "second": 0.5},
        "partial dict": {"second": 0.5},
        "one for two": [0.5],
        "scalar": 0.5,
        "zero": [1.0, 0.0],
        "wrong key": {"third": 1.0},
        "too many": [1.0, 0.5, 2.0],
    }
    mse = "mean_squared_error"
    x = [record.array(4, 3), record.array(4, 2)]
    y = [record.array(4, 1), record.array(4, 3, values="one_hot")]
    losses = mse if loss == "one" else [mse, mse]
    model = record.two_headed(keras, loss=losses, loss_weights=forms[form], **record.eager())
    record.step(model, x, y)


METRIC_FORMS = ("flat", "list of lists", "dict", "dict of lists", "empty", "partial dict", "one string")


@about("Model.compile", "Model.evaluate", "Model.metrics_names", form=METRIC_FORMS)
def metrics_of_two_outputs(keras, record, form):
    """Metrics of a model with two outputs, given in every form, and the names they are logged by."""
    forms = {
        "flat": ["mae", "accuracy"],
        "list of lists": [["mae"], ["accuracy"]],
        "dict": {"first": "mae", "second": "accuracy"},
        "dict of lists": {"first": ["mae"], "second": ["accuracy", "mse"]},
        "empty": [],
        "partial dict": {"second": ["accuracy"]},
        "one string": "mae",
    }
    x = [record.array(4, 3), record.array(4, 2)]
    y = [record.array(4, 1), record.array(4, 3, values="one_hot")]
    loss = ["mean_squared_error", "categorical_crossentropy"]
    model = record.two_headed(keras, loss=loss, metrics=forms[form], **record.eager())
    record.run("names before", "names and order", lambda: list(model.metrics_names))
    record.run("train", "value", lambda: model.train_on_batch(x, y))
    record.run("names after", "names and order", lambda: list(model.metrics_names))
    record.run("logs", "names and order", lambda: list(model.test_on_batch(x, y, return_dict=True)))


@about(
    "Model.compile",
    "metrics.Accuracy",
    "metrics.get",
    loss=(
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "mean_squared_error",
    ),
    units=(1, 3),
    metric=("accuracy", "acc", "crossentropy"),
)
def accuracy_by_name(keras, record, loss, units, metric):
    """Which function "accuracy" means depends on the loss and on the outputs' shape."""
    inputs = keras.layers.Input((3,))
    activation = "sigmoid" if units == 1 or loss == "binary_crossentropy" else "softmax"
    model = keras.models.Model(inputs, keras.layers.Dense(units, activation=activation)(inputs))
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=[metric], **record.eager())
    record.give_weights(model)
    x = record.array(6, 3)
    if loss.startswith("sparse"):
        y = record.classes(6, max(units, 1)).reshape(6, 1)
    elif units == 1:
        y = (record.classes(6, 2)).reshape(6, 1).astype("float32")
    else:
        y = (np.eye(3)[record.classes(6, 3)] + np.eye(3)[::-1][record.classes(6, 3)] > 0).astype("float32")
    record.run("test", "value", lambda: model.test_on_batch(x, y))
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))


@about("Model.compile", "Model.fit", "losses.Loss")
def custom_loss_function(keras, record):
    """A loss and a metric that are the user's own functions, one of them a lambda."""

    def my_loss(y_true, y_pred):
        return keras.losses.mean_squared_error(y_true, y_pred) * 2.0

    def my_metric(y_true, y_pred):
        return keras.losses.mean_absolute_error(y_true, y_pred)

    model = record.regression(keras, loss=my_loss, metrics=[my_metric, lambda t, p: my_metric(t, p) + 1.0])
    record.fit(model, record.array(4, 3), record.array(4, 1))
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))


@about(
    "Model.fit",
    "regularizers.L2",
    "Model.losses",
    "layers.ActivityRegularization",
    kind=("kernel", "activity", "layer"),
)
def regularization_losses(keras, record, kind):
    """Penalties on weights and activations in the logged loss, and what is left in `model.losses`."""
    inputs = keras.layers.Input((3,))
    arguments = {"kernel": {"kernel_regularizer": "l2"}, "activity": {"activity_regularizer": "l2"}}.get(
        kind, {}
    )
    outputs = keras.layers.Dense(2, **arguments)(inputs)
    if kind == "layer":
        outputs = keras.layers.ActivityRegularization(l1=0.1, l2=0.2)(outputs)
    model = keras.models.Model(inputs, keras.layers.Dense(1)(outputs))
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error", metrics=["mse"])
    record.give_weights(model)
    x, y = record.array(6, 3), record.array(6, 1)
    record.run("evaluate", "value", lambda: model.evaluate(x, y, batch_size=4, verbose=0))
    record.fit(model, x, y, batch_size=4)
    record.run("number of losses", "structure", lambda: len(model.losses))


@about("Model.fit", "layers.BatchNormalization", frozen=("no", "layer", "model"))
def batch_normalization(keras, record, frozen):
    """Moving statistics under training, and with the layer frozen."""
    inputs = keras.layers.Input((3,))
    norm = keras.layers.BatchNormalization(momentum=0.5)
    model = keras.models.Model(inputs, keras.layers.Dense(1)(norm(inputs)))
    if frozen == "layer":
        norm.trainable = False
    if frozen == "model":
        model.trainable = False
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    record.give_weights(model)
    x, y = record.array(8, 3), record.array(8, 1)
    record.note(
        "trainable", "names and order", [len(model.trainable_weights), len(model.non_trainable_weights)]
    )
    record.fit(model, x, y, batch_size=4)
    record.predictions(model, x)


@about("Model.trainable", "Model.compile", "Model.fit")
def frozen_after_compile(keras, record):
    """Switching `trainable` after `compile`, without compiling again."""
    model = record.regression(keras)
    x, y = record.array(4, 3), record.array(4, 1)
    model.get_layer("hidden").trainable = False
    record.note("trainable", "structure", [len(model.trainable_weights), model.get_layer("hidden").trainable])
    record.step(model, x, y)
    model.trainable = False
    record.note("all frozen", "structure", [layer.trainable for layer in model.layers])
    record.step(model, x, y, name="step frozen")
    model.trainable = True
    record.note("thawed", "structure", [layer.trainable for layer in model.layers])


@about(
    "Model.fit",
    "Model.predict",
    "Model.compile",
    method=("fit", "evaluate", "train_on_batch", "predict", "summary"),
)
def not_compiled(keras, record, method):
    """What a model that was not compiled can do."""
    model = record.regression(keras, compiled=False)
    x, y = record.array(4, 3), record.array(4, 1)
    calls = {
        "fit": lambda: model.fit(x, y, verbose=0).history,
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "train_on_batch": lambda: model.train_on_batch(x, y),
        "predict": lambda: model.predict(x, verbose=0),
        "summary": lambda: model.optimizer,
    }
    record.run(method, "value", calls[method])


@about(
    "Model.fit", "Model.train_step", "Model.compute_loss", "Model.compiled_loss", style=("keras 2", "keras 3")
)
def custom_train_step(keras, record, style):
    """A `train_step` of one's own, written as the Keras 2 and as the Keras 3 guide says."""
    tf = record.tensorflow()
    record.symbol("Model.train_step")

    class Custom(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                predicted = self(x, training=True)
                if style == "keras 2":
                    loss = self.compiled_loss(y, predicted, regularization_losses=self.losses)
                else:
                    loss = self.compute_loss(y=y, y_pred=predicted)
            gradients = tape.gradient(loss, self.trainable_variables)
            if style == "keras 2":
                self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
                self.compiled_metrics.update_state(y, predicted)
            else:
                self.optimizer.apply(gradients, self.trainable_variables)
                for metric in self.metrics:
                    if metric.name == "loss":
                        metric.update_state(loss)
                    else:
                        metric.update_state(y, predicted)
            return {m.name: m.result() for m in self.metrics}

    inputs = keras.layers.Input((3,))
    model = Custom(inputs, keras.layers.Dense(1)(inputs))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error", metrics=["mae"])
    record.give_weights(model)
    x, y = record.array(6, 3), record.array(6, 1)
    record.fit(model, x, y, batch_size=3)
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))


@about("Model.fit", "Model.train_step", "Model.metrics", "metrics.Mean")
def train_step_with_own_metric(keras, record):
    """A `train_step` that keeps its own loss tracker and lists it in `metrics`."""
    tf = record.tensorflow()
    record.symbol("Model.train_step")
    tracker = keras.metrics.Mean(name="own_loss")

    class Custom(keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(y - self(x, training=True)))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            tracker.update_state(loss)
            return {"own_loss": tracker.result()}

        @property
        def metrics(self):
            return [tracker]

    inputs = keras.layers.Input((3,))
    model = Custom(inputs, keras.layers.Dense(1)(inputs))
    model.compile(optimizer=keras.optimizers.SGD(0.1))
    record.give_weights(model)
    x, y = record.array(6, 3), record.array(6, 1)
    record.fit(model, x, y, epochs=2, batch_size=3)


@about("Model.fit", "Model.test_step", "Model.predict_step", "Model.evaluate", "Model.predict")
def custom_test_and_predict_steps(keras, record):
    """`test_step` and `predict_step` of one's own."""
    tf = record.tensorflow()
    record.symbol("Model.test_step")

    class Custom(keras.Model):
        def test_step(self, data):
            x, y = data
            return {"biggest": tf.reduce_max(tf.abs(y - self(x, training=False)))}

        def predict_step(self, data):
            return self(data[0] if isinstance(data, tuple) else data, training=False) * 10.0

    inputs = keras.layers.Input((3,))
    model = Custom(inputs, keras.layers.Dense(1)(inputs))
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    record.give_weights(model)
    x, y = record.array(6, 3), record.array(6, 1)
    record.run("evaluate", "value", lambda: model.evaluate(x, y, batch_size=3, verbose=0, return_dict=True))
    record.run("evaluate plainly", "value", lambda: model.evaluate(x, y, batch_size=3, verbose=0))
    record.run("predict", "value", lambda: model.predict(x, batch_size=4, verbose=0))
    record.fit(model, x, y, validation_data=(x, y))


@about("Model.fit", "layers.Masking", "layers.Embedding", "Model.compile", metric=("mae", "accuracy"))
def masked_training(keras, record, metric):
    """Losses and metrics of a sequence model whose padding is masked."""
    L = keras.layers
    inputs = L.Input((4,), dtype="int32", name="x")
    hidden = L.Embedding(6, 3, mask_zero=True, name="e")(inputs)
    if metric == "mae":
        outputs, loss, y = L.Dense(1, name="d")(hidden), "mean_squared_error", record.array(3, 4, 1)
    else:
        outputs, loss = L.Dense(3, activation="softmax", name="d")(hidden), "sparse_categorical_crossentropy"
        y = record.classes(12, 3).reshape(3, 4)
    model = keras.models.Model(inputs, outputs)
    options = dict(record.eager(), metrics=[metric], weighted_metrics=[metric])
    model.compile(keras.optimizers.SGD(0.1), loss, **options)
    record.give_weights(model)
    x = np.array([[1, 2, 3, 4], [5, 1, 0, 0], [2, 0, 0, 0]], dtype="int32")
    record.run("evaluate", "value", lambda: model.evaluate(x, y, verbose=0))
    record.fit(model, x, y, batch_size=2)
    weights = np.array([1.0, 2.0, 0.5], dtype="float32")
    record.run("weighted", "value", lambda: model.evaluate(x, y, sample_weight=weights, verbose=0))


@about(
    "Model.fit",
    "Model.compile",
    shape=("per sample", "per step", "column", "wrong length", "zeros", "negative"),
)
def shapes_of_sample_weights(keras, record, shape):
    """Sample weights per sample, per time step, as a column, of the wrong length, and all zero."""
    L = keras.layers
    inputs = L.Input((4, 3), name="x")
    model = keras.models.Model(inputs, L.Dense(1, name="d")(inputs))
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error", weighted_metrics=["mae"], **record.eager())
    record.give_weights(model)
    x, y = record.array(2, 4, 3), record.array(2, 4, 1)
    weights = {
        "per sample": np.array([1.0, 3.0]),
        "per step": np.arange(8).reshape(2, 4) * 0.5,
        "column": np.array([[1.0], [3.0]]),
        "wrong length": np.array([1.0, 2.0, 3.0]),
        "zeros": np.zeros(2),
        "negative": np.array([-1.0, 1.0]),
    }[shape]
    record.step(model, x, y, sample_weight=weights.astype("float32"))
    record.run("test", "value", lambda: model.test_on_batch(x, y, sample_weight=weights.astype("float32")))


@about("Model.fit", "Model.evaluate", form=("list", "dict", "one array", "partial dict", "list with None"))
def sample_weights_of_two_outputs(keras, record, form):
    """Sample weights of a model with two outputs, in every form."""
    x = [record.array(4, 3), record.array(4, 2)]
    y = [record.array(4, 1), record.array(4, 3, values="one_hot")]
    one, two = record.array(4, values="positive"), np.arange(4, dtype="float32")
    weights = {
        "list": [one, two],
        "dict": {"first": one, "second": two},
        "one array": one,
        "partial dict": {"second": two},
        "list with None": [None, two],
    }[form]
    loss = ["mean_squared_error", "categorical_crossentropy"]
    model = record.two_headed(keras, loss=loss, **record.eager())
    record.step(model, x, y, sample_weight=weights)
    record.fit(model, x, y, sample_weight=weights)


@about(
    "Model.fit",
    "mixed_precision.set_global_policy",
    "mixed_precision.LossScaleOptimizer",
    policy=("mixed_float16", "float64"),
)
def precision_policies(keras, record, policy):
    """Training under a dtype policy: dtypes of weights, the loss-scaling optimizer, the numbers."""
    names = (
        "mixed_precision.set_dtype_policy",
        "mixed_precision.set_global_policy",
        "config.set_dtype_policy",
    )
    found = [name for name in names if record.has(name)]
    record.symbol(found[0] if found else names[0])(policy)
    model = record.regression(keras)
    x, y = record.array(4, 3), record.array(4, 1)
    record.run("optimizer", "names and order", lambda: type(model.optimizer).__name__)
    record.run("weights", "structure", lambda: [str(w.dtype) for w in model.get_weights()])
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    record.fit(model, x, y)


@about("Model.compile", "Model.fit", jit=(True, False))
def jit_compiled(keras, record, jit):
    """Training with `jit_compile` given."""
    model = record.regression(keras, compiled=False)
    sgd = keras.optimizers.SGD(0.1)
    record.run(
        "compile", "structure", lambda: model.compile(sgd, "mean_squared_error", jit_compile=jit), False, True
    )
    record.run("jit_compile", "structure", lambda: model.jit_compile)
    record.fit(model, record.array(4, 3), record.array(4, 1), batch_size=2)
    record.run("predict", "value", lambda: model.predict(record.array(4, 3), verbose=0))


@about("Model.fit", "metrics.Metric", "Model.reset_metrics")
def stateful_metric(keras, record):
    """A metric object of one's own: when it is reset, and what each epoch reports."""
    resets = []
    record.symbol("metrics.Metric")
    total = keras.ops.sum if record.has("ops.sum") else keras.backend.sum

    class Counts(keras.metrics.Metric):
        def __init__(self, **more):
            super(Counts, self).__init__(**more)
            self.total = self.add_weight(name="total", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add(total(y_true))

        def result(self):
            return self.total * 1.0

        def reset_state(self):
            resets.append("reset_state")
            self.total.assign(0.0)

        def reset_states(self):
            resets.append("reset_states")
            self.total.assign(0.0)

    model = record.regression(keras, metrics=[Counts(name="counts")], **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    del resets[:]
    record.fit(model, x, y, epochs=2, batch_size=2, validation_data=(x, y))
    record.note("resets", "events", list(resets))
    record.run("result", "value", lambda: model.metrics[-1].result())


@about("optimizers.Optimizer", "optimizers.SGD", "Model.fit", steps=(2, 3))
def gradient_accumulation(keras, record, steps):
    """Gradients accumulated over several batches."""
    make = keras.optimizers.SGD
    optimizer = record.run(
        "make", "structure", lambda: make(0.1, gradient_accumulation_steps=steps), False, True
    )
    model = record.regression(keras, optimizer=optimizer)
    record.fit(model, record.array(6, 3), record.array(6, 1), batch_size=1)


@about("Model.compile", "Model.fit", change=("optimizer", "loss", "metrics", "same"))
def compiled_again(keras, record, change):
    """A model compiled again between two trainings: what is kept of optimizer state and metrics."""
    model = record.regression(keras, optimizer=keras.optimizers.SGD(0.1, momentum=0.9), **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    record.step(model, x, y)
    kept = model.optimizer
    options = {
        "optimizer": {"optimizer": keras.optimizers.SGD(0.05), "loss": "mean_squared_error"},
        "loss": {"optimizer": kept, "loss": "mean_absolute_error"},
        "metrics": {"optimizer": kept, "loss": "mean_squared_error", "metrics": ["mae"]},
        "same": {"optimizer": kept, "loss": "mean_squared_error"},
    }[change]
    record.run("compile", "structure", lambda: model.compile(**dict(record.eager(), **options)), False, True)
    record.step(model, x, y, name="step after")
    record.run("iterations", "value", lambda: int(np.array(model.optimizer.iterations)))


@about(
    "Model.optimizer",
    "optimizers.Optimizer.apply_gradients",
    "Model.fit",
    how=("two models", "new layer", "string shared"),
)
def optimizer_of_two_models(keras, record, how):
    """One optimizer object for two models, and a model that gains weights after training."""
    optimizer = keras.optimizers.Adam(0.01)
    first = record.regression(
        keras, optimizer=optimizer if how != "string shared" else "adam", **record.eager()
    )
    x, y = record.array(4, 3), record.array(4, 1)
    record.step(first, x, y)
    if how == "new layer":
        inputs = keras.layers.Input((3,), name="z")
        second = keras.models.Model(inputs, keras.layers.Dense(1, name="more")(first.layers[1](inputs)))
    else:
        second = record.regression(keras, compiled=False)
    given = optimizer if how != "string shared" else "adam"
    record.run(
        "compile",
        "structure",
        lambda: second.compile(given, "mean_squared_error", **record.eager()),
        False,
        True,
    )
    record.step(second, x, y, name="step of the second")


@about("Model.predict", "Model.evaluate", "Model.fit", partial=(1, 3, 4))
def partial_batches(keras, record, partial):
    """Means over epochs whose last batch is smaller than the others."""
    model = record.regression(keras, metrics=["mae"])
    x, y = record.array(4 + partial, 3), record.array(4 + partial, 1)
    record.run("evaluate", "value", lambda: model.evaluate(x, y, batch_size=4, verbose=0))
    record.run("predict", "value", lambda: model.predict(x, batch_size=4, verbose=0))
    record.fit(model, x, y, batch_size=4, validation_split=0.5)


@about(
    "Model.fit",
    "Model.compile",
    "Model.metrics_names",
    "callbacks.History",
    kind=("functional dict", "functional list", "subclassed dict", "subclassed tuple", "other layer names"),
    given=("dict", "list", "one"),
)
def names_of_outputs_in_logs(keras, record, kind, given):
    """Losses and metrics of several outputs by the names of keys, layers and positions."""
    L = keras.layers

    class Mine(keras.models.Model):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            self.one, self.two = L.Dense(1, name="one"), L.Dense(2, name="two")

        def call(self, inputs):
            if kind.endswith("dict"):
                return {"p": self.one(inputs), "q": self.two(inputs)}
            return self.one(inputs), self.two(inputs)

    keys = ("p", "q") if kind != "functional list" else ("one", "two")
    if kind.startswith("subclassed"):
        model = Mine()
    else:
        inputs = L.Input((3,), name="x")
        names = keys if kind == "functional dict" else ("one", "two")
        heads = [L.Dense(1, name=names[0])(inputs), L.Dense(2, name=names[1])(inputs)]
        outputs = heads if kind == "functional list" else dict(zip(keys, heads))
        model = record.run("make", "structure", lambda: keras.models.Model(inputs, outputs), False, True)
    x, targets = record.array(4, 3), [record.array(4, 1), record.array(4, 2)]
    losses, metrics = ["mean_squared_error", "mean_absolute_error"], [["mae"], ["mse"]]
    if given == "dict":
        losses, metrics, targets = dict(zip(keys, losses)), dict(zip(keys, metrics)), dict(zip(keys, targets))
    elif given == "one":
        losses, metrics = "mean_squared_error", ["mae"]
        targets = dict(zip(keys, targets)) if kind.endswith(("dict", "names")) else targets
    arguments = dict(record.eager(), loss=losses, metrics=metrics)
    sgd = keras.optimizers.SGD(0.1)
    record.run("compile", "structure", lambda: model.compile(sgd, **arguments), False, True)
    record.run("call", "structure", lambda: record.call(model, x), False)
    record.give_weights(model)
    history = record.fit(model, x, targets)
    if history is not None:
        record.note("keys", "names and order", sorted(history.history))
    record.run("evaluate", "value", lambda: model.evaluate(x, targets, verbose=0, return_dict=True))
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
