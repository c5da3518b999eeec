"""Scenarios of models: what a model is made of, and how it is taken apart, switched, copied and described."""

import numpy as np

from .scenario import about, shape_of, summary_table


def facts(model):
    """What a model says of its make-up."""
    return {
        "layers": [[each.name, type(each).__name__] for each in model.layers],
        "weights": [[variable(w), shape_of(w.shape)] for w in model.weights],
        "trainable": [variable(w) for w in model.trainable_weights],
        "parameters": int(model.count_params()),
    }


def variable(weight):
    """The last part of a weight's name."""
    return str(weight.name).split(":")[0].rsplit("/", 1)[-1]


def describe(record, model, name="model"):
    """Record what a model says of its make-up."""
    told = record.run(name, "names and order", lambda: facts(model))
    record.run(
        name + " shapes", "structure", lambda: [shape_of(model.input_shape), shape_of(model.output_shape)]
    )
    return told


@about(
    "Model",
    "Model.layers",
    "Model.weights",
    "models.Model",
    kind=("chain", "two in two out", "shared", "nested", "skip", "dict", "called twice"),
)
def functional_models(keras, record, kind):
    """What functional models of every form hold, in which order, and what they compute."""
    L, Model = keras.layers, keras.models.Model
    x = L.Input((3,), name="x")
    data = record.array(2, 3)
    if kind == "chain":
        model = Model(x, L.Dense(2, name="b")(L.Dense(4, name="a")(x)), name="m")
    elif kind == "two in two out":
        model, data = record.two_headed(keras), [data, record.array(2, 2)]
    elif kind == "shared":
        dense = L.Dense(3, name="s")
        model = Model(x, L.Add(name="sum")([dense(x), dense(dense(x))]), name="m")
    elif kind == "nested":
        y = L.Input((3,), name="y")
        inner = Model(y, L.Dense(3, name="i")(y), name="inner")
        model = Model(x, L.Dense(1, name="o")(inner(inner(x))), name="m")
    elif kind == "skip":
        model = Model(
            x,
            L.Concatenate(name="c")([x, L.Activation("relu", name="r")(x), L.Dense(2, name="d")(x)]),
            name="m",
        )
    elif kind == "dict":
        a, b = L.Input((3,), name="a"), L.Input((2,), name="b")
        out = {"p": L.Dense(1, name="d")(a), "q": L.Dense(2, name="e")(b)}
        model = record.run("build", "structure", lambda: Model({"b": b, "a": a}, out, name="m"), False, True)
        data = {"a": data, "b": record.array(2, 2)}
    else:
        y = L.Input((3,), name="y")
        inner = Model(y, L.Dense(3, name="i")(y), name="inner")
        outer = L.Dense(1, name="o")(inner(x))
        model = Model([x, y], [outer, inner.output], name="m")
        data = [data, record.array(2, 3)]
    record.give_weights(model)
    describe(record, model)
    record.run("outputs", "value", lambda: record.call(model, data))
    record.run("predict", "value", lambda: model.predict(data, verbose=0))


@about(
    "Sequential",
    "Sequential.add",
    "Sequential.pop",
    "Sequential.build",
    how=(
        "Input",
        "InputLayer",
        "input_shape",
        "deferred",
        "built",
        "called",
        "batch_input_shape",
        "empty",
        "input_dim",
    ),
)
def sequential_models(keras, record, how):
    """Sequential models with their input given in every way, or later, or never."""
    L = keras.layers
    first = {
        "input_shape": {"input_shape": (3,)},
        "batch_input_shape": {"batch_input_shape": (2, 3)},
        "input_dim": {"input_dim": 3},
    }
    model = keras.models.Sequential(name="m")
    if how == "Input":
        model.add(L.Input((3,), name="x"))
    if how == "InputLayer":
        record.run(
            "input layer",
            "structure",
            lambda: model.add(L.InputLayer(input_shape=(3,), name="x")),
            False,
            True,
        )
    if how != "empty":
        record.run(
            "first", "structure", lambda: model.add(L.Dense(4, name="a", **first.get(how, {}))), False, True
        )
        model.add(L.Dense(2, name="b"))
    if how == "built":
        model.build((None, 3))
    if how == "called":
        record.call(model, record.array(2, 3))
    record.note("built", "structure", bool(model.built))
    describe(record, model)
    record.run("config", "config", lambda: model.get_config())
    record.run("inputs", "structure", lambda: [shape_of(t.shape) for t in model.inputs])
    record.run(
        "pop", "names and order", lambda: model.pop(), lambda unused: [each.name for each in model.layers]
    )
    record.run("shape after pop", "structure", lambda: shape_of(model.output_shape))


@about(
    "Sequential",
    "Sequential.add",
    wrong=("twice the same", "not a layer", "class", "two outputs", "model", "same names", "function"),
)
def sequential_mistakes(keras, record, wrong):
    """What a Sequential model refuses."""
    L = keras.layers
    dense = L.Dense(3, name="d")
    x = L.Input((3,))
    two = keras.models.Model(x, [L.Dense(1)(x), L.Dense(2)(x)])
    stacks = {
        "twice the same": lambda: [dense, dense],
        "not a layer": lambda: [dense, 5],
        "class": lambda: [L.Dense],
        "two outputs": lambda: [two, L.Dense(1)],
        "model": lambda: [
            keras.models.Sequential([L.Dense(2, name="i")], name="inner"),
            L.Dense(1, name="o"),
        ],
        "same names": lambda: [L.Dense(2, name="d"), L.Dense(2, name="d")],
        "function": lambda: [lambda t: t],
    }
    model = record.run("make", "structure", lambda: keras.models.Sequential(stacks[wrong]()), False, True)
    record.run("build", "structure", lambda: model.build((None, 3)), False)
    record.run("layers", "names and order", lambda: [type(each).__name__ for each in model.layers])


WRONG = (
    "disconnected",
    "eager tensor",
    "no outputs",
    "duplicate names",
    "input not Input",
    "list in list",
    "unused input",
)


@about("Model", "models.Model", wrong=WRONG)
def functional_mistakes(keras, record, wrong):
    """Graphs that are no models, or nearly none."""
    L, Model = keras.layers, keras.models.Model
    x, z = L.Input((3,), name="x"), L.Input((3,), name="z")
    y = L.Dense(2, name="d")(x)
    makers = {
        "disconnected": lambda: Model(z, y),
        "eager tensor": lambda: Model(x, record.engine.tensor(np.ones((2, 3), "float32"))),
        "no outputs": lambda: Model(x, []),
        "duplicate names": lambda: Model(x, L.Dense(1, name="d")(y)),
        "input not Input": lambda: Model(y, L.Dense(1, name="e")(y)),
        "list in list": lambda: Model([[x], z], [[y], z]),
        "unused input": lambda: Model([x, z], y),
    }
    model = record.run("make", "structure", makers[wrong], False, True)
    describe(record, model)
    record.run(
        "call",
        "value",
        lambda: record.call(model, record.array(2, 2 if "not" in wrong else 3)),
    )


def switched(model, layer=None):
    """Which weights are trainable now, by name and shape."""
    return [[variable(w), shape_of(w.shape)] for w in (layer or model).trainable_weights]


@about(
    "models.Model.get_weights",
    "Model.weights",
    "Layer.trainable",
    frozen=("inner layer", "inner model", "outer layer", "first", "none"),
)
def order_of_weights(keras, record, frozen):
    """The order of weights of nested models with something frozen."""
    L, Model = keras.layers, keras.models.Model
    y = L.Input((4,), name="y")
    first = L.Dense(2, name="a")
    inner = Model(y, L.BatchNormalization(name="n")(L.Dense(3, name="b")(first(y))), name="inner")
    x = L.Input((4,), name="x")
    outer = L.Dense(5, name="o")
    model = Model(x, L.Dense(1, name="last")(outer(inner(x))), name="m")
    targets = {"inner layer": first, "inner model": inner, "outer layer": outer, "first": model}
    if frozen in targets:
        targets[frozen].trainable = False
    record.run("get_weights", "names and order", lambda: [list(w.shape) for w in model.get_weights()])
    record.run("inner get_weights", "names and order", lambda: [list(w.shape) for w in inner.get_weights()])
    record.run("weights", "names and order", lambda: [variable(w) for w in model.weights])
    record.run("trainable", "names and order", lambda: switched(model))
    record.run("non trainable", "names and order", lambda: [variable(w) for w in model.non_trainable_weights])
    record.run(
        "flags",
        "structure",
        lambda: [bool(each.trainable) for each in list(model.layers) + list(inner.layers)],
    )
    record.run("variables", "structure", lambda: [len(model.variables), len(model.trainable_variables)])


@about(
    "Model.get_weights",
    "Layer.trainable",
    "models.Model.get_weights",
    when=("before", "constructor", "after"),
)
def frozen_layer_moves(keras, record, when):
    """A layer frozen at construction, before it is built, or after, in a nested model."""
    L, Model = keras.layers, keras.models.Model
    i = L.Input((4,))
    dense = L.Dense(2, **({"trainable": False} if when == "constructor" else {}))
    if when == "before":
        dense.trainable = False
    first = Model(i, L.Dense(3)(dense(i)))
    x = L.Input((4,))
    model = Model(x, first(x))
    if when == "after":
        dense.trainable = False
    record.run("shapes", "names and order", lambda: [list(w.shape) for w in model.get_weights()])
    record.run("inner shapes", "names and order", lambda: [list(w.shape) for w in first.get_weights()])


@about(
    "Model.set_weights",
    "Layer.set_weights",
    wrong=("too few", "too many", "shape", "lists", "float64", "integers", "empty", "none", "array"),
)
def wrong_weights(keras, record, wrong):
    """`set_weights` with too few, too many, or other values than it expects."""
    model = record.regression(keras, compiled=False)
    right = model.get_weights()
    given = {
        "too few": right[:-1],
        "too many": right + right[:1],
        "shape": [w.T for w in right],
        "lists": [w.tolist() for w in right],
        "float64": [w.astype("float64") * 2 for w in right],
        "integers": [np.ones(w.shape, "int64") for w in right],
        "empty": [],
        "none": None,
        "array": np.array(3.0),
    }[wrong]
    record.run("set_weights", "value", lambda: model.set_weights(given), False)
    record.weights(model)


@about(
    "Model.summary",
    options=(
        {},
        {"line_length": 100},
        {"positions": [0.3, 0.6, 0.8, 1.0]},
        {"expand_nested": True},
        {"show_trainable": True},
        {"layer_range": ["a", "inner"]},
        {"show_shapes": True},
    ),
    kind=("nested", "two"),
)
def summary(keras, record, options, kind):
    """The table that `summary` prints, parsed."""
    L = keras.layers
    if kind == "two":
        model = record.two_headed(keras)
    else:
        inner = keras.models.Sequential([L.Dense(2, name="i"), L.BatchNormalization(name="n")], name="inner")
        x = L.Input((3,), name="x")
        model = keras.models.Model(x, inner(L.Dense(4, name="a", trainable=False)(x)), name="m")
    record.run("table", "names and order", lambda: summary_table(model, **options))


@about("Model.summary", state=("unbuilt sequential", "unbuilt subclass", "built subclass", "multi"))
def summary_of_others(keras, record, state):
    """`summary` of models that are not built, or are subclassed."""
    L = keras.layers

    class Mine(keras.models.Model):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            self.dense = L.Dense(2, name="d")

        def call(self, inputs):
            return self.dense(inputs)

    if state == "unbuilt sequential":
        model = keras.models.Sequential([L.Dense(2, name="d")], name="m")
    elif state == "multi":
        x = L.Input((3,), name="x")
        model = keras.models.Model(
            x, L.MultiHeadAttention(2, 2, name="a")(L.Reshape((3, 1))(x), L.Reshape((3, 1))(x)), name="m"
        )
    else:
        model = Mine()
        if state == "built subclass":
            record.call(model, record.array(2, 3))
    record.run("table", "names and order", lambda: summary_table(model))


@about(
    "Model.get_layer",
    "Layer.get_weights",
    how=("name", "index", "negative", "missing name", "beyond", "neither", "both", "inner"),
)
def get_layer(keras, record, how):
    """`get_layer` by name and index, right and wrong."""
    model = record.regression(keras, compiled=False)
    ways = {
        "name": {"name": "hidden"},
        "index": {"index": 1},
        "negative": {"index": -1},
        "missing name": {"name": "nope"},
        "beyond": {"index": 9},
        "neither": {},
        "both": {"name": "hidden", "index": 2},
        "inner": {"name": "x"},
    }
    record.run("get_layer", "names and order", lambda: model.get_layer(**ways[how]).name)


@about("models.clone_model", kind=("functional", "sequential", "nested", "shared", "subclassed", "dict"))
def clone_model(keras, record, kind):
    """A clone has the same names and fresh weights; with a function it has other layers."""
    L, Model = keras.layers, keras.models.Model
    x = L.Input((3,), name="x")
    if kind == "functional":
        model = record.two_headed(keras)
    elif kind == "sequential":
        model = keras.models.Sequential(
            [L.InputLayer((3,), name="x"), L.Dense(2, name="a"), L.Dense(1, name="b")], name="m"
        )
    elif kind == "nested":
        inner = keras.models.Sequential([L.InputLayer((3,), name="y"), L.Dense(2, name="i")], name="inner")
        model = Model(x, L.Dense(1, name="o")(inner(x)), name="m")
    elif kind == "shared":
        dense = L.Dense(3, name="s")
        model = Model(x, dense(dense(x)), name="m")
    elif kind == "dict":
        model = record.run(
            "build",
            "structure",
            lambda: Model({"x": x}, {"y": L.Dense(1, name="d")(x)}, name="m"),
            False,
            True,
        )
    else:

        class Mine(keras.models.Model):
            def call(self, inputs):
                return inputs

        model = Mine()
    clone = record.run("clone", "structure", lambda: keras.models.clone_model(model), False, True)
    describe(record, clone, "clone")
    record.run("shares", "structure", lambda: any(a is b for a, b in zip(clone.layers, model.layers)))

    def wider(layer):
        if type(layer).__name__ == "Dense":
            return L.Dense(layer.units + 1, name=layer.name + "_wide")
        return type(layer).from_config(layer.get_config())

    other = record.run(
        "clone with function",
        "structure",
        lambda: keras.models.clone_model(model, clone_function=wider),
        False,
    )
    if other is not None:
        describe(record, other, "wide")
    record.run(
        "clone on tensors",
        "structure",
        lambda: shape_of(keras.models.clone_model(model, input_tensors=L.Input((3,), name="t")).output_shape),
    )


@about(
    "Model.compute_output_shape",
    "Layer.compute_output_shape",
    form=("tuple", "list", "many", "dict", "unknown", "wrong"),
)
def output_shapes(keras, record, form):
    """`compute_output_shape` of models for every form of the input's shape."""
    model = record.regression(keras, compiled=False)
    shape = {"tuple": (5, 3), "list": [5, 3], "unknown": (None, 3), "wrong": (5, 4)}.get(form)
    if form == "many":
        model, shape = record.two_headed(keras), [(5, 3), (5, 2)]
    if form == "dict":
        x = keras.layers.Input((3,), name="x")
        model = record.run(
            "build",
            "structure",
            lambda: keras.models.Model({"x": x}, {"y": keras.layers.Dense(1)(x)}),
            False,
            True,
        )
        shape = {"x": (5, 3)}
    found = record.run("shape", "structure", lambda: model.compute_output_shape(shape), shape_of)
    record.note("type", "structure", type(found).__name__)


OPERATORS = (
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "neg",
    "abs",
    "matmul",
    "getitem",
    "ellipsis",
    "newaxis",
    "mask",
    "compare",
    "equal",
    "bool",
    "len",
    "iter",
    "numpy",
    "T",
    "int",
    "invert",
    "and",
)


@about("Model.layers", "KerasTensor", "layers.TFOpLambda", "layers.SlicingOpLambda", operator=OPERATORS)
def operators_on_symbolic_tensors(keras, record, operator):
    """Python operators on symbolic tensors: the layers they leave in the model, and the values."""
    x = keras.layers.Input((3,), name="x")
    other = keras.layers.Dense(3, name="d", kernel_initializer="ones")(x)
    ways = {
        "add": lambda: x + other,
        "radd": lambda: 1.0 + x,
        "sub": lambda: x - 2.0,
        "rsub": lambda: 2.0 - x,
        "mul": lambda: x * other,
        "truediv": lambda: x / 2.0,
        "floordiv": lambda: x // 2.0,
        "mod": lambda: x % 2.0,
        "pow": lambda: x**2,
        "neg": lambda: -x,
        "abs": lambda: abs(x),
        "matmul": lambda: x @ np.ones((3, 2), "float32"),
        "getitem": lambda: x[:, 1:],
        "ellipsis": lambda: x[..., 0],
        "newaxis": lambda: x[:, None],
        "mask": lambda: x[:, ::-1],
        "compare": lambda: x > 0.0,
        "equal": lambda: x == other,
        "bool": lambda: x if x else other,
        "len": lambda: x * float(len(x)),
        "iter": lambda: next(iter(x)),
        "numpy": lambda: np.exp(x),
        "T": lambda: x.T,
        "int": lambda: x * 2,
        "invert": lambda: ~(x > 0.0),
        "and": lambda: (x > 0.0) & (x < 1.0),
    }
    made = record.run("apply", "structure", ways[operator], False, True)
    model = record.run("model", "structure", lambda: keras.models.Model(x, made), False, True)
    record.run("layers", "names and order", lambda: [type(each).__name__ for each in model.layers])
    record.run("names", "names and order", lambda: [each.name for each in model.layers])
    record.run("outputs", "value", lambda: record.call(model, record.array(2, 3)))
    record.run("shape", "structure", lambda: shape_of(model.output_shape))
    record.run("config", "config", lambda: len(model.get_config()["layers"]))


TF_OPS = (
    "square",
    "concat",
    "reduce_mean",
    "matmul",
    "cast",
    "shape",
    "reshape",
    "nn.relu",
    "where",
    "stack",
    "split",
    "math.add",
    "one_hot",
    "convert_to_tensor",
    "function",
)


@about("KerasTensor", "Model", "Model.layers", op=TF_OPS)
def tf_ops_on_symbolic_tensors(keras, record, op):
    """Functions of TensorFlow called on symbolic tensors of a functional model."""
    tf = record.tensorflow()
    x = keras.layers.Input((3,), name="x")
    ways = {
        "square": lambda: tf.square(x),
        "concat": lambda: tf.concat([x, x], axis=-1),
        "reduce_mean": lambda: tf.reduce_mean(x, axis=-1, keepdims=True),
        "matmul": lambda: tf.matmul(x, tf.ones((3, 2))),
        "cast": lambda: tf.cast(x, "float64"),
        "shape": lambda: x * tf.cast(tf.shape(x)[0], "float32"),
        "reshape": lambda: tf.reshape(x, (-1, 3, 1)),
        "nn.relu": lambda: tf.nn.relu(x),
        "where": lambda: tf.where(x > 0.0, x, tf.zeros_like(x)),
        "stack": lambda: tf.stack([x, x], axis=1),
        "split": lambda: tf.split(x, 3, axis=1)[0],
        "math.add": lambda: tf.math.add(x, 1.0),
        "one_hot": lambda: tf.one_hot(tf.cast(x, "int32"), 2),
        "convert_to_tensor": lambda: tf.convert_to_tensor(x),
        "function": lambda: tf.function(lambda t: t * 2.0)(x),
    }
    made = record.run("apply", "structure", ways[op], False, True)
    model = record.run("model", "structure", lambda: keras.models.Model(x, made), False, True)
    record.run("layers", "names and order", lambda: [type(each).__name__ for each in model.layers])
    record.run("outputs", "value", lambda: record.call(model, record.array(2, 3)))


SYMBOLIC = (
    "shape",
    "dtype",
    "name",
    "rank",
    "get_shape",
    "_keras_history",
    "numpy",
    "ndim",
    "device",
    "graph",
    "op",
    "sparse",
    "ragged",
    "record_history",
    "type_spec",
)


@about("KerasTensor", "Input")
def symbolic_tensor_attributes(keras, record):
    """What programs ask of a symbolic tensor."""
    x = keras.layers.Input((3,), name="x")
    y = keras.layers.Dense(2, name="d")(x)

    def told(value, name):
        value = value() if callable(value) else value
        if name in ("shape", "get_shape"):
            return {"shape": shape_of(value), "type": type(value).__name__}
        if name == "_keras_history":
            return [value[0].name, value[1], value[2]]
        return (
            value
            if isinstance(value, (int, str, bool))
            else str(getattr(value, "name", type(value).__name__))
        )

    for name in SYMBOLIC:
        for whose, tensor in (("an input", x), ("an output", y)):
            record.run(
                "%s of %s" % (name, whose),
                "structure",
                lambda t=tensor, n=name: getattr(t, n),
                lambda value, n=name: told(value, n),
            )


ATTRIBUTES = (
    "run_eagerly",
    "metrics_names",
    "metrics",
    "input_spec",
    "stateful",
    "built",
    "dynamic",
    "losses",
    "updates",
    "inputs",
    "outputs",
    "input",
    "output",
    "input_shape",
    "output_shape",
    "input_names",
    "output_names",
    "optimizer",
    "loss",
    "loss_functions",
    "compiled_loss",
    "compiled_metrics",
    "stop_training",
    "state_updates",
    "history",
    "name",
    "dtype",
    "dtype_policy",
    "compute_dtype",
    "jit_compile",
    "steps_per_execution",
    "distribute_strategy",
    "submodules",
    "name_scope",
    "_is_graph_network",
    "submodules",
    "predict_function",
    "train_function",
    "total_loss",
    "targets",
    "sample_weights",
    "metrics_tensors",
    "variables",
    "supports_masking",
    "activity_regularizer",
    "path",
)


@about("Model", "Model.metrics_names", "Model.run_eagerly", "Model.losses", "Model.input_spec")
def model_attributes(keras, record):
    """What a model has as attributes, before `compile`, after it, and after a step."""
    model = record.regression(keras, compiled=False)

    def look(state):
        for name in ATTRIBUTES:
            show = shape_of if name in ("input_shape", "output_shape") else shown
            record.run("%s: %s" % (name, state), "structure", lambda n=name: getattr(model, n), show)

    look("uncompiled")
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error", metrics=["mae"])
    look("compiled")
    model.train_on_batch(record.array(2, 3), record.array(2, 1))
    look("trained")


def shown(value):
    """An attribute in a word or a list of words."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [
            v if isinstance(v, (str, int)) else str(getattr(v, "name", type(v).__name__)).split(":")[0]
            for v in value
        ]
    return type(value).__name__


COMPILE = (
    {"optimizer": "sgd", "loss": "mse"},
    {"loss": "mse"},
    {"optimizer": "adam"},
    {},
    {"optimizer": "nope", "loss": "mse"},
    {"optimizer": "sgd", "loss": "nope"},
    {"optimizer": "sgd", "loss": "mse", "metrics": ["nope"]},
    {"optimizer": "sgd", "loss": "mse", "metrics": "mae"},
    {"optimizer": "sgd", "loss": "mse", "run_eagerly": True},
    {"optimizer": "sgd", "loss": "mse", "jit_compile": False},
    {"optimizer": "sgd", "loss": "mse", "jit_compile": "auto"},
    {"optimizer": "sgd", "loss": "mse", "steps_per_execution": 2},
    {"optimizer": "sgd", "loss": "mse", "sample_weight_mode": "temporal"},
    {"optimizer": "sgd", "loss": "mse", "target_tensors": None},
    {"optimizer": "sgd", "loss": "mse", "auto_scale_loss": True},
    {"optimizer": "sgd", "loss": "mse", "experimental_run_tf_function": False},
    {"optimizer": "sgd", "loss": "mse", "pss_evaluation_shards": 0},
    {"optimizer": "sgd", "loss": "mse", "nonsense": 1},
    {"optimizer": "sgd", "loss": ["mse"]},
    {"optimizer": "sgd", "loss": ["mse", "mse"]},
    {"optimizer": "sgd", "loss": {"out": "mse"}},
    {"optimizer": "sgd", "loss": {"nope": "mse"}},
    {"optimizer": "sgd", "loss": None},
    {"optimizer": "sgd", "loss": "mse", "loss_weights": [0.5]},
    {"optimizer": "sgd", "loss": "mse", "loss_weights": 0.5},
    {"optimizer": "sgd", "loss": "mse", "loss_weights": {"out": 0.5}},
    {"optimizer": "sgd", "loss": "mse", "metrics": {"out": ["mae", "mse"]}},
    {"optimizer": "sgd", "loss": "mse", "metrics": [["mae"], ["mse"]]},
    {"optimizer": "sgd", "loss": "mse", "metrics": ["mae", "mae"]},
    {"optimizer": "sgd", "loss": "mse", "weighted_metrics": ["mae"], "metrics": ["mae"]},
)


@about("Model.compile", "Model.compile_loss_weights", "Model.metrics_names", options=COMPILE)
def compile_arguments(keras, record, options):
    """Arguments of `compile` and what one training step makes of them."""
    model = record.regression(keras, compiled=False)
    traced = {"run_eagerly", "jit_compile", "steps_per_execution"} & set(options)
    given = options if traced else dict(record.eager(), **options)
    record.run("compile", "structure", lambda: model.compile(**given), False, True)
    record.run("metrics_names", "names and order", lambda: list(model.metrics_names))
    record.step(model, record.array(2, 3), record.array(2, 1))
    record.run("metrics_names after", "names and order", lambda: list(model.metrics_names))
    record.run("optimizer", "config", lambda: [type(model.optimizer).__name__, model.optimizer.get_config()])
    record.run("compile config", "config", lambda: sorted(model.get_compile_config()))


@about(
    "Model.add_loss",
    "Layer.add_loss",
    "Model.losses",
    where=("symbolic", "function", "layer", "constant", "subclass"),
)
def add_loss(keras, record, where):
    """`add_loss` on a model with a symbolic tensor or a function, and inside a layer."""
    L = keras.layers

    class Penalty(L.Layer):
        def call(self, inputs):
            self.add_loss(
                0.1 * keras.backend.sum(inputs) if not record.has("ops.sum") else 0.1 * keras.ops.sum(inputs)
            )
            return inputs

    class Mine(keras.models.Model):
        def __init__(self):
            super(Mine, self).__init__()
            self.dense = L.Dense(1, name="d")

        def call(self, inputs):
            out = self.dense(inputs)
            self.add_loss(record.symbol("ops.sum")(out) if record.has("ops.sum") else keras.backend.sum(out))
            return out

    x = L.Input((3,), name="x")
    out = L.Dense(1, name="d", kernel_initializer="ones")(Penalty()(x) if where == "layer" else x)
    model = Mine() if where == "subclass" else keras.models.Model(x, out)
    if where == "symbolic":
        record.run("add_loss", "structure", lambda: model.add_loss(out), False, True)
    if where == "constant":
        record.run("add_loss", "structure", lambda: model.add_loss(0.5), False, True)
    if where == "function":
        record.run("add_loss", "structure", lambda: model.add_loss(lambda: 0.5), False, True)
    record.run("number", "structure", lambda: len(model.losses))
    record.run(
        "compile",
        "structure",
        lambda: model.compile(keras.optimizers.SGD(0.1), "mean_squared_error", **record.eager()),
        False,
        True,
    )
    if where == "subclass":
        record.call(model, record.array(2, 3))
        record.give_weights(model)
    record.step(model, record.array(2, 3), record.array(2, 1))
    record.run("number after", "structure", lambda: len(model.losses))
    record.run("without a loss", "structure", lambda: model.compile(keras.optimizers.SGD(0.1)), False)
    record.run("step on add_loss alone", "value", lambda: model.train_on_batch(record.array(2, 3)))


@about("Model.add_metric", "Layer.add_metric", where=("model", "layer", "in call"))
def add_metric(keras, record, where):
    """`add_metric` on a model, on a layer from outside, and inside `call`."""
    L = keras.layers

    class Watches(L.Layer):
        def call(self, inputs):
            self.add_metric(keras.backend.sum(inputs), name="total", aggregation="mean")
            return inputs

    x = L.Input((3,), name="x")
    out = record.run(
        "build",
        "structure",
        lambda: L.Dense(1, name="d", kernel_initializer="ones")(Watches()(x) if where == "in call" else x),
        False,
        True,
    )
    model = keras.models.Model(x, out)
    total = keras.backend.sum if not record.has("ops.sum") else keras.ops.sum
    if where == "model":
        record.run(
            "add",
            "structure",
            lambda: model.add_metric(total(out), name="own", aggregation="mean"),
            False,
            True,
        )
    if where == "layer":
        record.run(
            "add", "structure", lambda: model.layers[-1].add_metric(total(out), name="own"), False, True
        )
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    record.run("test", "value", lambda: model.test_on_batch(record.array(2, 3), record.array(2, 1)))
    record.run("names", "names and order", lambda: list(model.metrics_names))


@about(
    "Model.add_weight",
    "Model.__setattr__",
    "Model.layers",
    "Model.weights",
    holds=(
        "list",
        "dict",
        "tuple",
        "nested list",
        "variable",
        "add_weight",
        "property",
        "late",
        "None",
        "metric",
    ),
)
def subclassed_containers(keras, record, holds):
    """What a subclassed model keeps track of, held in every sort of container."""
    L = keras.layers

    class Mine(keras.models.Model):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            one, two = L.Dense(3, name="one"), L.Dense(3, name="two")
            if holds == "list":
                self.stack = [one, two]
            elif holds == "dict":
                self.stack = {"b": two, "a": one}
            elif holds == "tuple":
                self.stack = (one, two)
            elif holds == "nested list":
                self.stack = [[one], [two]]
            elif holds == "add_weight":
                self.own = self.add_weight(shape=(3,), initializer="ones", name="own")
            elif holds == "variable":
                self.own = record.symbol("Variable" if record.has("Variable") else "backend.variable")(
                    np.ones(3, "float32")
                )
            elif holds == "metric":
                self.own = keras.metrics.Mean(name="own")
            elif holds == "late":
                self.stack = []
            self.last = L.Dense(1, name="last")

        def call(self, inputs):
            flat = list(self.stack.values()) if holds == "dict" else getattr(self, "stack", [])
            for layer in flat:
                inputs = layer[0](inputs) if isinstance(layer, (list, tuple)) else layer(inputs)
            return self.last(inputs)

    model = record.run("make", "structure", Mine, False, True)
    if holds == "late":
        model.stack.append(L.Dense(3, name="late"))
    if holds == "None":
        model.nothing = None
    record.run("call", "structure", lambda: record.call(model, record.array(2, 3)), False)
    record.run("layers", "names and order", lambda: [each.name for each in model.layers])
    record.run(
        "weights", "names and order", lambda: [[variable(w), shape_of(w.shape)] for w in model.weights]
    )
    record.run("parameters", "structure", lambda: int(model.count_params()))
    record.run("trainable", "names and order", lambda: switched(model))


@about(
    "Model.build",
    "Model",
    "Model.call",
    how=("called", "build", "fit", "predict", "nothing", "call only", "build list", "summary"),
)
def subclassed_building(keras, record, how):
    """When a subclassed model has weights: after a call, `build`, `fit`, or never."""
    L = keras.layers

    class Mine(keras.models.Model):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            self.dense = L.Dense(2, name="d")

        def call(self, inputs, training=None):
            return self.dense(inputs)

    model = Mine()
    ways = {
        "called": lambda: record.call(model, record.array(2, 3)),
        "build": lambda: model.build((None, 3)),
        "build list": lambda: model.build([None, 3]),
        "fit": lambda: [
            model.compile(keras.optimizers.SGD(0.0), "mean_squared_error"),
            model.fit(record.array(2, 3), record.array(2, 2), verbose=0),
        ],
        "predict": lambda: model.predict(record.array(2, 3), verbose=0),
        "nothing": lambda: None,
        "call only": lambda: record.engine.evaluate(model.call, record.array(2, 3)),
        "summary": lambda: summary_table(model),
    }
    record.run("way", "structure", ways[how], False)
    record.run("built", "structure", lambda: [bool(model.built), bool(model.dense.built)])
    record.run(
        "weights", "names and order", lambda: [[variable(w), shape_of(w.shape)] for w in model.weights]
    )
    record.run("full names", "names and order", lambda: [str(w.name) for w in model.weights])
    record.run("output_shape", "structure", lambda: shape_of(model.output_shape))
    record.run("inputs", "structure", lambda: [shape_of(t.shape) for t in model.inputs])
    record.run("input_spec", "structure", lambda: str(model.input_spec))
    record.run("count", "structure", lambda: int(model.count_params()))
    record.run("config", "config", lambda: model.get_config())


@about(
    "Model",
    "models.Model",
    kind=(
        "functional base",
        "forgot super",
        "wrong names",
        "call without training",
        "returns dict",
        "kwargs call",
    ),
)
def subclassed_forms(keras, record, kind):
    """Ways to write a subclassed model that work, or half work."""
    L, Model = keras.layers, keras.models.Model
    x = record.array(2, 3)
    if kind == "functional base":

        class Mine(Model):
            def __init__(self):
                inputs = L.Input((3,), name="x")
                super(Mine, self).__init__(inputs=inputs, outputs=L.Dense(1, name="d")(inputs), name="mine")

        model = record.run("make", "structure", Mine, False, True)
    elif kind == "forgot super":

        class Mine(Model):
            def __init__(self):
                self.dense = L.Dense(1)

        record.run("make", "structure", Mine, False, True)
        return
    elif kind == "wrong names":
        inputs = L.Input((3,), name="x")
        record.run("input=", "structure", lambda: Model(input=inputs, output=L.Dense(1)(inputs)), False)
        record.run("positional name", "structure", lambda: Model(inputs, L.Dense(1)(inputs), "third").name)
        record.run("unknown", "structure", lambda: Model(inputs, L.Dense(1)(inputs), nonsense=1).name)
        return
    else:

        class Mine(Model):
            def __init__(self):
                super(Mine, self).__init__(name="mine")
                self.dense = L.Dense(1, name="d")

            if kind == "kwargs call":

                def call(self, inputs, scale=1.0, **more):
                    return self.dense(inputs) * scale
            else:

                def call(self, inputs):
                    return {"y": self.dense(inputs)} if kind == "returns dict" else self.dense(inputs)

        model = record.run("make", "structure", Mine, False, True)
    record.run("call", "structure", lambda: record.call(model, x), False)
    record.give_weights(model)
    record.run("outputs", "value", lambda: record.call(model, x))
    record.run("training", "value", lambda: record.engine.evaluate(lambda t: model(t, training=True), x))
    record.run("scaled", "value", lambda: record.engine.evaluate(lambda t: model(t, scale=2.0), x))
    record.run("predict", "value", lambda: model.predict(x, verbose=0))
    record.run("layers", "names and order", lambda: [each.name for each in model.layers])


NAMES = ("a/b", "a.b", "a b", "a:0", "", "ä", "1", "_x", "a-b", 5, None)


@about("Layer.name", "layers.Layer.name", "Model", name=NAMES)
def names(keras, record, name):
    """Names of layers and models that hold slashes, dots, spaces, or are no strings."""
    L = keras.layers
    record.run("layer", "names and order", lambda: L.Dense(1, name=name).name)
    record.run("input", "names and order", lambda: L.Input((3,), name=name).name)
    x = L.Input((3,), name="x")
    record.run("model", "names and order", lambda: keras.models.Model(x, L.Dense(1)(x), name=name).name)
    record.run("sequential", "names and order", lambda: keras.models.Sequential([L.Dense(1)], name=name).name)

    def weights():
        layer = L.Dense(1, name=name)
        layer.build((None, 3))
        return [str(w.name) for w in layer.weights]

    record.run("weights", "names and order", weights)
    record.run("renamed", "names and order", lambda: rename(L.Dense(1, name="d"), name))


def rename(layer, name):
    """A layer whose private name is set, as programs do."""
    layer._name = name
    return layer.name


@about("Layer.name", "utils.clear_session", "backend.clear_session", "backend.get_uid")
def automatic_names(keras, record):
    """Names that layers and models get by themselves, before and after clearing the session."""
    L = keras.layers

    def named():
        x = L.Input((3,))
        layers = [
            L.Dense(1),
            L.Dense(1),
            L.Conv2D(1, 1),
            L.LSTM(1),
            L.BatchNormalization(),
            L.GlobalAveragePooling1D(),
        ]
        model = keras.models.Model(x, layers[0](x))
        others = [
            L.Bidirectional(L.GRU(1)),
            L.TimeDistributed(L.Dense(1)),
            keras.models.Sequential([L.Dense(1)]),
        ]
        return [x.name.split(":")[0]] + [each.name for each in layers + [model] + others]

    record.run("first", "names and order", named)
    record.run("second", "names and order", named)
    clear = record.symbol(
        "utils.clear_session" if record.has("utils.clear_session") else "backend.clear_session"
    )
    record.run("clear", "structure", clear, False)
    record.run("after clearing", "names and order", named)


@about("Layer.weights", "Variable.name", "Variable.path", "Model.weights")
def names_of_weights(keras, record):
    """Full names and paths of the weights of a nested model."""
    L = keras.layers
    inner = keras.models.Sequential([L.InputLayer((3,), name="y"), L.Dense(2, name="i")], name="inner")
    x = L.Input((3,), name="x")
    model = keras.models.Model(x, L.BatchNormalization(name="n")(inner(x)), name="m")
    record.run("names", "names and order", lambda: [str(w.name) for w in model.weights])
    record.run("paths", "names and order", lambda: [w.path for w in model.weights])
    record.run("types", "names and order", lambda: [type(w).__name__ for w in model.weights])
    record.run("optimizer variables", "names and order", lambda: optimizer_names(keras, record, model))


def optimizer_names(keras, record, model):
    """Names of an optimizer's variables after one step."""
    model.compile(keras.optimizers.Adam(0.1), "mean_squared_error")
    model.train_on_batch(record.array(2, 3), record.array(2, 2))
    variables = model.optimizer.variables
    return [str(v.name) for v in (variables() if callable(variables) else variables)]


@about("Model.reset_states", "layers.LSTM", "Model.reset_state", "Layer.stateful")
def stateful_model(keras, record):
    """A stateful recurrent model: state kept between calls of predict, and reset."""
    L = keras.layers
    x = L.Input(batch_shape=(2, 4, 3), name="x")
    model = record.give_weights(keras.models.Model(x, L.LSTM(2, stateful=True, name="l")(x)))
    data = record.array(2, 4, 3)
    record.run("first", "value", lambda: model.predict(data, batch_size=2, verbose=0))
    record.run("second", "value", lambda: model.predict(data, batch_size=2, verbose=0))
    record.run("reset_states", "structure", lambda: model.reset_states(), False)
    record.run("after reset_states", "value", lambda: model.predict(data, batch_size=2, verbose=0))
    for layer in model.layers:
        for name in ("reset_state", "reset_states"):
            if hasattr(layer, name) and getattr(layer, "stateful", False):
                record.run(name + " of the layer", "structure", getattr(layer, name), False)
    record.run("after resetting the layer", "value", lambda: model.predict(data, batch_size=2, verbose=0))
    record.run("other batch", "value", lambda: model.predict(record.array(3, 4, 3), batch_size=3, verbose=0))


@about(
    "Model.input",
    "Layer.input",
    "Layer.output",
    "Layer.get_input_at",
    "Layer.inbound_nodes",
    "Layer.get_output_shape_at",
)
def nodes_of_layers(keras, record):
    """Inputs, outputs and nodes of layers that were called once and twice."""
    L = keras.layers
    x, z = L.Input((3,), name="x"), L.Input((3,), name="z")
    once, twice = L.Dense(2, name="once"), L.Dense(2, name="twice")
    once(x), twice(x), twice(z)
    for layer in (once, twice):
        for name in ("input", "output", "input_shape", "output_shape"):
            show = (lambda v: shape_of(v)) if name.endswith("shape") else (lambda v: shape_of(v.shape))
            record.run(
                "%s.%s" % (layer.name, name), "structure", lambda each=layer, n=name: getattr(each, n), show
            )
        for name in ("get_input_at", "get_output_shape_at"):
            record.run(
                "%s.%s" % (layer.name, name),
                "structure",
                lambda each=layer, n=name: shape_of(
                    getattr(getattr(each, n)(0), "shape", getattr(each, n)(0))
                ),
            )
        for name in ("inbound_nodes", "_inbound_nodes", "outbound_nodes"):
            record.run(
                "%s.%s" % (layer.name, name), "structure", lambda each=layer, n=name: len(getattr(each, n))
            )
    record.run("unused layer", "structure", lambda: L.Dense(1, name="unused").input, False)
    features = record.run(
        "feature model",
        "structure",
        lambda: keras.models.Model(once.input, once.output),
        lambda m: shape_of(m.output_shape),
    )
    if features is not None:
        record.run("layers", "names and order", lambda: [each.name for each in features.layers])


@about("Sequential", "Model", "Model.output", "Sequential.outputs", "Model.inputs")
def feature_extraction(keras, record):
    """A model that returns the outputs of every layer of another one."""
    L = keras.layers
    base = keras.models.Sequential([L.InputLayer((3,), name="x"), L.Dense(4, name="a"), L.Dense(2, name="b")])
    record.give_weights(base)
    made = record.run(
        "by inputs",
        "structure",
        lambda: keras.models.Model(base.inputs, [each.output for each in base.layers]),
        False,
    )
    x = record.array(2, 3)
    if made is not None:
        record.run("features", "value", lambda: record.call(made, x))
    record.run(
        "by input",
        "structure",
        lambda: shape_of(keras.models.Model(base.input, base.get_layer("a").output).output_shape),
    )
    record.run("outputs", "structure", lambda: [shape_of(t.shape) for t in base.outputs])
    plain = keras.models.Sequential([L.Dense(4, name="c")])
    record.run("unbuilt inputs", "structure", lambda: plain.inputs, lambda v: None if v is None else len(v))
    record.run("unbuilt input", "structure", lambda: plain.input, False)
    record.call(plain, x)
    record.run("called inputs", "structure", lambda: [shape_of(t.shape) for t in plain.inputs])
    record.run("called output", "structure", lambda: shape_of(plain.output.shape))


@about(
    "utils.plot_model",
    "utils.model_to_dot",
    "utils.get_source_inputs",
    "utils.get_registered_name",
    function=(
        "plot_model",
        "model_to_dot",
        "get_source_inputs",
        "print_summary",
        "multi_gpu_model",
        "vis_utils",
        "layer_utils.count_params",
    ),
)
def utilities_on_models(keras, record, function):
    """Functions of `utils` that take a model."""
    model = record.regression(keras, compiled=False)
    found = record.symbol("utils." + function)
    ways = {
        "get_source_inputs": lambda: [shape_of(t.shape) for t in found(model.output)],
        "layer_utils.count_params": lambda: int(found(model.trainable_weights)),
        "vis_utils": lambda: sorted(n for n in dir(found) if "model" in n),
    }
    record.run("call", "structure", ways.get(function, lambda: type(found(model)).__name__))
