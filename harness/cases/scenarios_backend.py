"""Programs written with `keras.backend` around a model, and what "accuracy" came to mean: the graph years."""

import numpy as np

from .scenario import about


@about(
    "Model.compile",
    "metrics.Accuracy",
    "metrics.get",
    labels=("several of many", "one of many", "one column", "class numbers"),
    metric=("accuracy", "acc"),
)
def accuracy_of_labels(keras, record, labels, metric):
    """Which accuracy a string names: by the loss, by the outputs' shape, or by the labels'."""
    units, loss, targets = {
        "several of many": (3, "binary_crossentropy", [[1.0, 1, 0], [0, 0, 0], [1, 0, 1]]),
        "one of many": (3, "categorical_crossentropy", [[1.0, 0, 0], [0, 0, 1], [0, 1, 0]]),
        "one column": (1, "binary_crossentropy", [[1.0], [0], [1]]),
        "class numbers": (3, "sparse_categorical_crossentropy", [[0], [2], [1]]),
    }[labels]
    inputs = keras.layers.Input((units,))
    outputs = keras.layers.Activation("softmax" if units > 1 and loss[0] != "b" else "sigmoid")(inputs)
    model = keras.models.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=[metric], **record.eager())
    x = np.array([[3.0, 2.0, -1.0], [-1.0, -2.0, -3.0], [2.0, 3.0, 4.0]], "float32")[:, :units]
    y = np.array(targets, "int32" if loss.startswith("sparse") else "float32")
    record.run("evaluate", "value", lambda: [float(v) for v in model.evaluate(x, y, verbose=0)])
    record.run("names", "names and order", lambda: list(model.metrics_names))


def model_with_phases(keras, record):
    """A model whose output tells the learning phase: BatchNormalization between two Dense layers."""
    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(4, name="hidden")(inputs)
    normal = keras.layers.BatchNormalization(name="normal")(hidden)
    model = keras.models.Model(inputs, keras.layers.Dense(2, name="out")(normal))
    return record.give_weights(model)


@about("backend.function", "backend.learning_phase", phase=("left out", "fed 0", "fed 1"))
def function_of_a_model(keras, record, phase):
    """Outputs of inner layers through `K.function`, with and without the learning phase among its inputs."""
    backend = record.symbol("backend")
    model = model_with_phases(keras, record)
    x = record.array(4, 3)

    def looked_at():
        fed = [] if phase == "left out" else [backend.learning_phase()]
        values = [] if phase == "left out" else [int(phase[-1])]
        outputs = [layer.output for layer in model.layers[1:]]
        return backend.function(list(model.inputs) + fed, outputs)([x] + values)

    record.run("outputs", "value", looked_at)


@about("backend.gradients", "backend.function", of=("inputs", "weights", "hidden", "nothing"))
def gradients_of_a_model(keras, record, of):
    """`K.gradients` of a model's output, as saliency maps are written."""
    backend = record.symbol("backend")
    model = model_with_phases(keras, record)

    def computed():
        wanted = {
            "inputs": model.inputs,
            "weights": model.trainable_weights,
            "hidden": [model.layers[1].output],
            "nothing": [keras.layers.Input((3,))],
        }[of]
        found = backend.gradients(backend.sum(model.outputs[0]), list(wanted))
        return backend.function(list(model.inputs), found)([record.array(4, 3)])

    record.run("gradients", "value", computed)


@about("backend.set_learning_phase", "backend.learning_phase", value=(0, 1), when=("before", "after"))
def learning_phase_set(keras, record, value, when):
    """The learning phase set by hand before or after a model is made, then `predict` and `evaluate`."""
    backend = record.symbol("backend")
    model = None
    if when == "after":
        model = model_with_phases(keras, record)
    record.run("set", "structure", lambda: backend.set_learning_phase(value), False)
    if model is None:
        model = model_with_phases(keras, record)
    x = record.array(4, 3)
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error", **record.eager())
    record.run("test", "value", lambda: model.test_on_batch(x, np.zeros((4, 2), "float32")))


@about(
    "backend.rnn",
    go_backwards=(False, True),
    mask=("none", "lengths", "first step"),
    unroll=(False, True),
)
def recurrence(keras, record, go_backwards, mask, unroll):
    """`K.rnn` of a running sum: what masked steps put out and keep, backwards and unrolled."""
    backend = record.symbol("backend")
    fed = {"x": record.array(2, 4, 3), "start": record.array(2, 3)}
    if mask != "none":
        fed["mask"] = np.array(
            [[1, 1, 1, 0], [1, 0, 0, 0]] if mask == "lengths" else [[0, 1, 1, 1]] * 2, bool
        )

    def step(inputs, states):
        total = states[0] * 0.5 + inputs
        return total, [total]

    def ran(tensors):
        last, outputs, states = backend.rnn(
            step,
            tensors["x"],
            [tensors["start"]],
            go_backwards=go_backwards,
            mask=tensors.get("mask"),
            unroll=unroll,
            input_length=4,
        )[:3]
        return [last, outputs] + list(states)

    record.run("rnn", "value", lambda: record.engine.evaluate(ran, fed))


@about("backend.switch", "backend.in_train_phase", condition=("scalar", "rows", "full"))
def switched(keras, record, condition):
    """`K.switch` by one condition, one for each row, and one for each element."""
    backend = record.symbol("backend")
    conditions = {
        "scalar": np.array(True),
        "rows": np.array([[True], [False]]),
        "full": np.array([[True, False, True], [False, False, True]]),
    }
    fed = {"a": record.array(2, 3), "b": record.array(2, 3, values="uniform")}

    def chosen(tensors):
        given = backend.constant(conditions[condition], dtype="bool")
        return backend.switch(given, tensors["a"], tensors["b"])

    record.run("switch", "value", lambda: record.engine.evaluate(chosen, fed))


@about("backend.foldl", "backend.foldr", "backend.map_fn", function=("map_fn", "foldl", "foldr"))
def folded(keras, record, function):
    """The three loops over the first axis."""
    backend = record.symbol("backend")
    fed = {"x": record.array(4, 3)}

    def ran(tensors):
        if function == "map_fn":
            return backend.map_fn(lambda row: row * 2.0, tensors["x"])
        return getattr(backend, function)(lambda total, row: total * 0.5 + row, tensors["x"])

    record.run(function, "value", lambda: record.engine.evaluate(ran, fed))


@about(
    "backend.update",
    "backend.update_add",
    "backend.moving_average_update",
    how=("update", "add", "sub", "mean"),
)
def variable_updated(keras, record, how):
    """A variable changed by the backend's updates, run as an optimizer's are."""
    backend = record.symbol("backend")
    variable = record.run("variable", "value", lambda: backend.variable(np.ones((2,), "float32")), False)

    def update():
        return {
            "update": lambda: backend.update(variable, variable * 3.0),
            "add": lambda: backend.update_add(variable, [2.0, 3.0]),
            "sub": lambda: backend.update_sub(variable, [2.0, 3.0]),
            "mean": lambda: backend.moving_average_update(variable, backend.constant([5.0, 7.0]), 0.75),
        }[how]()

    def run():
        made = update()
        if record.engine.name in ("graph", "theano", "cntk"):
            backend.function([backend.placeholder((1,))], [], updates=[made])([np.zeros((1,), "float32")])
        return backend.get_value(variable)

    if variable is not None:
        record.run("value", "value", run)


@about(
    "layers.AveragePooling2D",
    "layers.MaxPooling2D",
    "layers.Conv2D",
    "layers.DepthwiseConv2D",
    layer=("AveragePooling2D", "MaxPooling2D", "Conv2D", "DepthwiseConv2D", "Conv2DTranspose"),
    size=(3, 2),
)
def windows_laid_bare(keras, record, layer, size):
    """Where windows lie over padding, whether padding counts, and which way round a kernel is.

    Ones tell whether an average counts padding, and how many inputs a window of a convolution holds; numbers
    that grow from corner to corner tell where a window lies; an impulse gives the kernel back.
    """
    pooling = layer.endswith("Pooling2D")
    ones = np.ones((1, 6, 6, 1), "float32")
    growing = np.arange(36, dtype="float32").reshape(1, 6, 6, 1)
    impulse = np.zeros_like(ones)
    impulse[0, 2, 2, 0] = 1.0
    keywords = {"padding": "same", "pool_size" if pooling else "kernel_size": size}
    if layer in ("Conv2D", "Conv2DTranspose"):
        keywords["filters"] = 1
    if not pooling:
        keywords["use_bias"] = False
    for strides in (1, 2):
        said = ", strides %d" % strides
        inputs = keras.layers.Input((6, 6, 1))
        made = getattr(keras.layers, layer)(**dict(keywords, strides=strides))
        model = keras.models.Model(inputs, made(inputs))
        if pooling:
            record.predictions(model, ones, "ones" + said)
            record.predictions(model, growing, "growing" + said)
            continue
        shape = np.shape(record.engine.get_weights(made)[0])
        record.engine.set_weights(made, [np.ones(shape, "float32")])
        record.predictions(model, ones, "ones" + said)
        record.engine.set_weights(made, [1.0 + np.arange(size * size, dtype="float32").reshape(shape)])
        record.predictions(model, impulse, "impulse" + said)
