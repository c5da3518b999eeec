"""A case of a layer: what it is, what it computes, what it keeps, and whether it survives its own config."""

import inspect

import numpy as np
from harness_worker.recorder import Missing

ATTRIBUTES = ("name", "trainable", "dtype", "compute_dtype", "variable_dtype", "supports_masking", "stateful")
INITIAL_REPEATS = {True: 90, False: 24}
"""How often, at the most, the initial weights are drawn anew where their distribution is observed: oftener if
one has three axes or more, for then its fans are a matter of interpretation."""
INITIAL_VALUES = 2000
"""How many values of each weight are enough: a KS test of so many with a false-alarm rate of 1e-9 tells
distributions apart whose functions differ by a tenth."""
DRAWS = {True: 160, False: 48}
"""How often a random layer is called where its distribution is observed, thoroughly or not: with a
false-alarm rate of 1e-9 a KS test of 160 rows tells means apart that differ by one standard deviation, one
of 48 by two."""
CALLS = 30
"""How often a random model is called to see whether it draws: what happens to half of all inputs is missed
30 times with a probability of 2**-30, about 1e-9."""


def perform(case, context):
    """Perform a layer case.

    Steps, in this order; a step that cannot be made on this engine says so:
    construct, attributes, config, build, weights, forward, losses, [second call], mask, training, state,
    gradients, output shape, round trip, and the dear ones: functional, predict, jit, serialize, initial.
    """
    record = context.record
    make = context.make
    cls = context.symbol(case["subject"])
    parameters = record.run(
        "parameters", "structure", lambda: make.parameters(case["parameters"]), False, True, False
    )
    layer = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    record.run("attributes", "config", lambda: attributes(layer))
    config = record.run("config", "config", lambda: layer.get_config())
    call = Call(layer, case["feed"], context)
    call.adapt()
    first_call(layer, call, context)
    describe_weights(layer, context)
    give_weights(layer, context)
    outputs = forward(layer, call, context)
    if "brief" in context.observe:
        return
    training(layer, call, context, outputs)
    shapes(layer, call, context)
    round_trip(cls, layer, config, call, context, outputs)
    for name, observe in DEAR:
        if name in context.observe:
            observe(cls, layer, config, call, context)
    if "initial" in context.observe:  # last, for it clears the state of the implementation again and again
        record.run("initial", "distribution", lambda: initial_values(cls, config, call, context), heed=False)


def attributes(layer):
    """What a layer says of itself."""
    out = {}
    for name in ATTRIBUTES:
        try:
            value = getattr(layer, name)
        except AttributeError:
            continue
        out[name] = (
            value()
            if callable(value)
            else str(value)
            if name.endswith("dtype") and value is not None
            else value
        )
    return out


class Call(object):
    """How a layer is called in this case: its arrays, its arguments, and through what."""

    def __init__(self, layer, feed, context):
        self.layer = layer
        self.context = context
        arguments = dict(feed.get("call", {}))
        self.masking = arguments.pop("$masking", False)
        self.twice = arguments.pop("$twice", False)
        self.adapts = context.make.value(arguments.pop("$adapt", None))
        inputs = feed["inputs"]
        self.positional = isinstance(inputs, dict) and "$arguments" in inputs
        self.arrays = context.make.value(inputs["$arguments"] if self.positional else inputs)
        self.named = context.make.value(arguments)
        self.takes_training = accepts(layer, "training")

    def adapt(self):
        """Show the layer data to learn from, where the case has some."""
        if self.adapts is not None:
            data = self.context.engine.native(self.adapts)
            self.context.record.run("adapt", "structure", lambda: self.layer.adapt(data), False, needed=True)

    def apply(self, fed, training=None, layer=None):
        """Call the layer on native tensors ``fed = {"inputs", "named"}``."""
        layer = layer or self.layer
        named = dict(fed["named"])
        if training is not None and self.takes_training and self.context.engine.passes_training:
            named["training"] = training
        inputs = fed["inputs"]
        if self.masking:
            inputs = self.masked(inputs)
        if self.positional:
            return call_with(layer, inputs, named)
        return layer(inputs, **named)

    def masked(self, inputs):
        """Tensors that carry the mask a Masking layer gives them."""
        masking = self.context.symbol("layers.Masking")
        if isinstance(inputs, (list, tuple)):
            return type(inputs)(masking()(i) for i in inputs)
        return masking()(inputs)

    @property
    def fed(self):
        """The arrays, as one structure."""
        return {"inputs": self.arrays, "named": self.named}

    def run(self, training=None, layer=None):
        """Evaluate the layer on the arrays of the case."""
        engine, target = self.context.engine, layer or self.layer
        return engine.evaluate(
            lambda fed: self.apply(fed, training, target), self.fed, training, engine.updates(target), target
        )

    def run_often(self, times):
        """Evaluate the layer while training, several times.

        An augmentation that applies itself image by image (TensorFlow 2.10 to 2.12) traces itself anew at
        each eager call, for half a second; in a function around it that happens once.
        """
        engine = self.context.engine

        def function(fed):
            return self.apply(fed, True)

        if getattr(self.layer, "auto_vectorize", False):
            function = engine.tf.function(function)
        return [
            engine.evaluate(function, self.fed, True, engine.updates(self.layer), self.layer)
            for _ in range(times)
        ]

    def build(self, layer=None):
        """Call the layer so that it makes its weights; a graph is not run."""
        engine, target = self.context.engine, layer or self.layer
        engine.build(lambda fed: self.apply(fed, False, target), self.fed, engine.updates(target), target)

    def make_weights(self, layer, like):
        """Have an eager layer make its weights without a call; False where these are not those of a call.

        Computing something each time is most of what drawing weights costs.
        """
        arrays = self.arrays if self.positional else [self.arrays]
        plain = not self.masking and all(isinstance(array, np.ndarray) for array in arrays)
        if self.context.engine.name != "eager" or not plain:
            return False
        try:
            layer.build(*(tuple(array.shape) for array in arrays))
            made = self.context.engine.get_weights(layer)
        except Exception:  # a layer need not be made this way; the call then says what is wrong with it
            return False
        return layer.built and [(w.shape, w.dtype) for w in made] == [(w.shape, w.dtype) for w in like]

    def trace(self):
        """The graph of the call, on engines that have graphs."""
        engine, target = self.context.engine, self.layer
        return engine.trace(lambda fed: self.apply(fed, False), self.fed, engine.updates(target), target)


def call_with(layer, inputs, named):
    """Call with several arguments in order; up to keras 2.3.1 only the first may go without its name."""
    accepted = inspect.signature(inspect.unwrap(type(layer).__call__)).parameters.values()
    if len([p for p in accepted if p.kind is not p.VAR_KEYWORD]) > 2:
        return layer(*inputs, **named)
    names = list(inspect.signature(layer.call).parameters)[: len(inputs)]
    return layer(inputs[0], **dict(zip(names[1:], inputs[1:]), **named))


def accepts(layer, argument):
    """Whether the layer's own `call` names this argument."""
    try:
        return argument in inspect.signature(layer.call).parameters
    except (TypeError, ValueError, AttributeError):
        return False


def first_call(layer, call, context):
    """Call once so that the layer is built; everything else depends on it."""
    context.record.run("build", "structure", call.build, show=False, needed=True)


def weight_facts(weight, trainable, engine):
    """Name, shape and dtype of one weight, as the user reads them."""
    name = str(getattr(weight, "name", type(weight).__name__))
    shape, dtype = engine.shape_and_dtype(weight) if hasattr(weight, "dtype") else (None, None)
    return {
        "name": name,
        "variable": name.split(":")[0].rsplit("/", 1)[-1],
        "shape": shape,
        "dtype": dtype,
        "trainable": trainable,
    }


def describe_weights(layer, context):
    """Names, order, shapes, dtypes and trainability of the weights."""

    def facts():
        trainable = [id(w) for w in layer.trainable_weights]
        return [weight_facts(w, id(w) in trainable, context.engine) for w in layer.weights]

    context.record.run("weights", "names and order", facts)


def initial_values(cls, config, call, context):
    """Initial weights drawn many times, to compare their distributions."""
    engine = context.engine
    samples, alone = [], True
    for repeat in range(max(INITIAL_REPEATS.values())):
        if repeat:
            engine.draw_anew(context.seed + 1 + repeat, context.variant)
        else:
            engine.reset(context.seed + 1, context.variant)
        fresh = cls.from_config(copied(config))
        if repeat and alone and not call.make_weights(fresh, samples[0]):
            alone, fresh = False, cls.from_config(copied(config))
        if not (repeat and alone):
            call.build(fresh)
        samples.append(engine.get_weights(fresh))
        drawn = [w for w in samples[-1] if w.dtype.kind == "f" and w.size and np.ptp(w) > 0]
        enough = len(samples) * min([w.size for w in drawn] or [INITIAL_VALUES]) >= INITIAL_VALUES
        if (repeat and enough) or repeat + 1 >= INITIAL_REPEATS[any(w.ndim > 2 for w in drawn)]:
            break
    return [
        {"shape": list(first.shape), "sample": np.concatenate([s[i].ravel() for s in samples])}
        for i, first in enumerate(samples[0])
        if first.dtype.kind == "f"
    ]


def chosen_weights(layer, context):
    """The values this case gives the weights, by place and shape."""
    current = context.engine.get_weights(layer)
    names = [str(getattr(w, "name", "")) for w in layer.weights]
    from_recipe = context.make_weight
    return [
        from_recipe(value.shape, value.dtype.name, name, place) if value.dtype.kind in "fV" else value
        for place, (value, name) in enumerate(zip(current, names))
    ]


def give_weights(layer, context):
    """Set the weights to the values of the case; what a preprocessing layer was given or learnt stays."""
    if not layer.weights or hasattr(layer, "adapt"):
        return
    values = context.record.run(  # a session that cannot run the call's graph fails here
        "get_weights", "structure", lambda: chosen_weights(layer, context), False, True, False, False
    )
    if not any(value.dtype.kind in "fV" for value in values):
        return
    context.record.run(
        "set_weights", "structure", lambda: context.engine.set_weights(layer, values), False, keep=False
    )


def forward(layer, call, context):
    """Outputs without training, and the penalties left behind; returns the outputs."""
    record, engine = context.record, context.engine
    begin_anew(layer, record, "forward")
    outputs = record.run("forward", "value", lambda: call.run(False), needed=True)
    record.run(
        "losses", "value", lambda: engine.losses(layer, call.run) if getattr(layer, "losses", None) else []
    )
    if call.twice:
        record.run("second call", "value", lambda: call.run(False))
    return outputs


def training(layer, call, context, outputs):
    """Masks, outputs while training, the state left behind, gradients."""
    record, engine = context.record, context.engine
    record.run("mask", "value", lambda: output_mask(layer, call, engine))
    before = engine.get_weights(layer)
    begin_anew(layer, record, "training")
    if "random" in context.observe:
        draws = DRAWS["thorough" in context.observe] if "initial" in context.observe else 1
        record.run("training", "distribution", lambda: random_outputs(call, engine, draws))
    else:
        record.run("training", "value", lambda: call.run(True))
    changed = record.run("state", "value", lambda: changed_weights(layer, before, engine))
    if changed or (changed is None and before):
        engine.set_weights(layer, before)
    begin_anew(layer, record, "gradients")
    cotangents = cotangents_of(outputs, context)
    if not cotangents:
        record.skip("gradients", "value", "no output is a floating-point number")
    else:
        weights = list(layer.trainable_weights)
        record.run(
            "gradients",
            "value",
            lambda: engine.gradients(
                lambda fed: call.apply(fed, False), call.fed, weights, cotangents, False, layer
            ),
        )


def copied(config):
    """A config whose dicts and lists are its own: some Kerases take apart what `from_config` is given."""
    if isinstance(config, dict):
        return type(config)((k, copied(v)) for k, v in config.items())
    return [copied(v) for v in config] if type(config) is list else config


def forget_states(layer):
    """Have a stateful layer begin anew, so that what was computed before does not count."""
    for name in ("reset_states", "reset_state"):
        if getattr(layer, "stateful", False) and hasattr(layer, name):
            getattr(layer, name)()
            return


def begin_anew(layer, record, step):
    """`forget_states` before a step; that an implementation cannot do it counts as what it does."""
    record.run(
        "states before " + step, "value", lambda: forget_states(layer), show=False, keep=False, heed=False
    )


def random_outputs(call, engine, draws):
    """A random layer while training: shape and dtype; where many draws are asked for, what it draws."""
    first = engine.leaves(call.run(True))
    out = [{"shape": list(o.shape), "dtype": o.dtype.name} for o in first]
    if draws > 1:
        rows = [first] + [engine.leaves(outputs) for outputs in call.run_often(draws - 1)]
        for place, entry in enumerate(out):
            if rows[0][place].dtype.kind == "f":
                entry["draws"] = np.stack([row[place].ravel() for row in rows])
    return out


def changed_weights(layer, before, engine):
    """The weights after a call, where they are other than before."""
    after = engine.get_weights(layer)
    return {
        str(i): b
        for i, (a, b) in enumerate(zip(before, after))
        if a.dtype.kind != "f" or not np.array_equal(a, b)
    }


def output_mask(layer, call, engine):
    """The mask the layer passes on for the masks it is given."""
    if call.masking or not hasattr(layer, "compute_mask"):
        return None
    mask = call.named.get("mask")
    if isinstance(mask, list):
        return None
    inputs = call.arrays[0] if call.positional else call.arrays
    return engine.evaluate(
        lambda fed: layer.compute_mask(fed["inputs"], fed["mask"]), {"inputs": inputs, "mask": mask}, False
    )


def cotangents_of(outputs, context):
    """Fixed weights for a scalar of the outputs, in float32 so that every variant has the same."""
    arrays = context.engine.leaves(outputs)
    if not arrays or any(not isinstance(a, np.ndarray) or a.dtype.kind not in "fbiuV" for a in arrays):
        return []
    if not any(a.dtype.kind == "f" for a in arrays):
        return []
    return [np.cos(1.0 + np.arange(a.size)).reshape(a.shape).astype("float32") for a in arrays]


def shapes(layer, call, context):
    """The declared output shape, to be held against the real one."""
    if call.positional or isinstance(call.arrays, dict):
        return
    arrays = call.arrays

    def declared():
        if not hasattr(layer, "compute_output_shape"):
            raise Missing("Layer.compute_output_shape")
        shape = [tuple(a.shape) for a in arrays] if isinstance(arrays, list) else tuple(np.shape(arrays))
        return plain_shape(layer.compute_output_shape(shape))

    context.record.run("output shape", "structure", declared)


def plain_shape(shape):
    """A shape, or a structure of shapes, as lists."""
    if hasattr(shape, "as_list"):
        return shape.as_list()
    if isinstance(shape, (list, tuple)):
        return [plain_shape(s) for s in shape]
    return int(shape) if hasattr(shape, "__index__") else shape


def round_trip(cls, layer, config, call, context, outputs):
    """From config and back: the same config, and with the same weights the same outputs."""
    record, engine = context.record, context.engine
    if config is None:
        return

    def rebuilt():
        fresh = cls.from_config(copied(config))
        again = fresh.get_config()
        call.build(fresh)
        if layer.weights:
            engine.set_weights(fresh, engine.get_weights(layer))
        forget_states(fresh)
        same = engine.leaves(call.run(False, fresh))
        first = engine.leaves(outputs)
        return {
            "same config": again == config,
            "same outputs": len(same) == len(first)
            and all(np.array_equal(a, b) for a, b in zip(same, first)),
        }

    if call.adapts is None:
        record.run("round trip", "structure", rebuilt)


def functional(cls, layer, config, call, context):
    """The layer in a functional model: the model's declared shapes, and its outputs."""
    record, engine = context.record, context.engine
    if call.named or call.positional or call.adapts is not None:
        return
    model = record.run("functional", "structure", lambda: build_model(layer, call, context), describe_model)
    if model is not None and "random" in context.observe:
        record.run("functional call", "structure", lambda: repeated(model, call, engine))
    elif model is not None:
        record.run("functional call", "value", lambda: engine.evaluate_model(model, call.arrays))
        if "predict" in context.observe:
            record.run("predict", "value", lambda: model.predict(call.arrays, verbose=0))


def repeated(model, call, engine):
    """Whether a model of a random layer draws when nobody says `training`; what it draws is its backend's."""
    runs = [engine.leaves(engine.evaluate_model(model, call.arrays)) for _ in range(CALLS)]
    alike = all(np.array_equal(a, b) for run in runs[1:] for a, b in zip(runs[0], run))
    return {"draws": not alike, "outputs": [[list(a.shape), a.dtype.name] for a in runs[0]]}


def build_model(layer, call, context):
    """A functional model of one layer, with a free batch axis."""
    inputs = context.symbol("layers.Input" if context.has("layers.Input") else "Input")

    def one(array):
        return inputs(shape=array.shape[1:], dtype=array.dtype.name if array.dtype != object else "string")

    arrays = call.arrays
    symbolic = [one(a) for a in arrays] if isinstance(arrays, list) else one(arrays)
    fed = call.masked(symbolic) if call.masking else symbolic
    return context.symbol("models.Model")(symbolic, layer(fed))


def describe_model(model):
    """Shapes the model declares and the layers it holds."""
    return {
        "output_shape": plain_shape(model.output_shape),
        "layers": [type(each).__name__ for each in model.layers],
        "parameters": int(model.count_params()),
    }


def jit(cls, layer, config, call, context):
    """The same outputs through tf.function, jax.jit or what the backend has."""
    context.record.run(
        "jit", "value", lambda: context.engine.compiled(lambda fed: call.apply(fed, False), call.fed)
    )


def serialize(cls, layer, config, call, context):
    """The layer as `layers.serialize` writes it."""
    context.record.run("serialize", "config", lambda: context.symbol("layers.serialize")(layer))


DEAR = (("functional", functional), ("jit", jit), ("serialize", serialize))
