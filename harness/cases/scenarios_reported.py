"""Habits of programs that work in one Keras only: some reported by users, most read from both sides' code.

Each is short, and fits no model where a call, a single step or a hook driven by hand shows the same.
"""

import json
import os

import numpy as np

from .scenario import about


def told(keras):
    """A layer that doubles what it is given when it is told to train."""

    class Told(keras.layers.Layer):
        def call(self, inputs, training=None):
            return inputs * 2.0 if training is True else inputs

        def compute_output_shape(self, input_shape):
            return input_shape

    return Told


def trains_by_default(keras):
    """A layer whose `training` is True unless somebody says otherwise."""

    class Default(keras.layers.Layer):
        def call(self, inputs, training=True):
            return inputs

        def compute_output_shape(self, input_shape):
            return input_shape

    return Default


LAYERS = ("BatchNormalization", "Dropout", "own layer")


@about(
    "Model.predict",
    "Model.__call__",
    "layers.Dropout",
    "layers.BatchNormalization",
    "Layer.__call__",
    layer=LAYERS,
)
def training_fixed_in_the_graph(keras, record, layer):
    """`training=` given while a functional model is made (dropout that stays on), whatever is said later."""
    data = record.array(3, 200)

    def seen(outputs):
        """Outputs, or whether any of 600 values is dropped: none is, by chance, once in 2**600."""
        found = np.asarray(outputs)
        return bool((found == 0).any()) if layer == "Dropout" else found

    for given in (True, False):
        if layer == "BatchNormalization":
            made = keras.layers.BatchNormalization(momentum=0.5, epsilon=0.01)
        elif layer == "Dropout":
            made = keras.layers.Dropout(0.5)
        else:
            made = told(keras)()
        inputs = keras.layers.Input((200,))
        model = keras.models.Model(inputs, made(inputs, training=given))
        name = "given %s: " % given
        record.run(name + "predict", "value", lambda m=model: seen(m.predict(data, verbose=0)))
        record.run(name + "call", "value", lambda m=model: seen(record.call(m, data)))


@about(
    "Layer.__call__",
    "layers.BatchNormalization",
    "Model.predict",
    "layers.Dropout",
    form=("functional", "sequential", "subclassed", "inner"),
)
def training_by_default_of_a_neighbour(keras, record, form):
    """A layer whose `call` says `training=True` by default, before one that behaves otherwise in training."""
    first, second = trains_by_default(keras)(), keras.layers.BatchNormalization(momentum=0.5, epsilon=0.01)

    class Both(keras.models.Model if form == "subclassed" else keras.layers.Layer):
        def __init__(self):
            super(Both, self).__init__()
            self.first, self.second = first, second

        def call(self, inputs):
            return self.second(self.first(inputs))

        def compute_output_shape(self, input_shape):
            return input_shape

    inputs = keras.layers.Input((3,))
    if form == "functional":
        model = keras.models.Model(inputs, second(first(inputs)))
    elif form == "sequential":
        model = keras.models.Sequential([keras.layers.InputLayer((3,)), first, second])
    else:
        model = Both() if form == "subclassed" else keras.models.Model(inputs, Both()(inputs))
    data = record.array(4, 3)
    record.run("call", "value", lambda: np.asarray(record.call(model, data)))
    record.run("predict", "value", lambda: model.predict(data, verbose=0))
    record.run("statistics", "value", lambda: record.engine.get_weights(second))


@about(
    "layers.TextVectorization",
    "Model.predict",
    "layers.StringLookup",
    "Model.__call__",
    given=("objects", "unicode", "bytes", "tensor", "list"),
    how=("predict", "call", "layer"),
)
def strings_as_inputs(keras, record, given, how):
    """Strings fed to a model that begins with TextVectorization: arrays of several types, tensors, lists."""
    tf = record.tensorflow()
    words = [["a b"], ["b z"]]
    data = {
        "objects": lambda: np.array(words, dtype=object),
        "unicode": lambda: np.array(words),
        "bytes": lambda: np.array(words, dtype="S"),
        "tensor": lambda: tf.constant(words),
        "list": lambda: words,
    }[given]()
    layer = keras.layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=3)
    model = keras.models.Sequential([keras.layers.InputLayer((1,), dtype="string"), layer])
    called = {"predict": lambda: model.predict(data, verbose=0), "call": lambda: model(data)}
    record.run(how, "value", lambda: np.asarray(called.get(how, lambda: layer(data))()))


@about(
    "layers.RNN",
    "layers.LSTM",
    "layers.GRU",
    "layers.RNN.reset_states",
    "layers.RNN.call",
    "layers.LSTM.reset_states",
)
def ways_to_call_recurrent_layers(keras, record):
    """States among the inputs, constants, states set by hand, unrolled steps of unknown number."""
    ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
    steps, state = np.full((1, 3, 2), 0.25, "float32"), np.full((1, 2), 0.5, "float32")
    native = record.engine.native

    class Adds(keras.layers.Layer):
        state_size = output_size = 2

        def build(self, input_shape):
            self.built = True

        def call(self, inputs, states, constants=None):
            total = inputs + states[0] + (constants[0] if constants else 0.0)
            return total, [total]

    def evaluated(function, *arrays):
        return record.engine.evaluate(lambda fed: function(*fed), list(arrays), False)

    record.run(
        "states in a list",
        "value",
        lambda: evaluated(lambda *fed: keras.layers.LSTM(2, **ones)(list(fed)), steps, state, state),
    )
    record.run(
        "states by name",
        "value",
        lambda: evaluated(
            lambda x, *states: keras.layers.LSTM(2, **ones)(x, initial_state=list(states)),
            steps,
            state,
            state,
        ),
    )
    record.run(
        "constants",
        "value",
        lambda: evaluated(lambda x, c: keras.layers.RNN(Adds())(x, constants=[c]), steps, state),
    )
    record.run(
        "type with states",
        "structure",
        lambda: type(keras.layers.GRU(2, return_state=True)(native(steps))).__name__,
    )
    record.run(
        "type of states of stacked cells",
        "structure",
        lambda: [
            type(each).__name__ if isinstance(each, (list, tuple)) else "tensor"
            for each in keras.layers.RNN([keras.layers.LSTMCell(2)], return_state=True)(native(steps))
        ],
    )
    record.run(
        "unrolled over unknown",
        "structure",
        lambda: len(keras.layers.LSTM(2, unroll=True)(keras.layers.Input((None, 2))).shape),
    )
    stateful = keras.layers.GRU(2, stateful=True, **ones)
    record.run("stateful", "structure", lambda: len(stateful(native(steps)).shape), False)
    record.run("states set", "structure", lambda: stateful.reset_states([np.ones((1, 2), "float32")]), False)
    record.run("states", "value", lambda: [np.asarray(each) for each in stateful.states])


HABITS = (
    "iterations set",
    "own without a rate",
    "own with a rate",
    "excluded late",
    "rate of a schedule",
    "averages finalized",
    "weights got",
    "a variable more",
)


@about(
    "optimizers.Optimizer",
    "optimizers.SGD",
    "optimizers.Adam",
    "optimizers.Optimizer.iterations",
    "optimizers.Optimizer.exclude_from_weight_decay",
    what=HABITS,
)
def habits_with_optimizers(keras, record, what):
    """What programs do with optimizers beside stepping: counting, excluding, deriving, averaging."""
    tf = record.tensorflow()
    variable = tf.Variable([1.0, -2.0], name="w")
    gradients = tf.constant([0.5, 1.0])

    class Mine(keras.optimizers.Optimizer):
        def __init__(self, rate=None):
            if what == "own with a rate":
                super(Mine, self).__init__(name="mine")
                self._learning_rate = self._build_learning_rate(rate)
            else:
                super(Mine, self).__init__(name="mine")

        def build(self, variables):
            super(Mine, self).build(variables)

        def update_step(self, gradient, variable, learning_rate=None):
            variable.assign_sub(gradient * 0.1)

        def get_config(self):
            return {}

    def step(optimizer):
        optimizer.apply_gradients([(gradients, variable)])
        return variable.numpy()

    if what == "iterations set":
        optimizer = keras.optimizers.SGD(0.1)
        record.run(
            "set", "structure", lambda: setattr(optimizer, "iterations", tf.Variable(3, dtype="int64"))
        )
        record.run("counted", "value", lambda: int(optimizer.iterations))
    elif what.startswith("own"):
        optimizer = record.run("construct", "structure", lambda: Mine(0.1), False, True)
        record.run("step", "value", lambda: step(optimizer))
    elif what == "excluded late":
        optimizer = keras.optimizers.Adam(0.1, weight_decay=0.5)
        optimizer.build([variable])
        record.run(
            "exclude", "structure", lambda: optimizer.exclude_from_weight_decay(var_names=["w"]), False
        )
        record.run("step", "value", lambda: step(optimizer))
    elif what == "rate of a schedule":
        schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
        optimizer = keras.optimizers.SGD(schedule)
        record.run("before", "value", lambda: float(optimizer.learning_rate))
        record.run("type", "structure", lambda: type(optimizer.learning_rate).__name__)
        record.run("step", "value", lambda: step(optimizer))
        record.run("after", "value", lambda: float(optimizer.learning_rate))
        record.run("called", "value", lambda: float(optimizer.learning_rate(optimizer.iterations)))
    elif what == "averages finalized":
        optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
        record.run("steps", "value", lambda: [step(optimizer) for _ in range(2)])
        record.run("finalize", "structure", lambda: optimizer.finalize_variable_values([variable]), False)
        record.run("average", "value", lambda: variable.numpy())
    elif what == "weights got":
        optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
        step(optimizer)
        record.run("save", "structure", lambda: sorted(save_own(optimizer)))
        record.run("kinds", "structure", lambda: type(optimizer.variables).__name__)
    else:
        optimizer = keras.optimizers.SGD(0.1)
        step(optimizer)
        other = tf.Variable([3.0])
        record.run(
            "other", "structure", lambda: optimizer.apply_gradients([(tf.constant([1.0]), other)]), False
        )
        record.run("value", "value", lambda: other.numpy())


def save_own(owner):
    """Names and values `save_own_variables` puts into a store."""
    store = {}
    owner.save_own_variables(store)
    return store


@about("callbacks.EarlyStopping", losses=("none is a number", "first is none", "equal", "falls"))
def early_stopping_by_hand(keras, record, losses):
    """EarlyStopping driven through losses that are no numbers, without a fit."""
    nan = float("nan")
    given = {
        "none is a number": [nan] * 6,
        "first is none": [nan, 1.0, 1.0, 1.0, 0.5, 0.5],
        "equal": [1.0] * 6,
        "falls": [3.0, 2.0, 1.0, 2.0, 2.0, 2.0],
    }[losses]
    stopper = keras.callbacks.EarlyStopping(monitor="loss", patience=2)
    model = record.regression(keras)
    stopper.set_model(model)
    stopper.on_train_begin({})
    stopped = []
    for epoch, loss in enumerate(given):
        record.run(
            "epoch %d" % epoch,
            "structure",
            lambda e=epoch, v=loss: stopper.on_epoch_end(e, {"loss": v}),
            False,
        )
        stopped.append(bool(getattr(model, "stop_training", False)))
    record.note("stopped", "events", stopped)
    record.note("stopped epoch", "events", stopper.stopped_epoch)


@about(
    "callbacks.LearningRateScheduler",
    "optimizers.schedules.LearningRateSchedule",
    form=("schedule object", "integer", "numpy", "tensor"),
)
def scheduler_of_other_things(keras, record, form):
    """LearningRateScheduler with a schedule object, and with functions that return no Python float."""
    native = record.engine.native
    given = {
        "schedule object": lambda: keras.optimizers.schedules.ExponentialDecay(0.5, 2, 0.5),
        "integer": lambda: lambda epoch: 1,
        "numpy": lambda: lambda epoch: np.float32(0.25),
        "tensor": lambda: lambda epoch: native(np.array(0.25, "float32")),
    }[form]()
    callback = keras.callbacks.LearningRateScheduler(given)
    model = record.regression(keras)
    callback.set_model(model)
    record.run("epoch begins", "structure", lambda: callback.on_epoch_begin(1, {}), False)
    record.run("rate", "value", lambda: float(np.asarray(model.optimizer.learning_rate)))


@about(
    "Model.compile",
    "Model.train_on_batch",
    "losses.Loss",
    dtype=("int32", "int64", "uint8", "bool", "float64", "float32"),
)
def labels_a_loss_sees(keras, record, dtype):
    """Which types and shapes a loss of one's own is given: labels as they were fed, or cast."""
    seen = []

    def mine(y_true, y_pred):
        if not seen:
            seen.append([str(getattr(y.dtype, "name", y.dtype)) for y in (y_true, y_pred)])
        return keras.losses.mean_absolute_error(y_true * 0 if dtype == "bool" else y_true, y_pred)

    model = record.regression(keras, loss=mine, **record.eager())
    labels = np.array([[1], [0], [1]]).astype(dtype)
    record.run("step", "value", lambda: model.train_on_batch(record.array(3, 3), labels))
    record.note("seen", "dtype", seen)


@about("Model.fit", "Model.evaluate", "Model.predict", method=("fit", "evaluate", "predict"))
def endless_data_without_steps(keras, record, method):
    """A dataset that repeats for ever, and nobody says how many steps: refused, or run until stopped."""
    tf = record.tensorflow()
    model = record.regression(keras, **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(2).repeat()

    class Enough(Exception):
        pass

    class Counts(keras.callbacks.Callback):
        batches = 0

        def count(self, batch, logs=None):
            self.batches += 1
            if self.batches == 5:
                raise Enough("five batches were asked for")

        on_train_batch_end = on_test_batch_end = on_predict_batch_end = count

    counter = Counts()
    record.run(
        method, "structure", lambda: getattr(model, method)(data, verbose=0, callbacks=[counter]), False
    )
    record.note("batches", "events", counter.batches)


@about("Model.fit", "callbacks.History", "Model.metrics_names", loss=("one", "list"))
def one_layer_for_two_outputs(keras, record, loss):
    """Two outputs that come from one layer: what their losses are logged as."""
    inputs = keras.layers.Input((3,), name="x")
    shared = keras.layers.Dense(1, name="out")
    model = keras.models.Model(inputs, [shared(inputs), shared(keras.layers.Dense(3, name="d")(inputs))])
    record.give_weights(model)
    model.compile(keras.optimizers.SGD(0.1), "mse" if loss == "one" else ["mse", "mae"])
    y = record.array(4, 1)
    record.history(model.fit(record.array(4, 3), [y, y], verbose=0, shuffle=False))


@about("Model.fit", "Model.fit_class_weight", rank=(2, 3), one_hot=(False, True))
def class_weight_of_sequences(keras, record, rank, one_hot):
    """`class_weight` for labels of one and of several axes."""
    inputs = keras.layers.Input((3,) if rank == 2 else (2, 3))
    outputs = keras.layers.Dense(2 if one_hot else 1, "softmax" if one_hot else "sigmoid")(inputs)
    model = record.give_weights(keras.models.Model(inputs, outputs))
    loss = "categorical_crossentropy" if one_hot else "binary_crossentropy"
    model.compile(keras.optimizers.SGD(0.1), loss, **record.eager())
    shape = (4,) if rank == 2 else (4, 2)
    labels = np.arange(np.prod(shape)).reshape(shape) % 2
    y = np.eye(2)[labels] if one_hot else labels[..., None]
    x = record.array(*(shape + (3,)))
    record.run(
        "fit",
        "value",
        lambda: dict(model.fit(x, y, class_weight={0: 1.0, 1: 3.0}, verbose=0, shuffle=False).history),
    )


MODULES = ("activations", "losses", "metrics", "initializers", "regularizers", "constraints")


@about(
    "utils.custom_object_scope",
    "utils.get_custom_objects",
    "activations.get",
    "losses.get",
    "metrics.get",
    "initializers.get",
    "regularizers.get",
    "constraints.get",
    "layers.Activation",
    module=MODULES,
    way=("scope", "registry", "dict"),
)
def functions_by_registered_name(keras, record, module, way):
    """A function of one's own looked up by name, inside a scope and after it was put among custom objects."""

    def mine(*arguments, **named):
        return 3.0

    get = record.symbol(module + ".get")
    if way == "scope":
        with keras.utils.custom_object_scope({"mine": mine}):
            record.run("get", "structure", lambda: get("mine") is mine)
    else:
        keras.utils.get_custom_objects()["mine"] = mine
        name = "mine" if way == "registry" else {"class_name": "mine", "config": {}}
        record.run("get", "structure", lambda: callable(get(name)))
    if module == "activations" and way != "dict":
        with keras.utils.custom_object_scope({"mine": mine}):
            record.run(
                "layer", "structure", lambda: keras.layers.Dense(1, activation="mine").activation is mine
            )


@about("utils.to_categorical", "utils.normalize", given=("tensor", "list", "array", "column", "negative"))
def helpers_given_other_arrays(keras, record, given):
    """`to_categorical` and `normalize` of tensors, lists and square arrays."""
    native = record.engine.native
    labels, values = np.array([0, 2, 1]), np.array([[3.0, 4.0], [1.0, 2.0]])
    shaped = {
        "tensor": (lambda: native(labels), lambda: native(values.astype("float32"))),
        "list": (labels.tolist, values.tolist),
        "array": (lambda: labels, lambda: values),
        "column": (lambda: labels[:, None], lambda: values[:, :1]),
        "negative": (lambda: labels - 1, lambda: -values),
    }[given]
    record.run("categories", "value", lambda: np.asarray(keras.utils.to_categorical(shaped[0](), 3)))
    record.run("categories counted", "value", lambda: np.asarray(keras.utils.to_categorical(shaped[0]())))
    for axis in (-1, 0):
        record.run(
            "normalized along %d" % axis,
            "value",
            lambda a=axis: np.asarray(keras.utils.normalize(shaped[1](), axis=a)),
        )


LOSSES = (
    "binary_crossentropy",
    "categorical_crossentropy",
    "kl_divergence",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "poisson",
)


@about("backend.set_epsilon", "losses.binary_crossentropy", "losses.kl_divergence", name=LOSSES)
def epsilon_in_losses(keras, record, name):
    """Losses of saturated predictions after `set_epsilon(0.1)`."""
    keras.backend.set_epsilon(0.1)
    function = record.symbol("losses." + name)
    given = [np.array([[0.0, 1.0]], "float32"), np.array([[1.0, 0.0]], "float32")]
    record.run(
        "loss", "value", lambda: record.engine.evaluate(lambda fed: function(fed[0], fed[1]), given, False)
    )


@about("backend.set_floatx", "Layer.dtype", "layers.Dense", floatx=("float64", "float16"))
def floatx_after_a_layer(keras, record, floatx):
    """`set_floatx` once a layer exists, and before: what the next layer and input compute in."""
    keras.layers.Dense(1)
    keras.backend.set_floatx(floatx)
    layer = keras.layers.Dense(1)
    record.run("layer", "dtype", lambda: str(getattr(layer.dtype, "name", layer.dtype)))
    inputs = keras.layers.Input((2,))
    record.run("input", "dtype", lambda: str(getattr(inputs.dtype, "name", inputs.dtype)))
    record.run("initializer", "dtype", lambda: str(np.asarray(keras.initializers.Zeros()((1,))).dtype))


@about("Model.save_weights", "Model.load_weights", "Model.build", what=("save", "load", "by name", "returns"))
def weights_of_unbuilt_models(keras, record, what):
    """Weights saved from and loaded into a model that is not built yet, and loaded by name."""
    built = keras.models.Sequential([keras.layers.InputLayer((2,)), keras.layers.Dense(1, name="d")])
    fresh = keras.models.Sequential([keras.layers.Dense(1, name="d")])
    if what == "save":
        record.run("save", "structure", lambda: fresh.save_weights("w.weights.h5"), False)
        record.note("files", "file", sorted(os.listdir(".")))
        return
    built.save_weights("w.weights.h5")
    if what == "load":
        record.run("load", "structure", lambda: fresh.load_weights("w.weights.h5"), False)
    elif what == "by name":
        record.run("load", "structure", lambda: built.load_weights("w.weights.h5", by_name=True), False)
    else:
        record.run("returned", "structure", lambda: type(built.load_weights("w.weights.h5")).__name__)


SEQUENTIAL = ("summary", "json", "pop", "second input", "argument", "unbuilt inputs", "input length")


@about(
    "Sequential",
    "Sequential.pop",
    "Sequential.add",
    "Sequential.call",
    "Model.summary",
    "Model.to_json",
    "layers.Embedding",
    habit=SEQUENTIAL,
)
def habits_with_sequentials(keras, record, habit):
    """Popping, a second input, arguments of a layer given to the model, lines of a summary, keys of JSON."""

    class Scales(keras.layers.Layer):
        def call(self, inputs, by=1.0):
            return inputs * by

        def compute_output_shape(self, input_shape):
            return input_shape

    def lines_printed():
        lines = []
        model.summary(print_fn=lambda line, **more: lines.append(line))
        return "once" if len(lines) == 1 else "a line each"

    model = keras.models.Sequential([keras.layers.InputLayer((2,)), keras.layers.Dense(1, name="d")])
    one = record.engine.native(np.ones((1, 2), "float32"))
    steps = {
        "summary": ("structure", lines_printed),
        "json": ("config", lambda: sorted(json.loads(model.to_json()))),
        "pop": ("structure", lambda: type(model.pop()).__name__),
        "second input": ("structure", lambda: type(model.add(keras.layers.Input((2,)))).__name__),
        "argument": ("value", lambda: np.asarray(keras.models.Sequential([Scales()])(one, by=3.0))),
        "unbuilt inputs": (
            "structure",
            lambda: keras.models.Sequential([keras.layers.Dense(1)]).inputs,
        ),
        "input length": ("structure", lambda: embedded(keras).count_params()),
    }
    kind, step = steps[habit]
    record.run(habit, kind, step)


def embedded(keras):
    """A Sequential that knows its input by `input_length` alone, as many tutorials write it."""
    return keras.models.Sequential(
        [
            keras.layers.Embedding(5, 3, input_length=4),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )


LIBERTIES = ("input twice", "mixed types", "doubles", "constants spread")


@about(
    "Model",
    "layers.Concatenate",
    "metrics.SparseTopKCategoricalAccuracy",
    "initializers.Constant",
    taken=LIBERTIES,
)
def small_liberties(keras, record, taken):
    """One input twice, types mixed in a concatenation, doubles given to a metric, constants spread."""
    inputs = keras.layers.Input((2,))
    mixed = [np.ones((1, 2), "float32"), np.ones((1, 2), "int32")]
    steps = {
        "input twice": lambda: len(
            keras.models.Model([inputs, inputs], keras.layers.Dense(1)(inputs)).inputs
        ),
        "mixed types": lambda: record.engine.evaluate(
            lambda fed: keras.layers.Concatenate()(fed), mixed, False
        ),
        "doubles": lambda: top_of_doubles(keras),
        "constants spread": lambda: np.asarray(keras.initializers.Constant([1.0, 2.0])((2, 2))),
    }
    record.run(taken, "value", steps[taken])


def top_of_doubles(keras):
    """Top-1 accuracy of float64 predictions."""
    metric = keras.metrics.SparseTopKCategoricalAccuracy(k=1)
    metric.update_state(np.array([1, 0]), np.array([[0.1, 0.9], [0.8, 0.2]]))
    return np.asarray(metric.result())
