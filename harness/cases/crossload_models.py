"""The models of the cross-load matrix: each has one feature that files get wrong.

A builder takes the namespace and returns a `Built`. Everything is named, so that names can be compared;
`unnamed` and `duplicates` are about what happens where they are not. What a builder needs and an old
Keras lacks raises `Missing` or whatever that Keras says, which is recorded as such.
"""

import numpy as np
from harness_worker import namespace
from harness_worker.recorder import Missing, Unsupported


class Built(object):
    """A model, the arguments of `compile` (None: not trained), and what is done once it has its weights."""

    def __init__(self, model, compiled=None, adapt=None):
        self.model = model
        self.compiled = compiled
        self.adapt = adapt


def numbers(seed, *shape):
    """An input array: small dyadic numbers, the same under every numpy."""
    random = np.random.RandomState(seed)
    return (random.randint(-64, 65, size=shape) / 32.0).astype("float32")


def sgd(keras, rate=0.125, **more):
    """An SGD with its learning rate by position, for the argument has had two names."""
    return keras.optimizers.SGD(rate, **more)


def symbol(keras, *names):
    """The first of some names that the namespace has; `Missing` when there is none."""
    for name in names:
        if namespace.has(keras, name):
            return namespace.resolve(keras, name)
    raise Missing(names[0])


def functional(keras, inputs, outputs, name="m"):
    """A functional model."""
    return keras.models.Model(inputs, outputs, name=name)


def dense(keras):
    """Plain Dense layers trained by Adam: optimizer state has to travel."""
    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="tanh", name="hidden")(inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(hidden))
    compiled = {"optimizer": keras.optimizers.Adam(0.0625), "loss": "mean_squared_error"}
    return Built(model, compiled)


def sequential(keras):
    """A Sequential of two Dense layers trained by SGD with momentum and clipping."""
    model = keras.models.Sequential(name="m")
    model.add(keras.layers.InputLayer(input_shape=(3,)) if legacy(keras) else keras.layers.Input((3,)))
    model.add(keras.layers.Dense(4, activation="relu", name="hidden"))
    model.add(keras.layers.Dense(2, name="out"))
    compiled = {
        "optimizer": sgd(keras, momentum=0.5, nesterov=True, clipvalue=0.25),
        "loss": "mean_squared_error",
    }
    return Built(model, compiled)


def legacy(keras):
    """Whether this Keras spells shapes the Keras 2 way."""
    return not (namespace.has(keras, "config.set_dtype_policy") or namespace.has(keras, "ops.add"))


def swish(keras):
    """The activation `swish`, which Keras 3 calls `silu` in its configs."""
    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="swish", name="hidden")(inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(hidden))
    return Built(model, compiled_plainly(keras))


def strings(keras):
    """Compiled with the short strings `mse` and `acc`, which a file must resolve again."""
    built = dense(keras)
    built.compiled = {"optimizer": sgd(keras), "loss": "mse", "metrics": ["mae", "acc"]}
    return built


def custom_loss(keras):
    """Compiled with a loss function of the user's own, given to the reader as a custom object."""
    built = dense(keras)
    built.compiled = {"optimizer": sgd(keras), "loss": crossload_loss}
    return built


def crossload_loss(truth, predicted):
    """Three times the squared error, per element."""
    return (truth - predicted) * (truth - predicted) * 3.0


def shared(keras):
    """One layer called twice."""
    inputs = [keras.layers.Input((3,), name=name) for name in ("a", "b")]
    layer = keras.layers.Dense(2, name="shared")
    joined = keras.layers.Concatenate(name="joined")([layer(each) for each in inputs])
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(joined))
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def nested(keras):
    """A model inside a model, with a frozen layer in the inner one."""
    inner_input = keras.layers.Input((3,), name="inner_x")
    frozen = keras.layers.Dense(3, name="frozen", trainable=False)(inner_input)
    inner = functional(keras, inner_input, keras.layers.Dense(3, name="inner_out")(frozen), "inner")
    inputs = keras.layers.Input((3,), name="x")
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(inner(inputs)))
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def heads(keras):
    """Two inputs, two outputs, two losses with weights."""
    a, b = keras.layers.Input((3,), name="a"), keras.layers.Input((2,), name="b")
    joined = keras.layers.Concatenate(name="joined")([a, b])
    outputs = [keras.layers.Dense(1, name="first")(joined), keras.layers.Dense(2, name="second")(joined)]
    model = functional(keras, [a, b], outputs)
    compiled = {
        "optimizer": sgd(keras),
        "loss": ["mean_squared_error", "mean_absolute_error"],
        "loss_weights": [1.0, 0.5],
    }
    return Built(model, compiled)


def lambda_layer(keras):
    """A Lambda layer: its function travels as bytecode or not at all."""
    inputs = keras.layers.Input((3,), name="x")
    doubled = keras.layers.Lambda(lambda t: t * 2.0 + 1.0, output_shape=(3,), name="doubled")(inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(doubled))
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def scaling(keras):
    """A layer of the user's own with one weight and one argument."""

    class CrossloadScale(keras.layers.Layer):
        def __init__(self, factor=1.0, **more):
            super(CrossloadScale, self).__init__(**more)
            self.factor = factor

        def build(self, shape):
            self.scale = self.add_weight(
                name="scale", shape=(int(shape[-1]),), initializer="ones", trainable=True
            )
            super(CrossloadScale, self).build(shape)

        def call(self, inputs):
            return inputs * self.scale * self.factor

        def compute_output_shape(self, shape):
            return shape

        def get_config(self):
            return dict(super(CrossloadScale, self).get_config(), factor=self.factor)

    return CrossloadScale


def with_custom(keras, layer):
    """A model with a layer of the user's own."""
    inputs = keras.layers.Input((3,), name="x")
    model = functional(
        keras, inputs, keras.layers.Dense(2, name="out")(layer(factor=0.5, name="scale")(inputs))
    )
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def custom_registered(keras):
    """A custom layer registered under a package, on both sides."""
    return with_custom(keras, registered(keras))


def registered(keras):
    """The custom layer, registered."""
    register = symbol(keras, "saving.register_keras_serializable", "utils.register_keras_serializable")
    return register(package="crossload")(scaling(keras))


def custom_objects(keras):
    """A custom layer that is not registered; the reader passes `custom_objects`."""
    return with_custom(keras, scaling(keras))


def custom_unknown(keras):
    """A custom layer that the reader is told nothing about."""
    return with_custom(keras, scaling(keras))


def recurrent(keras, layer, width=2, **more):
    """A model of one recurrent layer and a Dense."""
    inputs = keras.layers.Input((5, 3), name="x")
    outputs = keras.layers.Dense(width, name="out")(layer(4, name="rnn", **more)(inputs))
    model = functional(keras, inputs, outputs)
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def lstm(keras):
    """An LSTM with everything at its defaults, which have changed."""
    return recurrent(keras, keras.layers.LSTM)


def lstm_hard(keras):
    """An LSTM whose recurrent activation is `hard_sigmoid`, redefined in Keras 3."""
    return recurrent(keras, keras.layers.LSTM, recurrent_activation="hard_sigmoid")


def gru(keras):
    """A GRU with everything at its defaults (`reset_after` has changed)."""
    return recurrent(keras, keras.layers.GRU)


def gru_reset_after(keras):
    """A GRU with `reset_after=True`, whose bias has two rows."""
    return recurrent(keras, keras.layers.GRU, reset_after=True)


def gru_before(keras):
    """A GRU with `reset_after=False`."""
    return recurrent(keras, keras.layers.GRU, reset_after=False)


def stateful(keras):
    """A stateful recurrent layer: the file knows its batch size; its state is left at zero."""
    inputs = keras.layers.Input(batch_shape=(4, 5, 3), name="x")
    outputs = keras.layers.Dense(2, name="out")(keras.layers.SimpleRNN(4, stateful=True, name="rnn")(inputs))
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(functional(keras, inputs, outputs), compiled)


def wrappers(keras):
    """Bidirectional around an LSTM, TimeDistributed around a Dense."""
    inputs = keras.layers.Input((5, 3), name="x")
    both = keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True, name="cell"), name="both")(
        inputs
    )
    each = keras.layers.TimeDistributed(keras.layers.Dense(2, name="inside"), name="each")(both)
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(functional(keras, inputs, each), compiled)


def batch_normalization(keras):
    """Moving statistics that training has moved."""
    inputs = keras.layers.Input((3,), name="x")
    normal = keras.layers.BatchNormalization(name="normal")(keras.layers.Dense(4, name="hidden")(inputs))
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(normal))
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def mixed_precision(keras):
    """A layer that computes in float16 and keeps its weights in float32."""
    policies = ("DTypePolicy", "dtype_policies.DTypePolicy", "mixed_precision.Policy")
    policy = symbol(keras, *policies + ("mixed_precision.DTypePolicy", "mixed_precision.experimental.Policy"))
    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="relu", dtype=policy("mixed_float16"), name="hidden")(inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, dtype="float32", name="out")(hidden))
    compiled = {"optimizer": sgd(keras), "loss": "mean_squared_error"}
    return Built(model, compiled)


def dotted(keras):
    """A layer name with dots."""
    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(4, name="block.1.dense")(inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(hidden))
    return Built(model, compiled_plainly(keras))


def slashed(keras):
    """A layer name with a slash, which is a path in HDF5."""
    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(4, name="block/dense")(inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(hidden))
    return Built(model, compiled_plainly(keras))


def compiled_plainly(keras):
    """SGD and the mean squared error."""
    return {"optimizer": sgd(keras), "loss": "mean_squared_error"}


def unnamed(keras):
    """Layers that Keras names itself, made after others of their class were."""
    keras.layers.Dense(1)
    inputs = keras.layers.Input((3,))
    hidden = keras.layers.Dense(4, activation="relu")(inputs)
    model = keras.models.Model(inputs, keras.layers.Dense(2)(hidden))
    return Built(model, compiled_plainly(keras))


def duplicates(keras):
    """Two inner models whose layers have the same names and shapes."""
    inputs = keras.layers.Input((3,), name="x")

    def tower(name):
        start = keras.layers.Input((3,), name="start")
        return functional(keras, start, keras.layers.Dense(3, name="same")(start), name)

    both = keras.layers.Add(name="sum")([tower("left")(inputs), tower("right")(inputs)])
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(both))
    return Built(model, compiled_plainly(keras))


def separable(keras):
    """Depthwise and separable convolutions."""
    inputs = keras.layers.Input((5, 5, 2), name="x")
    deep = keras.layers.DepthwiseConv2D((2, 2), name="depthwise")(inputs)
    wide = keras.layers.SeparableConv2D(2, (2, 2), name="separable")(deep)
    model = functional(
        keras, inputs, keras.layers.Dense(1, name="out")(keras.layers.Flatten(name="flat")(wide))
    )
    return Built(model, compiled_plainly(keras))


def attention(keras):
    """MultiHeadAttention of a sequence with itself."""
    layer = symbol(keras, "layers.MultiHeadAttention")
    inputs = keras.layers.Input((5, 4), name="x")
    seen = layer(num_heads=2, key_dim=2, name="attention")(inputs, inputs)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(seen))
    return Built(model, compiled_plainly(keras))


def masked(keras):
    """An Embedding with `mask_zero` before a recurrent layer."""
    inputs = keras.layers.Input((5,), name="x", dtype="int32")
    embedded = keras.layers.Embedding(7, 3, mask_zero=True, name="embedding")(inputs)
    outputs = keras.layers.Dense(2, name="out")(keras.layers.SimpleRNN(4, name="rnn")(embedded))
    return Built(functional(keras, inputs, outputs), compiled_plainly(keras))


def normalization(keras):
    """A Normalization layer with adapted statistics."""
    layer = symbol(keras, "layers.Normalization", "layers.experimental.preprocessing.Normalization")
    inputs = keras.layers.Input((3,), name="x")
    normal = layer(name="normal")
    data = numbers(5, 16, 3)
    model = functional(keras, inputs, keras.layers.Dense(2, name="out")(normal(inputs)))
    return Built(model, compiled_plainly(keras), lambda: normal.adapt(data))


def string_lookup(keras):
    """A StringLookup with an adapted vocabulary."""
    layer = symbol(keras, "layers.StringLookup", "layers.experimental.preprocessing.StringLookup")
    lookup = layer(name="lookup")
    lookup.adapt(np.array(["sea", "sky", "sea", "sun", "sea", "sky"]))
    inputs = keras.layers.Input((3,), name="x", dtype="string")
    return Built(functional(keras, inputs, lookup(inputs)))


def text_vectorization(keras):
    """A TextVectorization with an adapted vocabulary."""
    layer = symbol(keras, "layers.TextVectorization", "layers.experimental.preprocessing.TextVectorization")
    vector = layer(output_sequence_length=4, name="vector")
    vector.adapt(np.array([["the sea, the sky"], ["The sun!"], ["sea and sun"]]))
    inputs = keras.layers.Input((1,), name="x", dtype="string")
    return Built(functional(keras, inputs, vector(inputs)))


MODELS = (
    dense,
    sequential,
    swish,
    strings,
    custom_loss,
    shared,
    nested,
    heads,
    lambda_layer,
    custom_registered,
    custom_objects,
    custom_unknown,
    lstm,
    lstm_hard,
    gru,
    gru_reset_after,
    gru_before,
    stateful,
    wrappers,
    batch_normalization,
    mixed_precision,
    dotted,
    slashed,
    unnamed,
    duplicates,
    separable,
    attention,
    masked,
    normalization,
    string_lookup,
    text_vectorization,
)
"""In the order of the report; `harness.crossload.table` lists the same names."""


DATA = {
    "shared": (((4, 3), (4, 3)), (4, 2)),
    "heads": (((4, 3), (4, 2)), ((4, 1), (4, 2))),
    "wrappers": ((4, 5, 3), (4, 5, 2)),
    "batch_normalization": ((8, 3), (8, 2)),
    "separable": ((4, 5, 5, 2), (4, 1)),
    "attention": ((4, 5, 4), (4, 5, 2)),
    "lstm": ((4, 5, 3), (4, 2)),
    "lstm_hard": ((4, 5, 3), (4, 2)),
    "gru": ((4, 5, 3), (4, 2)),
    "gru_reset_after": ((4, 5, 3), (4, 2)),
    "gru_before": ((4, 5, 3), (4, 2)),
    "stateful": ((4, 5, 3), (4, 2)),
}
"""Shapes of the inputs and targets of models that are not fed (4, 3) and trained on (4, 2)."""


def data(name):
    """What a model is fed and trained on; no targets for one that is not trained."""
    if name == "masked":
        rows = [[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [5, 6, 1, 2, 3], [3, 3, 0, 1, 0]]
        return np.array(rows, dtype="int32"), numbers(2, 4, 2)
    if name == "string_lookup":
        return np.array([["sun", "sea", "moon"], ["moon", "sky", "sun"]], dtype=object), None
    if name == "text_vectorization":
        return np.array([["the SUN and moon"], ["sky"]], dtype=object), None
    inputs, targets = DATA.get(name, ((4, 3), (4, 2)))
    return arrays(1, inputs), arrays(2, targets)


def arrays(seed, shape):
    """One array, or a list of them for several shapes."""
    if isinstance(shape[0], tuple):
        return [numbers(seed + 2 * place, *each) for place, each in enumerate(shape)]
    return numbers(seed, *shape)


def build(name, context):
    """Build a model by its name; on a backend without strings one that needs them is unsupported."""
    builder = next(each for each in MODELS if each.__name__ == name)
    backend = getattr(context.engine, "backend", "")
    if name in ("string_lookup", "text_vectorization") and backend != "tensorflow":
        raise Unsupported("the %s backend has no strings" % backend)
    return builder(context.keras)


def custom_of(name, keras):
    """The custom objects a reader of this model passes; a class to be registered is registered."""
    if name == "custom_loss":
        return {"crossload_loss": crossload_loss}
    if name == "custom_objects":
        return {"CrossloadScale": scaling(keras)}
    if name == "custom_registered":
        registered(keras)
    return {}
