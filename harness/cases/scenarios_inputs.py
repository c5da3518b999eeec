"""Scenarios of inputs: how a model's inputs are declared, and in what forms data are fed to it."""

import numpy as np

from .scenario import about, shape_of

INPUT = (
    {"shape": [3]},
    {"shape": []},
    {"shape": [None]},
    {"shape": 3},
    {"shape": [3], "batch_size": 2},
    {"batch_shape": [2, 3]},
    {"batch_shape": [None, None, 3]},
    {"batch_input_shape": [2, 3]},
    {"shape": [3], "dtype": "float64"},
    {"shape": [3], "dtype": "int32"},
    {"shape": [3], "dtype": "string"},
    {"shape": [3], "dtype": "bool"},
    {"shape": [3], "dtype": "nope"},
    {"shape": [3], "sparse": True},
    {"shape": [None], "ragged": True},
    {"shape": [3], "name": "n"},
    {"shape": [3], "name": "a/b"},
    {"shape": [3], "optional": True},
    {"shape": [3], "batch_shape": [2, 3]},
    {"shape": [3], "nonsense": 1},
    {"shape": [-1]},
    {"shape": [0]},
    {"shape": ["3"]},
    {"shape": [3.0]},
    {},
)


@about("Input", "layers.InputLayer", "layers.Input", options=INPUT, how=("Input", "InputLayer"))
def input_arguments(keras, record, options, how):
    """Arguments of `Input` and `InputLayer`: shape, dtype and name of what they make."""
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    given.setdefault("name", "x")
    if how == "InputLayer":
        given = {"input_shape" if k == "shape" else k: v for k, v in given.items()}
        layer = record.run("make", "structure", lambda: keras.layers.InputLayer(**given), False, True)
        record.run("config", "config", lambda: layer.get_config())
        record.run("output", "structure", lambda: layer.output, described)
        return
    made = record.run("make", "structure", lambda: keras.layers.Input(**given), False, True)
    record.run("tensor", "structure", lambda: described(made))
    record.run("model", "structure", lambda: keras.models.Model(made, made).input_shape, shape_of)


def described(tensor):
    """Shape, dtype and name of a symbolic tensor."""
    dtype = getattr(tensor.dtype, "name", str(tensor.dtype))
    name = str(getattr(tensor, "name", "")).split(":")[0]
    return {"shape": shape_of(tensor.shape), "dtype": dtype, "name": name.rstrip("_0123456789")}


@about(
    "Input",
    "layers.Input",
    "layers.InputLayer",
    what=("tensor", "type_spec", "input_tensor", "variable", "symbolic", "sparse spec", "ragged spec"),
)
def input_from_tensor(keras, record, what):
    """`Input(tensor=…)` and `Input(type_spec=…)`, and a model on it."""
    tf = record.tensorflow()
    ways = {
        "tensor": lambda: keras.layers.Input(tensor=tf.ones((2, 3))),
        "variable": lambda: keras.layers.Input(tensor=tf.Variable(tf.ones((2, 3)))),
        "symbolic": lambda: keras.layers.Input(tensor=keras.layers.Input((3,))),
        "type_spec": lambda: keras.layers.Input(type_spec=tf.TensorSpec((None, 3))),
        "sparse spec": lambda: keras.layers.Input(type_spec=tf.SparseTensorSpec((None, 3))),
        "ragged spec": lambda: keras.layers.Input(type_spec=tf.RaggedTensorSpec((None, None))),
        "input_tensor": lambda: keras.layers.InputLayer(input_tensor=tf.ones((2, 3))).output,
    }
    made = record.run("make", "structure", ways[what], False, True)
    record.run("shape", "structure", lambda: shape_of(made.shape))
    record.run(
        "model", "structure", lambda: keras.models.Model(made, keras.layers.Dense(1)(made)).count_params()
    )


@about(
    "layers.Dense",
    "layers.Dense.batch_input_shape",
    "Sequential",
    argument=(
        "input_shape",
        "batch_input_shape",
        "input_dim",
        "input_length",
        "batch_size",
        "weights",
        "input_shape number",
    ),
)
def first_layer_arguments(keras, record, argument):
    """Arguments by which the first layer of a Sequential model says its input's shape."""
    options = {
        "input_shape": {"input_shape": (3,)},
        "batch_input_shape": {"batch_input_shape": (2, 3)},
        "input_dim": {"input_dim": 3},
        "input_length": {"input_dim": 3, "input_length": 4},
        "batch_size": {"input_shape": (3,), "batch_size": 2},
        "weights": {"input_shape": (3,), "weights": [np.ones((3, 1), "float32"), np.zeros(1, "float32")]},
        "input_shape number": {"input_shape": 3},
    }[argument]
    model = record.run(
        "make", "structure", lambda: keras.models.Sequential([keras.layers.Dense(1, **options)]), False, True
    )
    record.run("output_shape", "structure", lambda: shape_of(model.output_shape))
    record.run("weights", "structure", lambda: [list(w.shape) for w in model.get_weights()])
    record.run("config", "config", lambda: sorted(model.get_config()["layers"][-1]["config"]))
    if argument == "weights":
        record.weights(model)


def sources(keras, record, x, y):
    """The same three batches of two samples in every form that data come in."""

    def generator(forever=False):
        while True:
            for k in range(0, 6, 2):
                yield x[k : k + 2], y[k : k + 2]
            if not forever:
                return

    sequence = record.symbol("utils.Sequence" if record.has("utils.Sequence") else "utils.PyDataset")

    class Batches(sequence):
        def __len__(self):
            return 3

        def __getitem__(self, k):
            return x[2 * k : 2 * k + 2], y[2 * k : 2 * k + 2]

    return generator, Batches


@about(
    "Model.fit",
    "Model.evaluate",
    "Model.predict",
    "utils.Sequence",
    "utils.PyDataset",
    source=(
        "generator",
        "endless generator",
        "sequence",
        "dataset",
        "dataset of x",
        "list",
        "iterator",
        "unbatched dataset",
    ),
)
def sources_of_data(keras, record, source):
    """Training, evaluating and predicting from generators, sequences and datasets."""
    x, y = record.array(6, 3), record.array(6, 1)
    generator, Batches = sources(keras, record, x, y)
    model = record.regression(keras, metrics=["mae"])
    steps = {}
    if source == "generator":
        make = generator
    elif source == "endless generator":
        make, steps = (lambda: generator(True)), {"steps": 3}
    elif source == "sequence":
        make = Batches
    elif source == "list":
        make = lambda: [(x[k : k + 2], y[k : k + 2]) for k in range(0, 6, 2)]  # noqa: E731
    elif source == "iterator":
        make = lambda: iter(list(generator()))  # noqa: E731
    else:
        tf = record.tensorflow()
        full = tf.data.Dataset.from_tensor_slices(x if source == "dataset of x" else (x, y))
        make = lambda: full if source.startswith("unbatched") else full.batch(2)  # noqa: E731
    fit = {"steps_per_epoch": 3} if steps else {}
    record.fit(model, make(), epochs=2 if source != "generator" else 1, **fit)
    record.run("evaluate", "value", lambda: model.evaluate(make(), verbose=0, **steps))
    record.run("predict", "value", lambda: model.predict(make(), verbose=0, **steps))


@about(
    "Model.fit_generator",
    "Model.fit",
    "utils.Sequence",
    method=("fit_generator", "evaluate_generator", "predict_generator"),
)
def generator_methods(keras, record, method):
    """`fit_generator` and its relatives."""
    x, y = record.array(6, 3), record.array(6, 1)
    generator, _ = sources(keras, record, x, y)
    model = record.regression(keras)
    if method == "fit_generator":
        record.run(
            "call",
            "value",
            lambda: model.fit_generator(generator(True), steps_per_epoch=3, verbose=0).history,
        )
    else:
        record.run("call", "value", lambda: getattr(model, method)(generator(True), steps=3))
    record.weights(model)


WITH = (
    "sample_weight",
    "y",
    "validation_split",
    "batch_size",
    "class_weight",
    "validation_data generator",
    "shuffle",
)


@about(
    "Model.fit", "utils.PyDataset", "utils.Sequence", source=("generator", "sequence", "dataset"), given=WITH
)
def arguments_beside_a_source(keras, record, source, given):
    """Arguments of `fit` that make no sense, or some, beside a generator, a sequence or a dataset."""
    x, y = record.array(6, 3), record.classes(6, 3)
    generator, Batches = sources(keras, record, x, y)
    model = record.classifier(keras, **record.eager())
    makers = {"generator": generator, "sequence": Batches}
    if source == "dataset":
        makers["dataset"] = lambda: record.tensorflow().data.Dataset.from_tensor_slices((x, y)).batch(2)
    make = makers[source]
    options = {
        "sample_weight": {"sample_weight": np.ones(6)},
        "y": {"y": y},
        "validation_split": {"validation_split": 0.5},
        "batch_size": {"batch_size": 2},
        "class_weight": {"class_weight": {0: 1.0, 1: 2.0, 2: 3.0}},
        "validation_data generator": {"validation_data": make(), "validation_steps": 2},
        "shuffle": {"shuffle": True},
    }[given]
    if given == "shuffle" and source == "sequence":
        return
    record.fit(model, make(), **dict({"shuffle": False}, **options))


@about(
    "utils.PyDataset",
    "utils.Sequence",
    "Model.fit",
    detail=("on_epoch_end", "order", "length changes", "workers", "super init", "iter"),
)
def sequence_protocol(keras, record, detail):
    """How a Sequence is asked: indices in order, epoch ends, lengths, options of its constructor."""
    name = "utils.PyDataset" if record.has("utils.PyDataset") else "utils.Sequence"
    cls = record.symbol(name)
    asked = []
    x, y = record.array(6, 3), record.array(6, 1)

    class Batches(cls):
        def __init__(self, **more):
            if detail in ("workers", "super init"):
                super(Batches, self).__init__(**more)

        def __len__(self):
            asked.append("len") if detail == "length changes" else None
            return 3

        def __getitem__(self, k):
            asked.append(k)
            return x[2 * k : 2 * k + 2], y[2 * k : 2 * k + 2]

        def on_epoch_end(self):
            asked.append("epoch ends")

    more = {"workers": 1, "use_multiprocessing": False, "max_queue_size": 2} if detail == "workers" else {}
    made = record.run("make", "structure", lambda: Batches(**more), False, True)
    if detail == "iter":
        record.run("iter", "structure", lambda: len(list(made)))
        return
    model = record.regression(keras, **record.eager())
    record.fit(model, made, epochs=2)
    record.note("in order", "events", [a for a in asked if isinstance(a, int)][:6])
    record.note("epoch ends", "events", asked.count("epoch ends"))


FEEDS = (
    "list",
    "tuple",
    "dict",
    "dict of another order",
    "dict with more",
    "dict with less",
    "wrong key",
    "mixed",
    "one array",
    "y dict",
    "y list",
    "y dict of one",
    "list of lists",
    "tuple of y",
)


@about("Model.fit", "Model.predict", "Model", feed=FEEDS)
def several_inputs(keras, record, feed):
    """Two inputs and two outputs fed as lists, tuples and dicts, with too many and too few of them."""
    a, b = record.array(4, 3), record.array(4, 2)
    p, q = record.array(4, 1), record.array(4, 3, values="one_hot")
    xs = {
        "tuple": (a, b),
        "dict": {"a": a, "b": b},
        "dict of another order": {"b": b, "a": a},
        "dict with more": {"a": a, "b": b, "c": a},
        "dict with less": {"a": a},
        "wrong key": {"a": a, "nope": b},
        "mixed": [{"a": a}, b],
        "one array": a,
        "list of lists": [a.tolist(), b.tolist()],
    }
    ys = {
        "y dict": {"first": p, "second": q},
        "y list": [p, q],
        "y dict of one": {"second": q},
        "tuple of y": (p, q),
    }
    loss = ["mean_squared_error", "categorical_crossentropy"]
    model = record.two_headed(keras, loss=loss, **record.eager())
    x, y = xs.get(feed, [a, b]), ys.get(feed, [p, q])
    record.run("train", "value", lambda: model.train_on_batch(x, y))
    record.fit(model, x, y)
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    record.run("call", "value", lambda: record.engine.evaluate(model, x))


@about(
    "Model.predict",
    "Model.__call__",
    "Model",
    kind=("dict inputs", "nested", "dict outputs", "list of one", "single output list", "tuple outputs"),
)
def structures_of_outputs(keras, record, kind):
    """What `predict` and a call return for models of structured inputs and outputs."""
    L = keras.layers
    a, b = L.Input((3,), name="a"), L.Input((3,), name="b")
    d, e = L.Dense(1, name="d"), L.Dense(2, name="e")
    forms = {
        "dict inputs": lambda: ({"b": b, "a": a}, d(a)),
        "nested": lambda: ({"x": [a], "y": b}, d(a)),
        "dict outputs": lambda: (a, {"z": d(a), "c": e(a)}),
        "list of one": lambda: ([a], [d(a)]),
        "single output list": lambda: (a, [d(a)]),
        "tuple outputs": lambda: (a, (d(a), e(a))),
    }
    inputs, outputs = forms[kind]()
    model = record.run("make", "structure", lambda: keras.models.Model(inputs, outputs), False, True)
    record.give_weights(model)
    x, z = record.array(2, 3), record.array(2, 3)
    data = {"dict inputs": {"a": x, "b": z}, "nested": {"x": [x], "y": z}, "list of one": [x]}.get(kind, x)
    predicted = record.run("predict", "value", lambda: model.predict(data, verbose=0))
    called = record.run("call", "value", lambda: record.engine.evaluate(model, data))
    record.note("types", "structure", [type(predicted).__name__, type(called).__name__])
    record.run("keys", "names and order", lambda: list(predicted) if isinstance(predicted, dict) else None)
    record.run("input type", "structure", lambda: type(model.input).__name__)
    record.run("output names", "names and order", lambda: list(model.output_names))


DTYPES = (
    "float64",
    "float16",
    "int32",
    "int64",
    "uint8",
    "bool",
    "list",
    "nested list",
    "string",
    "object",
    "complex",
    "fortran",
    "rank 1",
    "rank 0",
    "series",
)


@about("Model.fit", "Model.predict", dtype=DTYPES)
def kinds_of_arrays(keras, record, dtype):
    """Arrays of other dtypes and layouts, and lists, fed to a model of float32."""
    base = (np.arange(12).reshape(4, 3) % 5).astype("float32")
    y = record.array(4, 1)
    forms = {
        "list": base.tolist(),
        "nested list": [[list(map(float, row))] for row in base],
        "string": base.astype(str),
        "object": base.astype(object),
        "complex": base.astype("complex64"),
        "fortran": np.asfortranarray(base),
        "rank 1": base[:, 0],
        "rank 0": np.float32(1.0),
    }
    if dtype == "series":
        x = record.library("pandas").DataFrame(base, columns=["a", "b", "c"])
    else:
        x = forms[dtype] if dtype in forms else base.astype(dtype)
    model = record.regression(keras, **record.eager())
    record.fit(model, x, y)
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    record.run("call", "value", lambda: record.engine.evaluate(model, x))


@about(
    "Model.fit",
    "Model.compile",
    labels=(
        "rank 1",
        "column",
        "integers",
        "bools",
        "list",
        "strings",
        "one hot integers",
        "float64",
        "rank 3",
    ),
)
def kinds_of_labels(keras, record, labels):
    """Labels of other shapes and dtypes than the outputs."""
    x = record.array(4, 3)
    y = (np.arange(4) % 2).astype("float32")
    forms = {
        "rank 1": y,
        "column": y.reshape(4, 1),
        "integers": y.astype("int64"),
        "bools": y > 0,
        "list": y.tolist(),
        "strings": np.array(["a", "b", "a", "b"]),
        "one hot integers": np.eye(2, dtype="int32")[y.astype(int)],
        "float64": y.astype("float64"),
        "rank 3": y.reshape(4, 1, 1),
    }
    for loss in ("binary_crossentropy", "mean_squared_error"):
        model = record.classifier(
            keras, classes=1, activation="sigmoid", loss=loss, metrics=["accuracy"], **record.eager()
        )
        record.run(loss, "value", lambda m=model: m.train_on_batch(x, forms[labels]))


@about(
    "Model.fit", "Input", "layers.Embedding", kind=("ragged", "sparse", "ragged rnn", "sparse dense", "scipy")
)
def ragged_and_sparse(keras, record, kind):
    """Ragged and sparse tensors as inputs of a model."""
    L = keras.layers
    if kind == "scipy":
        x = record.library("scipy.sparse").csr_matrix(np.eye(4, 3, dtype="float32"))
        model = record.regression(keras, **record.eager())
        record.fit(model, x, record.array(4, 1))
        record.run("predict", "value", lambda: model.predict(x, verbose=0))
        return
    tf = record.tensorflow()
    if kind.startswith("ragged"):
        x = tf.ragged.constant([[1, 2], [3], [1, 2, 3]])
        inputs = record.run(
            "Input", "structure", lambda: L.Input((None,), ragged=True, dtype="int32"), False, True
        )
        hidden = L.Embedding(5, 3, name="e")(inputs)
        outputs = (
            L.LSTM(2, name="l")(hidden)
            if kind == "ragged rnn"
            else L.GlobalAveragePooling1D(name="g")(hidden)
        )
    else:
        x = tf.sparse.from_dense(np.eye(3, 4, dtype="float32"))
        inputs = record.run("Input", "structure", lambda: L.Input((4,), sparse=True), False, True)
        outputs = L.Dense(2, name="d")(inputs)
    model = record.give_weights(keras.models.Model(inputs, outputs))
    record.run("call", "value", lambda: record.engine.evaluate(model, x))
    record.run("predict", "value", lambda: model.predict(x, verbose=0))


@about("Model.fit", "Input", shape=("unknown length", "changing batch", "fixed batch", "scalar", "images"))
def shapes_of_batches(keras, record, shape):
    """Inputs of unknown length, of a fixed batch size, and batches that do not keep to it."""
    L = keras.layers
    if shape == "unknown length":
        inputs = L.Input((None, 2), name="x")
        model = keras.models.Model(inputs, L.GlobalMaxPooling1D(name="g")(inputs))
        feeds = [record.array(2, 3, 2), record.array(2, 5, 2)]
    elif shape == "images":
        inputs = L.Input((None, None, 1), name="x")
        model = keras.models.Model(
            inputs, L.GlobalAveragePooling2D(name="g")(L.Conv2D(1, 2, name="c")(inputs))
        )
        feeds = [record.array(1, 3, 3, 1), record.array(1, 4, 5, 1)]
    elif shape == "scalar":
        inputs = L.Input((), name="x")
        model = record.run("make", "structure", lambda: keras.models.Model(inputs, inputs * 2.0), False, True)
        feeds = [record.array(3), record.array(3, 1)]
    else:
        fixed = {"batch_shape": (2, 3)} if shape == "fixed batch" else {"shape": (3,)}
        inputs = L.Input(name="x", **fixed)
        model = keras.models.Model(inputs, L.Dense(1, name="d")(inputs))
        feeds = [record.array(2, 3), record.array(5, 3)]
    record.give_weights(model)
    for place, feed in enumerate(feeds):
        record.run("predict %d" % place, "value", lambda f=feed: model.predict(f, batch_size=2, verbose=0))
        record.run("call %d" % place, "value", lambda f=feed: record.engine.evaluate(model, f))


@about(
    "Model.fit",
    "Model.predict",
    value=(
        "batch_size 0",
        "batch_size None",
        "batch_size large",
        "batch_size float",
        "epochs 0",
        "epochs float",
        "verbose auto",
        "shuffle batch",
        "steps 0",
    ),
)
def odd_arguments(keras, record, value):
    """Batch sizes, epochs and flags at the edge of what makes sense."""
    options = {
        "batch_size 0": {"batch_size": 0},
        "batch_size None": {"batch_size": None},
        "batch_size large": {"batch_size": 100},
        "batch_size float": {"batch_size": 2.0},
        "epochs 0": {"epochs": 0},
        "epochs float": {"epochs": 2.0},
        "verbose auto": {"verbose": 0, "callbacks": None},
        "shuffle batch": {"shuffle": "batch", "batch_size": 6},
        "steps 0": {"steps_per_epoch": 0},
    }[value]
    model = record.regression(keras, **record.eager())
    record.fit(model, record.array(6, 3), record.array(6, 1), **options)
    sizes = {k: v for k, v in options.items() if k == "batch_size"}
    record.run("predict", "value", lambda: model.predict(record.array(6, 3), verbose=0, **sizes))


@about(
    "utils.to_categorical",
    "utils.normalize",
    "utils.split_dataset",
    "utils.pad_sequences",
    call=("labels", "classes", "dtype", "column", "empty", "floats", "negative", "too few classes", "rank 2"),
)
def categorical_labels(keras, record, call):
    """One-hot labels of `to_categorical` and their dtype, for every kind of labels."""
    function = record.symbol("utils.to_categorical")
    ways = {
        "labels": lambda: function([0, 2, 1]),
        "classes": lambda: function(np.array([0, 2, 1]), 4),
        "dtype": lambda: function([0, 1], dtype="int32"),
        "column": lambda: function(np.array([[0], [1]])),
        "empty": lambda: function(np.zeros((0,), "int32"), 3),
        "floats": lambda: function(np.array([0.0, 1.5])),
        "negative": lambda: function([-1, 0], 2),
        "too few classes": lambda: function([0, 3], 2),
        "rank 2": lambda: function(np.array([[0, 1], [1, 0]])),
    }
    made = record.run("call", "value", ways[call], False)
    if made is not None:
        record.run("value", "value", lambda: np.array(made))
        record.note("type", "structure", type(made).__name__)
