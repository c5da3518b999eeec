"""Scenarios of layers that users write: what `build` and `call` are given, what is tracked and refused."""

import inspect

import numpy as np

from .scenario import about, shape_of


def dtype_name(dtype):
    """A dtype's name, whatever object stands for it."""
    return str(getattr(dtype, "name", dtype)).replace("_ref", "").replace("torch.", "")


def apply(record, layer, *arrays):
    """The layer on arrays, as arrays."""
    return record.engine.evaluate(lambda fed: layer(*fed), list(arrays))


SHAPES = (
    "type",
    "as_list",
    "index",
    "last value",
    "len",
    "unpack",
    "slice",
    "rank",
    "num_elements",
    "compare",
    "str",
    "iterate",
    "add",
    "tuple",
    "dims",
    "is tuple",
    "assert",
)


@about("layers.Layer.build", "Layer.build", use=SHAPES)
def shape_given_to_build(keras, record, use):
    """What programs do with the shape that `build` is given."""
    seen = []
    ways = {
        "type": lambda s: type(s).__name__,
        "as_list": lambda s: s.as_list(),
        "index": lambda s: [s[0], s[-1]],
        "last value": lambda s: s[-1].value,
        "len": lambda s: len(s),
        "unpack": lambda s: list((lambda a, b: (a, b))(*s)),
        "slice": lambda s: [type(s[1:]).__name__, shape_of(s[1:])],
        "rank": lambda s: s.rank,
        "num_elements": lambda s: s[1:].num_elements(),
        "compare": lambda s: s == (2, 3),
        "str": lambda s: str(s),
        "iterate": lambda s: [type(d).__name__ for d in s],
        "add": lambda s: shape_of(s + (4,)),
        "tuple": lambda s: [d + 0 for d in tuple(s)[1:]],
        "dims": lambda s: len(s.dims),
        "is tuple": lambda s: isinstance(s, tuple),
        "assert": lambda s: s.assert_has_rank(2),
    }

    class Mine(keras.layers.Layer):
        def build(self, input_shape):
            seen.append(record.run("in build", "structure", lambda: ways[use](input_shape)))
            super(Mine, self).build(input_shape)

        def call(self, inputs):
            return inputs

    record.run("call", "structure", lambda: apply(record, Mine(), record.array(2, 3)), False)
    del seen[:]


@about(
    "layers.Layer.build",
    "Layer.build",
    "Layer.__call__",
    form=("list", "dict", "two arguments", "tuple", "keyword"),
)
def shapes_given_to_build(keras, record, form):
    """What `build` is given when the input is a list, a dict, or several arguments."""
    seen = []

    class Mine(keras.layers.Layer):
        def build(self, input_shape):
            seen.append([type(input_shape).__name__, shape_of(input_shape)])
            super(Mine, self).build(input_shape)

        def call(self, inputs, other=None):
            return inputs

    a, b = record.array(2, 3), record.array(2, 4)
    layer = Mine()
    ways = {
        "list": lambda f: layer([f[0], f[1]]),
        "tuple": lambda f: layer((f[0], f[1])),
        "dict": lambda f: layer({"a": f[0], "b": f[1]}),
        "two arguments": lambda f: layer(f[0], f[1]),
        "keyword": lambda f: layer(f[0], other=f[1]),
    }
    record.run("call", "structure", lambda: record.engine.evaluate(ways[form], [a, b]), False)
    record.note("seen", "structure", seen)


@about(
    "Layer.build", "Layer.__call__", arguments=("a, b", "a_shape, b_shape", "input_shape", "none", "kwargs")
)
def build_with_several_arguments(keras, record, arguments):
    """`build` written for a `call` with two tensors, in each way a guide shows."""
    seen = []

    class Mine(keras.layers.Layer):
        if arguments == "a, b":

            def build(self, a, b):
                seen.append([shape_of(a), shape_of(b)])
        elif arguments == "a_shape, b_shape":

            def build(self, a_shape, b_shape):
                seen.append([shape_of(a_shape), shape_of(b_shape)])
        elif arguments == "input_shape":

            def build(self, input_shape):
                seen.append(shape_of(input_shape))
        elif arguments == "none":

            def build(self):
                seen.append("nothing")
        else:

            def build(self, **shapes):
                seen.append(sorted(shapes))

        def call(self, a, b):
            return a + b

    layer = Mine()
    record.run("call", "value", lambda: apply(record, layer, record.array(2, 3), record.array(2, 3)))
    record.note("seen", "structure", seen)
    record.run("built", "structure", lambda: bool(layer.built))


CONDITIONS = (
    "if sum",
    "while",
    "for range tensor",
    "if training",
    "python if shape",
    "if none",
    "assert",
    "and",
    "early return",
    "list append",
)


@about("layers.Layer.call", "Layer.call", condition=CONDITIONS, where=("functional", "predict", "eager"))
def control_flow_in_call(keras, record, condition, where):
    """Python control flow on tensors inside `call`: in a functional graph, in predict, called directly."""
    if record.has("ops.sum"):
        total = keras.ops.sum
    elif record.has("backend.sum"):
        total = keras.backend.sum

    class Mine(keras.layers.Layer):
        def call(self, inputs, training=None):
            if condition == "if sum":
                if total(inputs) > 0:
                    return inputs * 2.0
                return inputs * 3.0
            if condition == "while":
                while total(inputs) < 10.0:
                    inputs = inputs + 1.0
                return inputs
            if condition == "for range tensor":
                for row in inputs:
                    inputs = inputs + row
                return inputs
            if condition == "if training":
                return inputs * 2.0 if training else inputs
            if condition == "python if shape":
                return inputs * 2.0 if inputs.shape[-1] == 3 else inputs
            if condition == "if none":
                return inputs if inputs is None else inputs + 1.0
            if condition == "assert":
                assert total(inputs) > -1e9
                return inputs
            if condition == "and":
                return inputs * 2.0 if total(inputs) > 0 and total(inputs) < 100 else inputs
            if condition == "early return":
                if total(inputs) > 0:
                    return inputs
                inputs = inputs * 2.0
                return inputs
            parts = []
            for k in range(2):
                parts.append(inputs * float(k))
            return parts[0] + parts[1]

        def compute_output_shape(self, input_shape):
            return input_shape

    x = record.array(2, 3, values="positive")
    layer = Mine(name="mine")
    if where == "eager":
        record.run("call", "value", lambda: apply(record, layer, x))
        return
    inputs = keras.layers.Input((3,), name="x")
    if where == "functional":
        model = record.run(
            "build", "structure", lambda: keras.models.Model(inputs, layer(inputs)), False, True
        )
        record.run("call", "value", lambda: record.call(model, x))
    else:
        model = keras.models.Sequential([layer])
        record.run("predict", "value", lambda: model.predict(x, verbose=0))


LATE = (
    "layer in call",
    "weight in call",
    "layer after build",
    "weight after build",
    "list after build",
    "layer in build",
    "variable in call",
    "metric in call",
)


@about(
    "layers.Layer.__setattr__",
    "Layer.__setattr__",
    "Layer.add_weight",
    when=LATE,
    where=("eager", "functional", "model"),
)
def state_created_late(keras, record, when, where):
    """Weights and layers made in `call`, or after the layer was built."""
    L = keras.layers
    base = keras.models.Model if where == "model" else L.Layer

    class Mine(base):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            self.inner = None
            self.parts = []

        if when == "layer in build":

            def build(self, input_shape):
                self.inner = L.Dense(2, name="inner", kernel_initializer="ones")
                super(Mine, self).build(input_shape)

        def call(self, inputs):
            if when == "layer in call" and self.inner is None:
                self.inner = L.Dense(2, name="inner", kernel_initializer="ones")
            if when == "weight in call" and self.inner is None:
                self.inner = self.add_weight(shape=(3,), initializer="ones", name="w")
                return inputs * self.inner
            if when == "variable in call" and self.inner is None:
                make = record.symbol("Variable" if record.has("Variable") else "backend.variable")
                self.inner = make(np.ones(3, "float32"))
                return inputs * self.inner
            if when == "metric in call" and self.inner is None:
                self.inner = keras.metrics.Mean(name="own")
                return inputs
            return self.inner(inputs) if callable(self.inner) and not when.startswith("metric") else inputs

    layer = record.run("make", "structure", Mine, False, True)
    x = record.array(2, 3)

    def call():
        if where == "functional":
            inputs = L.Input((3,))
            return record.call(keras.models.Model(inputs, layer(inputs)), x)
        return apply(record, layer, x)

    record.run("call", "value", call)
    if when.endswith("after build"):

        def late():
            if when == "layer after build":
                layer.inner = L.Dense(2, name="inner", kernel_initializer="ones")
            elif when == "list after build":
                layer.parts.append(L.Dense(2, name="inner"))
            else:
                layer.inner = layer.add_weight(shape=(3,), initializer="ones", name="w")

        record.run("late", "structure", late, False)
    record.run("call again", "value", call)
    record.run("weights", "names and order", lambda: [shape_of(w.shape) for w in layer.weights])
    record.run("trainable", "structure", lambda: len(layer.trainable_weights))


ARGUMENTS = (
    "number",
    "string",
    "bool",
    "None",
    "list of numbers",
    "array",
    "dict",
    "none keyword",
    "number keyword",
    "tuple of arrays",
    "tensor keyword",
)


@about("layers.Layer.__call__", "Layer.__call__", argument=ARGUMENTS, where=("eager", "functional"))
def arguments_of_call(keras, record, argument, where):
    """What may be passed to a layer's call beside its input, by position and by keyword."""

    class Mine(keras.layers.Layer):
        def call(self, inputs, extra=None):
            if isinstance(extra, (int, float)) and not isinstance(extra, bool):
                return inputs * extra
            return inputs

        def compute_output_shape(self, input_shape, extra=None):
            return input_shape

    values = {"number": 2.0, "string": "a", "bool": True, "None": None, "list of numbers": [1.0, 2.0]}
    values.update(
        {"array": np.ones((2, 3), "float32"), "dict": {"a": 1.0}, "none keyword": None, "number keyword": 3.0}
    )
    values["tuple of arrays"] = (np.ones((2, 3), "float32"),)
    values["tensor keyword"] = record.engine.tensor(np.ones((2, 3), "float32"))
    value = values[argument]
    layer = Mine(name="mine")

    def use(inputs):
        return layer(inputs, extra=value) if argument.endswith("keyword") else layer(inputs, value)

    if where == "eager":
        record.run("call", "value", lambda: record.engine.evaluate(use, record.array(2, 3)))
        return
    inputs = keras.layers.Input((3,), name="x")
    model = record.run("build", "structure", lambda: keras.models.Model(inputs, use(inputs)), False, True)
    record.run("call", "value", lambda: record.call(model, record.array(2, 3)))
    record.run("config", "config", lambda: [e.get("inbound_nodes") for e in model.get_config()["layers"]][-1])


FIRST = (
    "array",
    "list",
    "number",
    "nested lists",
    "float64 array",
    "integer array",
    "none",
    "string",
    "tuple",
    "nothing",
    "keyword",
    "bool array",
    "dict",
)


@about("Layer.__call__", "layers.Layer.__call__", "layers.Dense", argument=FIRST)
def first_argument_of_call(keras, record, argument):
    """Dense called on an array, a list, a number, integers, or nothing at all."""
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    x = np.arange(6).reshape(2, 3)
    given = {
        "array": x.astype("float32"),
        "list": [[1.0, 2.0, 3.0]],
        "number": 1.0,
        "nested lists": [[[1.0, 2.0], [3.0, 4.0]]],
        "float64 array": x.astype("float64"),
        "integer array": x,
        "none": None,
        "string": "text",
        "tuple": ((1.0, 2.0, 3.0),),
        "bool array": x > 2,
        "dict": {"x": x.astype("float32")},
    }
    ways = {"nothing": lambda: layer(), "keyword": lambda: layer(inputs=x.astype("float32"))}
    record.run("call", "value", ways.get(argument, lambda: layer(given.get(argument))))
    record.run("weights dtype", "structure", lambda: [dtype_name(w.dtype) for w in layer.weights])


ADD_WEIGHT = (
    {"name": "w", "shape": [2, 3]},
    {"name": "w", "shape": (2,), "initializer": "ones"},
    {"name": "w", "shape": (2,), "trainable": False},
    {"shape": (2,)},
    {"name": "w"},
    {"name": "w", "shape": ()},
    {"name": "w", "shape": 3},
    {"name": "w", "shape": [None, 2]},
    {"name": "w", "shape": (2,), "dtype": "float64"},
    {"name": "w", "shape": (2,), "dtype": "int32"},
    {"name": "w", "shape": (2,), "regularizer": "l2", "constraint": "non_neg"},
    {"name": "w", "shape": (2,), "aggregation": "mean"},
    {"name": "w", "shape": (2,), "synchronization": None},
    {"name": "w", "shape": (2,), "partitioner": None},
    {"name": "w", "shape": (2,), "use_resource": True},
    {"name": "w", "shape": (2,), "getter": None},
    {"name": "w", "shape": (2,), "collections": None},
    {"name": "w", "shape": (2,), "experimental_autocast": False},
    {"name": "w", "shape": (2,), "autocast": False},
    {"name": "a/b", "shape": (2,)},
    {"name": "w", "shape": (2,), "initializer": "nope"},
)


@about("Layer.add_weight", options=ADD_WEIGHT)
def add_weight_arguments(keras, record, options):
    """Arguments of `add_weight` and the weight they make."""

    class Mine(keras.layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(**options)
            self.built = True

        def call(self, inputs):
            return inputs

    layer = Mine(name="mine")
    record.run("build", "structure", lambda: layer.build((2, 3)), False, True)
    record.run(
        "weight",
        "names and order",
        lambda: [str(layer.w.name).split(":")[0], shape_of(layer.w.shape), bool(layer.w.trainable)],
    )
    record.run("dtype", "structure", lambda: dtype_name(layer.w.dtype))
    record.run("lists", "structure", lambda: [len(layer.trainable_weights), len(layer.non_trainable_weights)])
    record.run("shape", "structure", lambda: [list(v.shape) for v in layer.get_weights()])


@about(
    "Layer.add_weight",
    how=("name shape", "shape name", "shape only", "shape initializer", "name shape dtype"),
)
def add_weight_by_position(keras, record, how):
    """`add_weight` called with positional arguments, as in Keras 2 and as in Keras 3."""
    positions = {
        "name shape": ("w", (2,)),
        "shape name": ((2,), "w"),
        "shape only": ((2,),),
        "shape initializer": ((2,), "ones"),
        "name shape dtype": ("w", (2,), "float32"),
    }
    layer = keras.layers.Layer(name="mine")
    made = record.run("add", "structure", lambda: layer.add_weight(*positions[how]), False, True)
    record.run("weight", "names and order", lambda: [str(made.name).split(":")[0], shape_of(made.shape)])


@about(
    "Layer.add_weight",
    "Variable",
    how=(
        "multiply",
        "assign",
        "assign_add",
        "numpy",
        "value",
        "read_value",
        "eval",
        "handle",
        "index",
        "shape list",
        "math",
        "np.array",
        "convert",
        "trainable switch",
        "bool",
        "len",
        "float",
    ),
)
def using_a_weight(keras, record, how):
    """What programs do with a weight, inside `call` and outside."""

    layer = keras.layers.Layer(name="mine")
    w = layer.add_weight(name="w", shape=(2,), initializer="ones")

    def assign():
        w.assign(np.array([3.0, 4.0], "float32"))
        return layer.get_weights()

    def switch():
        w.trainable = False
        return [len(layer.trainable_weights), len(layer.non_trainable_weights)]

    ways = {
        "multiply": lambda: record.engine.evaluate(lambda f: w * f, np.ones(2, "float32")),
        "assign": assign,
        "assign_add": lambda: [w.assign_add(np.ones(2, "float32")) is not None, layer.get_weights()],
        "numpy": lambda: w.numpy(),
        "value": lambda: w.value(),
        "read_value": lambda: w.read_value(),
        "eval": lambda: w.eval(),
        "handle": lambda: w.handle is not None,
        "index": lambda: w[0],
        "shape list": lambda: w.shape.as_list(),
        "math": lambda: [-w, w + 1.0, 1.0 - w, w**2],
        "np.array": lambda: np.array(w),
        "convert": lambda: record.tensorflow().convert_to_tensor(w),
        "trainable switch": switch,
        "bool": lambda: bool(w[0] > 0),
        "len": lambda: len(w),
        "float": lambda: float(w[0]),
    }
    record.run(how, "value", ways[how])


TRACKED = (
    "attribute",
    "list",
    "tuple",
    "dict",
    "nested",
    "set",
    "deque",
    "private",
    "del",
    "replaced",
    "in list later",
    "frozen",
    "ordered dict",
)


@about("Layer.__setattr__", "Layer.weights", "Layer.trainable", "Layer._layers", kind=TRACKED)
def tracked_sublayers(keras, record, kind):
    """Which sublayers a layer keeps track of, by where they are held."""
    import collections

    L = keras.layers

    class Mine(L.Layer):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            a, b = L.Dense(2, name="a"), L.Dense(3, name="b")
            for each in (a, b):
                each.build((None, 2))
            holders = {
                "list": [a, b],
                "tuple": (a, b),
                "dict": {"b": b, "a": a},
                "nested": {"x": [a, (b,)]},
                "set": {a, b},
                "deque": collections.deque([a, b]),
                "ordered dict": collections.OrderedDict([("b", b), ("a", a)]),
                "in list later": [],
            }
            if kind in holders:
                self.held = holders[kind]
            elif kind == "private":
                self._a, self._b = a, b
            else:
                self.a, self.b = a, b
            if kind == "in list later":
                self.held.append(a)
                self.held += [b]
            if kind == "del":
                del self.a
            if kind == "replaced":
                self.a = 5
            if kind == "frozen":
                self.trainable = False
                self.b.trainable = True

        def call(self, inputs):
            return inputs

    layer = record.run("make", "structure", Mine, False, True)
    record.run(
        "weights",
        "names and order",
        lambda: (
            sorted(shape_of(w.shape) for w in layer.weights)
            if kind == "set"
            else [shape_of(w.shape) for w in layer.weights]
        ),
    )
    record.run("trainable", "names and order", lambda: len(layer.trainable_weights))
    record.run(
        "held type", "structure", lambda: type(layer.held).__name__ if hasattr(layer, "held") else None
    )
    record.run(
        "sublayers",
        "names and order",
        lambda: sorted(each.name for each in layer._flatten_layers(include_self=False)),
    )


@about(
    "Layer.get_config",
    "Layer.from_config",
    style=("none", "own", "own without super", "keras 2 kwargs", "auto"),
)
def config_of_custom_layer(keras, record, style):
    """The config of a layer of one's own, with and without a `get_config`."""
    L = keras.layers

    class Mine(L.Layer):
        def __init__(self, units=2, inner=None, **more):
            super(Mine, self).__init__(**more)
            self.units = units
            self.inner = inner

        if style == "own":

            def get_config(self):
                return dict(super(Mine, self).get_config(), units=self.units)

        if style == "own without super":

            def get_config(self):
                return {"units": self.units}

        def call(self, inputs):
            return inputs

    arguments = {"units": 5}
    if style == "auto":
        arguments["inner"] = L.Dense(1, name="d")
    if style == "keras 2 kwargs":
        arguments["dtype"] = "float64"
        arguments["trainable"] = False
    layer = record.run("make", "structure", lambda: Mine(name="mine", **arguments), False, True)
    config = record.run("config", "config", lambda: layer.get_config())
    again = record.run("from_config", "config", lambda: Mine.from_config(config), False)
    if again is not None:
        record.run(
            "again",
            "config",
            lambda: [
                again.units,
                again.name,
                bool(again.trainable),
                str(getattr(again, "compute_dtype", again.dtype)),
            ],
        )


KEYWORDS = (
    {"name": "n"},
    {"trainable": False},
    {"dtype": "float64"},
    {"dynamic": True},
    {"input_shape": [3]},
    {"batch_input_shape": [2, 3]},
    {"batch_size": 2},
    {"input_dim": 3},
    {"weights": None},
    {"activity_regularizer": "l2"},
    {"autocast": False},
    {"input_dtype": "float32"},
    {"nonsense": 1},
    {"implementation": 1},
)


@about("Layer", "layers.Layer", "layers.Dense", options=KEYWORDS, cls=("Layer", "Dense", "Activation"))
def keywords_every_layer_takes(keras, record, options, cls):
    """Keyword arguments that every layer takes, or took once."""
    required = {"Dense": {"units": 2}, "Activation": {"activation": "relu"}}.get(cls, {})
    layer = record.run(
        "make", "structure", lambda: getattr(keras.layers, cls)(**dict(required, **options)), False, True
    )
    record.run("config", "config", lambda: layer.get_config())
    record.run("attributes", "structure", lambda: [bool(layer.trainable), str(layer.dtype)])
    model = record.run("first in Sequential", "structure", lambda: keras.models.Sequential([layer]), False)
    if model is not None:
        record.run("built", "structure", lambda: [bool(model.built), shape_of(model.output_shape)])


ATTRIBUTES = (
    "dtype",
    "compute_dtype",
    "variable_dtype",
    "dtype_policy",
    "input_spec",
    "supports_masking",
    "stateful",
    "dynamic",
    "built",
    "losses",
    "updates",
    "metrics",
    "inbound_nodes",
    "outbound_nodes",
    "weights",
    "variables",
    "name_scope",
    "submodules",
    "activity_regularizer",
    "input_shape",
    "output_shape",
    "input",
    "output",
    "count_params",
    "non_trainable_variables",
    "autocast",
    "_dtype",
    "_obj_reference_counts",
    "path",
    "quantization_mode",
    "trainable_variables",
    "get_input_shape_at",
    "add_update",
    "apply",
    "get_updates_for",
    "get_losses_for",
    "add_variable",
    "set_dtype",
    "quantize",
    "stateless_call",
    "metrics_variables",
    "batch_size",
)


@about("Layer", "layers.Layer")
def layer_attributes(keras, record):
    """What a layer has as attributes, before and after it is built."""
    layer = keras.layers.Dense(2, name="d")

    def look(state):
        for name in ATTRIBUTES:
            record.run("%s: %s" % (name, state), "structure", lambda n=name: getattr(layer, n), shown)

    look("new")
    x = keras.layers.Input((3,), name="x")
    record.run("call", "structure", lambda: layer(x), False, True)
    look("built")


def shown(value):
    """An attribute in a word or a list of words."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [v if v is None or isinstance(v, (int, str)) else type(v).__name__ for v in value]
    if inspect.isroutine(value):
        return "a method"
    return [type(value).__name__, str(getattr(value, "name", ""))]


@about(
    "Layer.dtype",
    "Layer.__call__",
    "mixed_precision.Policy",
    policy=("mixed_float16", "float64", "float16", "bfloat16", "mixed_bfloat16"),
    given=("float32", "float64", "int32"),
)
def dtypes_of_custom_layer(keras, record, policy, given):
    """Which dtype `call` sees and weights have under a dtype or policy."""
    seen = []

    class Mine(keras.layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(name="w", shape=(3,), initializer="ones")
            self.built = True

        def call(self, inputs):
            seen.append(
                [
                    dtype_name(inputs.dtype),
                    dtype_name(self.w.dtype),
                ]
            )
            return inputs

    layer = record.run("make", "structure", lambda: Mine(dtype=policy, name="mine"), False, True)
    x = (np.arange(6) - 2).reshape(2, 3).astype(given)
    record.run("call", "value", lambda: apply(record, layer, x))
    record.note("seen", "structure", seen)
    record.run(
        "dtypes", "structure", lambda: [str(layer.dtype), str(layer.compute_dtype), str(layer.variable_dtype)]
    )


@about(
    "Layer.call",
    "Layer.__call__",
    signature=("training", "training default", "mask", "both", "kwargs", "none"),
    method=("fit", "predict", "call", "evaluate"),
)
def training_argument(keras, record, signature, method):
    """Which value of `training` and `mask` reaches a layer's `call`."""
    seen = []

    def show(value):
        seen.append(value if value is None or isinstance(value, bool) else "a tensor")

    L = keras.layers

    class Mine(L.Layer):
        if signature == "training":

            def call(self, inputs, training=None):
                show(training)
                return inputs
        elif signature == "training default":

            def call(self, inputs, training=False):
                show(training)
                return inputs
        elif signature == "mask":

            def call(self, inputs, mask=None):
                show(mask)
                return inputs
        elif signature == "both":

            def call(self, inputs, training=None, mask=None):
                show(training)
                show(mask)
                return inputs
        elif signature == "kwargs":

            def call(self, inputs, **more):
                seen.append(sorted(more))
                return inputs
        else:

            def call(self, inputs):
                seen.append("called")
                return inputs

    x = L.Input((4,), name="x", dtype="int32")
    embedded = L.Embedding(5, 3, mask_zero=True, name="e")(x)
    model = keras.models.Model(x, L.GlobalAveragePooling1D(name="g")(Mine(name="mine")(embedded)))
    model.compile(keras.optimizers.SGD(0.0), "mean_squared_error", **record.eager())
    del seen[:]
    data, y = np.arange(8).reshape(2, 4).astype("int32") % 5, record.array(2, 3)
    ways = {
        "fit": lambda: model.train_on_batch(data, y),
        "predict": lambda: model.predict_on_batch(data),
        "evaluate": lambda: model.test_on_batch(data, y),
        "call": lambda: record.call(model, data),
    }
    record.run("run", "structure", ways[method], False)
    record.note("seen", "structure", seen)


@about(
    "Layer.compute_mask",
    "Layer.supports_masking",
    "layers.Masking",
    support=("default", "supports", "computes", "wrong"),
)
def masks_of_custom_layer(keras, record, support):
    """What becomes of a mask behind a layer of one's own."""
    L = keras.layers

    class Mine(L.Layer):
        def __init__(self):
            super(Mine, self).__init__(name="mine")
            self.supports_masking = support == "supports"

        def call(self, inputs):
            return inputs * 2.0

        if support == "computes":

            def compute_mask(self, inputs, mask=None):
                return mask

    x = record.array(2, 4, 3, values="padded")
    inputs = L.Input((4, 3), name="x")
    outputs = L.LSTM(2, name="l")(Mine()(L.Masking(name="m")(inputs)))
    model = record.give_weights(keras.models.Model(inputs, outputs))
    record.run("outputs", "value", lambda: record.call(model, x))
    record.run(
        "inner mask", "structure", lambda: getattr(model.layers[2].output, "_keras_mask", None) is not None
    )


@about(
    "layers.Lambda",
    "layers.Layer",
    form=("output shape", "no shape", "weights", "mask", "arguments", "function object", "multi", "numpy"),
)
def lambda_layers(keras, record, form):
    """Lambda layers of every sort in a functional model."""
    L = keras.layers
    x = L.Input((3,), name="x")
    ways = {
        "output shape": lambda: L.Lambda(lambda t: t[:, :1], output_shape=(1,), name="l")(x),
        "no shape": lambda: L.Lambda(lambda t: t[:, :2], name="l")(x),
        "weights": lambda: L.Lambda(lambda t: L.Dense(2, kernel_initializer="ones")(t), name="l")(x),
        "mask": lambda: L.Lambda(lambda t, mask=None: t, mask=lambda i, m: m, name="l")(x),
        "arguments": lambda: L.Lambda(lambda t, k: t * k, arguments={"k": 2.0}, name="l")(x),
        "function object": lambda: L.Lambda(np.sin, name="l")(x),
        "multi": lambda: L.Lambda(lambda t: [t, t * 2.0], name="l")(x),
        "numpy": lambda: L.Lambda(lambda t: t + np.array([1.0, 2.0, 3.0]), name="l")(x),
    }
    outputs = record.run("build", "structure", ways[form], False, True)
    model = keras.models.Model(x, outputs)
    record.run("shape", "structure", lambda: shape_of(model.output_shape))
    record.run("outputs", "value", lambda: record.call(model, record.array(2, 3)))
    record.run("weights", "structure", lambda: len(model.weights))


@about("layers.RNN", "layers.SimpleRNNCell", "Layer", size=("state_size", "list", "no output size"))
def custom_cell(keras, record, size):
    """A recurrent cell of one's own inside `RNN`."""
    L = keras.layers

    class Cell(L.Layer):
        def __init__(self, **more):
            super(Cell, self).__init__(**more)
            self.state_size = [2] if size == "list" else 2
            if size != "no output size":
                self.output_size = 2

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], 2), initializer="ones", name="kernel")
            self.built = True

        def call(self, inputs, states):
            total = states[0] + (
                keras.ops.matmul(inputs, self.kernel)
                if record.has("ops.matmul")
                else keras.backend.dot(inputs, self.kernel)
            )
            return total, [total]

    x = record.array(2, 4, 3)
    layer = record.run(
        "make",
        "structure",
        lambda: L.RNN(Cell(name="cell"), return_sequences=True, return_state=True),
        False,
        True,
    )
    record.run("call", "value", lambda: apply(record, layer, x))
    record.run("weights", "names and order", lambda: [shape_of(w.shape) for w in layer.weights])


@about(
    "Layer.losses", "Layer.add_loss", "Layer.updates", "Layer.add_update", "Layer.metrics", "Layer.add_metric"
)
def losses_collected(keras, record):
    """Losses and metrics of layers inside layers, and when they are cleared."""
    L = keras.layers

    class Inner(L.Layer):
        def call(self, inputs):
            self.add_loss(1.5)
            return inputs

    class Outer(L.Layer):
        def __init__(self):
            super(Outer, self).__init__(name="outer")
            self.inner = Inner(name="inner")
            self.dense = L.Dense(2, kernel_regularizer="l2", name="d", kernel_initializer="ones")

        def call(self, inputs):
            return self.dense(self.inner(inputs))

    layer = Outer()
    x = record.array(2, 3)
    record.run("before", "structure", lambda: len(layer.losses))
    record.run("call", "value", lambda: apply(record, layer, x))
    record.run("losses", "value", lambda: [np.array(v) for v in layer.losses])
    record.run("call twice", "structure", lambda: [apply(record, layer, x), len(layer.losses)][1])
    record.run("add_update", "structure", lambda: layer.add_update([]), False)
    record.run("add_metric", "structure", lambda: layer.add_metric(1.0, name="m"), False)
    record.run("metrics", "structure", lambda: len(layer.metrics))


@about(
    "layers.InputSpec",
    "Layer.input_spec",
    "InputSpec",
    spec=("ndim", "min_ndim", "max_ndim", "axes", "shape", "dtype", "optional"),
)
def input_specs(keras, record, spec):
    """What an InputSpec lets through and what it refuses."""
    make = record.symbol("layers.InputSpec" if record.has("layers.InputSpec") else "InputSpec")
    options = {
        "ndim": {"ndim": 3},
        "min_ndim": {"min_ndim": 3},
        "max_ndim": {"max_ndim": 1},
        "axes": {"axes": {-1: 4}},
        "shape": {"shape": (None, 4)},
        "dtype": {"dtype": "int32"},
        "optional": {"optional": True},
    }[spec]
    layer = keras.layers.Layer(name="mine")
    layer.input_spec = record.run("make", "structure", lambda: make(**options), False, True)
    record.run("call", "value", lambda: apply(record, layer, record.array(2, 3)))
    record.run("config", "config", lambda: layer.input_spec.get_config())


@about(
    "layers.Wrapper",
    "layers.TimeDistributed",
    "layers.Bidirectional",
    inner=("custom layer", "model", "lambda", "dropout"),
)
def wrapped_custom_layers(keras, record, inner):
    """TimeDistributed around layers of one's own, models and lambdas."""
    L = keras.layers

    class Twice(L.Layer):
        def call(self, inputs):
            return inputs * 2.0

        def compute_output_shape(self, input_shape):
            return input_shape

    x = L.Input((3,), name="i")
    inners = {
        "custom layer": lambda: Twice(name="twice"),
        "model": lambda: keras.models.Model(x, L.Dense(2, name="d", kernel_initializer="ones")(x)),
        "lambda": lambda: L.Lambda(lambda t: t * 3.0, name="l"),
        "dropout": lambda: L.Dropout(0.5),
    }
    layer = record.run(
        "make", "structure", lambda: L.TimeDistributed(inners[inner](), name="td"), False, True
    )
    record.run("call", "value", lambda: apply(record, layer, record.array(2, 4, 3)))
    y = L.Input((None, 3), name="y")
    record.run("shape", "structure", lambda: shape_of(keras.models.Model(y, layer(y)).output_shape))
