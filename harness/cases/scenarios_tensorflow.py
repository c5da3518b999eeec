"""Scenarios of life with TensorFlow: functions, tapes, datasets, checkpoints, strategies around Keras."""

import numpy as np

from .scenario import Unsupported, about, files, shape_of


@about("Model.__call__", "Model", signature=("none", "spec", "list spec", "method"), retrace=(False, True))
def model_in_tf_function(keras, record, signature, retrace):
    """A model called inside `tf.function`, with signatures, and how often it is traced."""
    tf = record.tensorflow()
    model = record.regression(keras)
    traced = []

    def body(x):
        traced.append(1)
        return model(x, training=False)

    spec = tf.TensorSpec((None, 3), "float32")
    if signature == "method":
        function = record.run("make", "structure", lambda: tf.function(model.call), False, True)
    elif signature == "list spec":
        function = tf.function(body, input_signature=(spec,))
    else:
        function = tf.function(body, **({"input_signature": [spec]} if signature == "spec" else {}))
    record.run("call", "value", lambda: function(tf.constant(record.array(2, 3))))
    if retrace:
        record.run("call of three", "value", lambda: function(tf.constant(record.array(3, 3))))
        record.run(
            "concrete", "structure", lambda: shape_of(function.get_concrete_function(spec).output_shapes)
        )
    record.note("traced", "events", len(traced))
    record.run(
        "tf.function of the model", "value", lambda: tf.function(model)(tf.constant(record.array(2, 3)))
    )


LOOPS = (
    "apply_gradients",
    "apply",
    "minimize",
    "get_gradients",
    "compute_gradients",
    "clip",
    "none gradients",
    "inside function",
)


@about(
    "optimizers.Optimizer.apply_gradients",
    "optimizers.Optimizer.minimize",
    "Model.trainable_variables",
    loop=LOOPS,
    optimizer=("SGD", "Adam"),
)
def training_loop(keras, record, loop, optimizer):
    """A loop with a GradientTape and an optimizer, in each way guides write it."""
    tf = record.tensorflow()
    model = record.regression(keras, compiled=False)
    made = getattr(keras.optimizers, optimizer)(0.1)
    loss_function = record.symbol("losses.MeanSquaredError")()
    x, y = tf.constant(record.array(4, 3)), tf.constant(record.array(4, 1))

    def loss():
        return loss_function(y, model(x, training=True))

    def step():
        with tf.GradientTape() as tape:
            value = loss()
        gradients = tape.gradient(value, model.trainable_variables)
        if loop == "clip":
            gradients, _ = tf.clip_by_global_norm(gradients, 0.1)
        if loop == "none gradients":
            gradients = [None] + gradients[1:]
        if loop == "apply":
            made.apply(gradients, model.trainable_variables)
        else:
            made.apply_gradients(zip(gradients, model.trainable_variables))
        return value

    ways = {
        "minimize": lambda: made.minimize(loss, model.trainable_variables),
        "get_gradients": lambda: made.get_gradients(loss(), model.trainable_variables),
        "compute_gradients": lambda: made.compute_gradients(loss, model.trainable_variables),
        "inside function": tf.function(step),
    }
    show = False if loop in ("minimize", "compute_gradients") else None
    for turn in range(2):
        record.run("step %d" % turn, "value", ways.get(loop, step), show)
    record.weights(model)
    record.run("iterations", "value", lambda: made.iterations)
    if loop == "apply_gradients":
        record.run(
            "variables",
            "structure",
            lambda: len(made.variables() if callable(made.variables) else made.variables),
        )


@about(
    "optimizers.Optimizer.minimize",
    "optimizers.SGD",
    "Variable",
    what=("tf.Variable", "list", "lambda loss", "tape", "variable names"),
)
def optimizer_on_plain_variables(keras, record, what):
    """An optimizer of Keras on plain TensorFlow variables."""
    tf = record.tensorflow()
    w = tf.Variable([1.0, 2.0], name="w")
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)

    def loss():
        return tf.reduce_sum(w * w)

    def with_tape():
        with tf.GradientTape() as tape:
            value = loss()
        optimizer.apply_gradients([(tape.gradient(value, w), w)])

    ways = {
        "tf.Variable": with_tape,
        "list": lambda: optimizer.apply_gradients([(tf.constant([1.0, 1.0]), w)]),
        "lambda loss": lambda: optimizer.minimize(loss, [w]),
        "tape": lambda: optimizer.minimize(loss, var_list=[w]),
        "variable names": lambda: [with_tape(), optimizer.build([w])],
    }
    for turn in range(2):
        record.run("step %d" % turn, "structure", ways[what], False)
    record.run("w", "value", lambda: w.numpy())


@about(
    "Model.fit",
    "Model.predict",
    "Model.evaluate",
    pipeline=(
        "batch",
        "map",
        "repeat",
        "drop remainder",
        "weights",
        "dict",
        "prefetch",
        "from_generator",
        "infinite",
        "predict only x",
        "no batch",
    ),
)
def datasets(keras, record, pipeline):
    """`tf.data` pipelines in, predictions out."""
    tf = record.tensorflow()
    x, y = record.array(5, 3), record.array(5, 1)
    full = tf.data.Dataset.from_tensor_slices((x, y))
    options = {}
    ways = {
        "batch": lambda: full.batch(2),
        "map": lambda: full.map(lambda a, b: (a * 2.0, b)).batch(2),
        "repeat": lambda: full.batch(2).repeat(2),
        "drop remainder": lambda: full.batch(2, drop_remainder=True),
        "weights": lambda: full.map(lambda a, b: (a, b, tf.reduce_sum(tf.abs(b)))).batch(2),
        "dict": lambda: full.map(lambda a, b: ({"x": a}, {"out": b})).batch(2),
        "prefetch": lambda: full.batch(2).prefetch(1),
        "from_generator": lambda: tf.data.Dataset.from_generator(
            lambda: iter([(x[:2], y[:2]), (x[2:4], y[2:4])]), (tf.float32, tf.float32), ((None, 3), (None, 1))
        ),
        "infinite": lambda: full.batch(2).repeat(),
        "predict only x": lambda: full.batch(2),
        "no batch": lambda: full,
    }
    made = ways[pipeline]()
    if pipeline == "infinite":
        options = {"steps_per_epoch": 4}
    model = record.regression(keras, metrics=["mae"])
    record.fit(model, made, epochs=2, **options)
    steps = {"steps": 2} if pipeline == "infinite" else {}
    record.run("evaluate", "value", lambda: model.evaluate(made, verbose=0, **steps))
    given = made.map(lambda a, *more: a) if pipeline == "predict only x" else made
    record.run("predict", "value", lambda: model.predict(given, verbose=0, **steps))


@about(
    "Model",
    "Layer",
    "optimizers.Optimizer",
    what=("model", "weights", "optimizer", "layer", "partial", "manager"),
)
def tf_checkpoints(keras, record, what):
    """`tf.train.Checkpoint` of models, layers and optimizers: what is written, and read back."""
    tf = record.tensorflow()

    def make():
        model = record.regression(keras, optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
        model.train_on_batch(np.ones((2, 3), "float32"), np.ones((2, 1), "float32"))
        parts = {
            "model": {"m": model},
            "optimizer": {"m": model, "o": model.optimizer},
            "layer": {"l": model.layers[-1]},
        }
        return model, tf.train.Checkpoint(**parts.get(what, {"m": model}))

    _, checkpoint = record.run("make", "structure", make, False, True)
    if what == "manager":
        manager = tf.train.CheckpointManager(checkpoint, "c", max_to_keep=1)
        record.run("save", "file", lambda: [manager.save() is not None, manager.save() is not None], False)
    else:
        record.run("save", "file", lambda: checkpoint.save("c/k"), False, True)
    record.note("files", "file", files("c"))
    latest = tf.train.latest_checkpoint("c")
    names = [n for n, _ in tf.train.list_variables(latest)]
    record.note("variables", "names and order", sorted(n for n in names if "OBJECT_GRAPH" not in n))
    other, again = make()
    other.set_weights([np.zeros_like(w) for w in other.get_weights()])
    status = record.run("restore", "file", lambda: again.restore(latest), False)
    for name in ("assert_consumed", "assert_existing_objects_matched"):
        record.run(name, "file", lambda n=name: getattr(status, n)(), False)
    record.weights(other, "weights restored")


@about("Model", "Model.save", "layers.Layer", what=("model", "layer", "function", "signature", "module"))
def saved_models(keras, record, what):
    """`tf.saved_model.save` of Keras objects, and what a program that loads it can call."""
    tf = record.tensorflow()
    model = record.regression(keras, compiled=False)
    x = tf.constant(record.array(2, 3))
    spec = tf.TensorSpec((None, 3), "float32", name="features")
    module = tf.Module()
    module.model = model
    module.serve = tf.function(lambda t: {"scores": model(t)}, input_signature=[spec])
    things = {"layer": model.layers[-1], "module": module, "function": module}
    more = {"signatures": module.serve.get_concrete_function()} if what in ("signature", "function") else {}
    record.run("save", "file", lambda: tf.saved_model.save(things.get(what, model), "s", **more), False, True)
    loaded = record.run("load", "file", lambda: tf.saved_model.load("s"), False, True)
    record.run("signatures", "names and order", lambda: sorted(loaded.signatures))
    record.run("variables", "structure", lambda: len(loaded.variables))
    record.run("call", "value", lambda: loaded(x) if what != "module" else loaded.serve(x))
    record.run("served", "value", lambda: dict(loaded.signatures["serving_default"](x)))


STRATEGIES = ("mirrored", "one device", "mirrored two", "default")


@about("Model.fit", "Model.compile", strategy=STRATEGIES, part=("fit", "scope check", "values"))
def distribution_strategies(keras, record, strategy, part):
    """Training under a distribution strategy on one and on two logical CPU devices."""
    tf = record.tensorflow()
    if strategy == "mirrored two":
        cpu = tf.config.list_physical_devices("CPU")[0]
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        except RuntimeError:
            if len(tf.config.list_logical_devices("CPU")) < 2:
                raise Unsupported("TensorFlow's devices were settled before the case began") from None
    makers = {
        "mirrored": lambda: tf.distribute.MirroredStrategy(["/cpu:0"]),
        "mirrored two": lambda: tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"]),
        "one device": lambda: tf.distribute.OneDeviceStrategy("/cpu:0"),
        "default": tf.distribute.get_strategy,
    }
    made = makers[strategy]()
    if part == "scope check":
        outside = record.regression(keras, compiled=False)
        with made.scope():
            record.run(
                "compile",
                "structure",
                lambda: outside.compile(keras.optimizers.SGD(0.1), "mean_squared_error"),
                False,
            )
        return
    with made.scope():
        model = record.run("make", "structure", lambda: record.regression(keras), False, True)
        record.run("variable type", "names and order", lambda: type(model.weights[0]).__name__)
    if part == "fit":
        record.fit(model, record.array(4, 3), record.array(4, 1), batch_size=4, epochs=2)
        record.predictions(model, record.array(4, 3))
    else:
        record.run("strategy", "names and order", lambda: type(model.distribute_strategy).__name__)
        record.run("replicas", "structure", lambda: made.num_replicas_in_sync)
        record.run(
            "evaluate", "value", lambda: model.evaluate(record.array(4, 3), record.array(4, 1), verbose=0)
        )


@about("Layer", "Model", "KerasTensor", "Model.layers")
def isinstance_between_names(keras, record):
    """What Keras objects are instances of, for programs that ask."""
    tf = record.tensorflow()
    layer = keras.layers.Dense(1)
    layer.build((None, 2))
    symbolic = keras.layers.Input((2,))
    ways = {
        "Model is Module": lambda: issubclass(keras.models.Model, tf.Module),
        "Layer is Module": lambda: isinstance(layer, tf.Module),
        "weight is Variable": lambda: isinstance(layer.kernel, tf.Variable),
        "weight is Tensor": lambda: isinstance(layer.kernel, tf.Tensor),
        "symbolic is Tensor": lambda: isinstance(symbolic, tf.Tensor),
        "optimizer is Module": lambda: isinstance(keras.optimizers.SGD(), tf.Module),
        "metric is Layer": lambda: isinstance(keras.metrics.Mean(), keras.layers.Layer),
        "Model is Trackable": lambda: isinstance(layer, tf.__internal__.tracking.Trackable),
        "is_tensor symbolic": lambda: bool(tf.is_tensor(symbolic)),
        "is_tensor weight": lambda: bool(tf.is_tensor(layer.kernel)),
        "is_keras_tensor": lambda: bool(keras.backend.is_keras_tensor(symbolic)),
        "Sequential is Model": lambda: issubclass(keras.models.Sequential, keras.models.Model),
        "functional is Sequential": lambda: isinstance(
            keras.models.Model(symbolic, symbolic), keras.models.Sequential
        ),
        "loss is callable": lambda: callable(keras.losses.MeanSquaredError()),
        "schedule is callable": lambda: callable(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)),
    }
    for name in sorted(ways):
        record.run(name, "structure", ways[name])


SCOPES = ("name_scope", "variable_scope", "nested", "device", "graph", "init_scope", "control_dependencies")


@about("Layer.weights", "Variable.name", "Layer.name", scope=SCOPES)
def scopes_around_layers(keras, record, scope):
    """Names of weights and tensors of layers made inside scopes of TensorFlow."""
    tf = record.tensorflow()
    scopes = {
        "name_scope": lambda: tf.name_scope("outer"),
        "variable_scope": lambda: tf.compat.v1.variable_scope("outer"),
        "nested": lambda: tf.name_scope("a/b"),
        "device": lambda: tf.device("/cpu:0"),
        "graph": lambda: tf.Graph().as_default(),
        "init_scope": tf.init_scope,
        "control_dependencies": lambda: tf.control_dependencies([]),
    }

    def make():
        with scopes[scope]():
            layer = keras.layers.Dense(1, name="d")
            inputs = keras.layers.Input((2,), name="x")
            outputs = layer(inputs)
        return [str(w.name) for w in layer.weights] + [str(outputs.name).split(":")[0]]

    record.run("names", "names and order", make)


TF_IN_LAYER = (
    "math",
    "variable",
    "py_function",
    "summary",
    "print",
    "cond",
    "scan",
    "gather",
    "tensor array",
    "numpy",
    "custom gradient",
    "random",
    "debug",
)


@about("layers.Layer.call", "Layer.call", "layers.Lambda", op=TF_IN_LAYER, where=("functional", "fit"))
def tf_ops_inside_layers(keras, record, op, where):
    """TensorFlow's own operations inside the `call` of a layer."""
    tf = record.tensorflow()

    @tf.custom_gradient
    def doubled(t):
        return t * 2.0, lambda up: up * 5.0

    class Mine(keras.layers.Layer):
        def build(self, input_shape):
            if op == "variable":
                self.count = tf.Variable(0.0, trainable=False, name="count")
            self.built = True

        def call(self, inputs):
            if op == "math":
                return tf.math.sin(inputs) + tf.cast(tf.shape(inputs)[1], inputs.dtype)
            if op == "variable":
                self.count.assign_add(1.0)
                return inputs + self.count
            if op == "py_function":
                out = tf.py_function(lambda t: t * 2.0, [inputs], tf.float32)
                out.set_shape(inputs.shape)
                return out
            if op == "summary":
                tf.summary.scalar("s", tf.reduce_sum(inputs), step=0)
                return inputs
            if op == "print":
                tf.print("printed")
                return inputs
            if op == "cond":
                return tf.cond(tf.reduce_sum(inputs) > 0, lambda: inputs * 2.0, lambda: inputs * 3.0)
            if op == "scan":
                return tf.scan(lambda a, b: a + b, inputs)
            if op == "gather":
                return tf.gather(inputs, [0, 1, 2], axis=1)
            if op == "tensor array":
                array = tf.TensorArray(tf.float32, size=2)
                array = array.write(0, inputs).write(1, inputs * 2.0)
                return tf.reduce_sum(array.stack(), axis=0)
            if op == "numpy":
                return tf.numpy_function(lambda t: t * 2.0, [inputs], tf.float32) + inputs * 0.0
            if op == "custom gradient":
                return doubled(inputs)
            if op == "random":
                return inputs + 0.0 * tf.random.normal(tf.shape(inputs))
            tf.debugging.assert_all_finite(inputs, "finite")
            return inputs

    inputs = keras.layers.Input((3,), name="x")
    hidden = keras.layers.Dense(3, name="d")(inputs)
    outputs = record.run("apply", "structure", lambda: Mine(name="mine")(hidden), False, True)
    model = record.run("model", "structure", lambda: keras.models.Model(inputs, outputs), False, True)
    record.give_weights(keras.models.Model(inputs, hidden))
    record.run("shape", "structure", lambda: shape_of(model.output_shape))
    if where == "functional":
        record.run("call", "value", lambda: record.call(model, record.array(2, 3)))
        record.run("weights", "structure", lambda: [len(model.trainable_weights), len(model.weights)])
    else:
        model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
        record.fit(model, record.array(4, 3), record.array(4, 3))


@about("Model", "export.ExportArchive", "Model.export")
def tflite_conversion(keras, record):
    """A model converted to TensorFlow Lite and run by its interpreter."""
    tf = record.tensorflow()
    model = record.regression(keras, compiled=False)
    x = record.array(1, 3)
    content = record.run(
        "convert", "file", lambda: tf.lite.TFLiteConverter.from_keras_model(model).convert(), False, True
    )

    def run():
        interpreter = tf.lite.Interpreter(model_content=content)
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    record.run("run", "value", run)


@about(
    "Model",
    "Layer",
    what=("jacobian", "persistent", "input gradient", "second order", "watch weight", "batch jacobian"),
)
def gradients_through_models(keras, record, what):
    """Gradients of models by tapes: by inputs, twice, and as Jacobians."""
    tf = record.tensorflow()
    model = record.regression(keras, compiled=False)
    x = tf.constant(record.array(2, 3))
    kernel = model.layers[1].kernel

    def find():
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = model(x)
                total = tf.reduce_sum(y)
            slope = inner.gradient(total, x)
        ways = {
            "jacobian": lambda: outer.jacobian(y, x),
            "batch jacobian": lambda: outer.batch_jacobian(y, x),
            "persistent": lambda: [outer.gradient(y, x), outer.gradient(total, x)],
            "input gradient": lambda: slope,
            "second order": lambda: outer.gradient(slope, x),
            "watch weight": lambda: outer.gradient(total, kernel),
        }
        return ways[what]()

    record.run("gradient", "value", find)


@about(
    "Model.fit",
    "Model.run_eagerly",
    "config.run_functions_eagerly",
    how=("run_functions_eagerly", "compile", "attribute", "disable eager"),
)
def eager_switches(keras, record, how):
    """Ways to make training run eagerly, seen from inside a layer."""
    tf = record.tensorflow()
    seen = []

    class Mine(keras.layers.Layer):
        def call(self, inputs):
            seen.append(bool(tf.executing_eagerly()))
            return inputs

    inputs = keras.layers.Input((3,), name="x")
    model = keras.models.Model(inputs, keras.layers.Dense(1, name="d")(Mine()(inputs)))
    model.compile(
        keras.optimizers.SGD(0.1), "mean_squared_error", **({"run_eagerly": True} if how == "compile" else {})
    )
    if how == "attribute":
        record.run("set", "structure", lambda: setattr(model, "run_eagerly", True), False)
    if how == "run_functions_eagerly":
        tf.config.run_functions_eagerly(True)
    del seen[:]
    try:
        record.run(
            "train", "structure", lambda: model.train_on_batch(record.array(2, 3), record.array(2, 1)), False
        )
    finally:
        if how == "run_functions_eagerly":
            tf.config.run_functions_eagerly(False)
    record.note("eager", "structure", seen)
    record.run("run_eagerly", "structure", lambda: bool(model.run_eagerly))
