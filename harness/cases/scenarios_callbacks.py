"""Scenarios of callbacks: what they are told and when, what they do to training, what they write."""

import csv
import os

import numpy as np

from .scenario import about, files, ordered

HOOKS = ("train_begin", "train_end", "epoch_begin", "epoch_end", "batch_begin", "batch_end")
BATCH_HOOKS = tuple("%s_batch_%s" % (m, e) for m in ("train", "test", "predict") for e in ("begin", "end"))
OTHERS = ("test_begin", "test_end", "predict_begin", "predict_end")


def tracer(keras, trace, stop=None, fail=None, values=False):
    """A callback that appends ``[hook, number, keys of the logs]`` to `trace` for every hook."""

    class Tracer(keras.callbacks.Callback):
        pass

    def make(hook, numbered):
        def note(self, *arguments, **named):
            logs = named.get("logs", arguments[1 if numbered else 0] if len(arguments) > numbered else None)
            entry = [hook, arguments[0] if numbered else None, None if logs is None else list(logs)]
            if values:
                entry.append(dict(logs or {}))
            trace.append(entry)
            if hook == stop:
                self.model.stop_training = True
            if hook == fail:
                raise RuntimeError("the callback fails in " + hook)

        return note

    for hook in HOOKS + BATCH_HOOKS + OTHERS:
        setattr(Tracer, "on_" + hook, make(hook, "epoch" in hook or "batch" in hook))
    return Tracer()


@about("callbacks.Callback", "Model.fit", validation=(False, True), epochs=(1, 2))
def trace_of_fit(keras, record, validation, epochs):
    """Every hook of `fit` in order, with the keys of its logs."""
    model = record.regression(keras, metrics=["mae"])
    trace = []
    x, y = record.array(5, 3), record.array(5, 1)
    more = {"validation_data": (x[:3], y[:3])} if validation else {}
    model.fit(
        x, y, epochs=epochs, batch_size=2, verbose=0, shuffle=False, callbacks=[tracer(keras, trace)], **more
    )
    record.note("trace", "events", trace)


@about("callbacks.Callback", "Model.fit")
def values_in_logs(keras, record):
    """The values batch and epoch hooks are given: of this batch, or the mean so far, and of what type."""
    model = record.regression(keras, metrics=["mae"])
    trace = []
    callback = tracer(keras, trace, values=True)
    model.fit(
        record.array(6, 3), record.array(6, 1), batch_size=2, verbose=0, shuffle=False, callbacks=[callback]
    )
    ends = [e for e in trace if e[0].endswith("_end")]
    record.note("values", "value", [dict(e[3]) for e in ends])
    record.note("types", "events", [[e[0], sorted({type(v).__name__ for v in e[3].values()})] for e in ends])


@about("callbacks.Callback", "Model.fit")
def batch_logs(keras, record):
    """What `on_batch_begin` and `on_batch_end` find in their logs (`batch` and `size`, in old programs)."""
    seen = []

    class Old(keras.callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(["begin", batch, ordered(logs or {})])

        def on_batch_end(self, batch, logs=None):
            seen.append(["end", batch, sorted(logs or {}), (logs or {}).get("loss")])

    model = record.regression(keras)
    model.fit(
        record.array(5, 3), record.array(5, 1), batch_size=2, verbose=0, shuffle=False, callbacks=[Old()]
    )
    record.note("seen", "events", seen)


@about("callbacks.Callback", "Model.evaluate", "Model.predict", method=("evaluate", "predict"))
def trace_of_evaluate_and_predict(keras, record, method):
    """Every hook of `evaluate` and `predict`, and the keys they see."""
    model = record.regression(keras, metrics=["mae"])
    trace = []
    x, y = record.array(5, 3), record.array(5, 1)
    data = (x, y) if method == "evaluate" else (x,)
    callback = tracer(keras, trace)
    record.run(
        "call",
        "events",
        lambda: getattr(model, method)(*data, batch_size=2, verbose=0, callbacks=[callback]),
        False,
    )
    record.note("trace", "events", trace)


STOPS = (
    "train_begin",
    "epoch_begin",
    "train_batch_begin",
    "train_batch_end",
    "epoch_end",
    "test_begin",
    "test_end",
)


@about("callbacks.Callback", "Model.stop_training", hook=STOPS)
def stop_training_in_hook(keras, record, hook):
    """`model.stop_training = True` set in each hook: what still happens."""
    model = record.regression(keras, **record.eager())
    trace = []
    x, y = record.array(4, 3), record.array(4, 1)
    callback = tracer(keras, trace, stop=hook)
    more = {"validation_data": (x, y), "epochs": 3, "batch_size": 2, "verbose": 0, "shuffle": False}
    history = record.run("fit", "events", lambda: model.fit(x, y, callbacks=[callback], **more), False)
    record.note("trace", "events", trace)
    record.note("history", "value", dict(getattr(history, "history", {})))
    record.note("flag after", "structure", bool(model.stop_training))


@about("callbacks.Callback", "Model.fit", hook=("train_begin", "train_batch_end", "epoch_end", "test_end"))
def exception_in_hook(keras, record, hook):
    """A callback that raises: how far training came, and what the others were told."""
    model = record.regression(keras, **record.eager())
    trace = []
    x, y = record.array(4, 3), record.array(4, 1)
    quiet = {"validation_data": (x, y), "batch_size": 2, "verbose": 0, "shuffle": False}
    callbacks = [tracer(keras, trace, fail=hook), tracer(keras, trace)]
    record.run("fit", "events", lambda: model.fit(x, y, callbacks=callbacks, **quiet), False)
    record.note("trace", "events", [e[:2] for e in trace])
    record.weights(model)
    record.run("fit again", "value", lambda: model.fit(x, y, **quiet).history)


@about("callbacks.Callback", "Model.fit")
def state_seen_by_callbacks(keras, record):
    """What a callback finds in `self.params`, `self.model` and the weights at each batch's end."""
    seen, weights = [], []

    class Looks(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(["params", ordered(dict(sorted(self.params.items())))])
            seen.append(["model", self.model is model, hasattr(self, "validation_data")])

        def on_train_batch_end(self, batch, logs=None):
            weights.append([np.array(w) for w in self.model.get_weights()])

    model = record.regression(keras, metrics=["mae"])
    x, y = record.array(4, 3), record.array(4, 1)
    callback = Looks()
    record.run("before", "events", lambda: [callback.model is None, callback.params])
    model.fit(x, y, batch_size=2, verbose=0, shuffle=False, callbacks=[callback], validation_split=0.25)
    record.note("seen", "events", seen)
    record.note("weights at batch ends", "value", weights)
    record.run("set_params", "events", lambda: callback.set_params({"a": 1}))


@about(
    "callbacks.Callback", "Model.fit", form=("one", "tuple", "list of lists", "CallbackList", "class", "none")
)
def callbacks_argument(keras, record, form):
    """`callbacks=` given as a single callback, a tuple, a list in a list, a CallbackList, a class."""
    model = record.regression(keras, **record.eager())
    trace = []
    one = tracer(keras, trace)
    forms = {
        "one": one,
        "tuple": (one, one),
        "list of lists": [[one], [one]],
        "class": [type(one)],
        "none": [None],
    }
    if form == "CallbackList":
        make = record.symbol("callbacks.CallbackList")
        given = record.run("CallbackList", "structure", lambda: make([one], model=model), False, True)
    else:
        given = forms[form]
    x, y = record.array(2, 3), record.array(2, 1)
    record.run("fit", "events", lambda: model.fit(x, y, verbose=0, callbacks=given), False)
    record.note("trace", "events", [e[0] for e in trace])


def score(keras):
    """A metric that is the user's own function, larger for worse predictions."""

    def own_score(y_true, y_pred):
        return -keras.losses.mean_squared_error(y_true, y_pred)

    return own_score


EARLY = (
    {"monitor": "loss"},
    {"monitor": "val_loss", "patience": 1},
    {"monitor": "val_mae", "patience": 1},
    {"monitor": "own_score", "patience": 1},
    {"monitor": "own_score", "patience": 1, "mode": "max"},
    {"monitor": "own_score", "patience": 1, "mode": "min"},
    {"monitor": "accuracy", "patience": 1},
    {"monitor": "val_nothing"},
    {"monitor": "loss", "mode": "nope"},
    {"monitor": "loss", "min_delta": 10.0, "patience": 2},
    {"monitor": "loss", "min_delta": -10.0, "patience": 0},
    {"monitor": "loss", "baseline": 0.0001, "patience": 1},
    {"monitor": "loss", "mode": "max", "restore_best_weights": True, "patience": 2},
    {"monitor": "loss", "mode": "max", "restore_best_weights": True, "patience": 9},
    {"monitor": "loss", "mode": "max", "start_from_epoch": 2},
    {"monitor": "mae"},
    {"monitor": "own_accuracy"},
)


@about("callbacks.EarlyStopping", "Model.fit", options=EARLY)
def early_stopping(keras, record, options):
    """When training stops for every kind of monitor, mode and option, and with which weights."""

    def own_accuracy(y_true, y_pred):
        return -keras.losses.mean_squared_error(y_true, y_pred)

    known = {"mae": "mae", "accuracy": "accuracy", "own_score": score(keras), "own_accuracy": own_accuracy}
    monitor = options["monitor"].replace("val_", "")
    metrics = [known[monitor]] if monitor in known else []
    model = record.regression(keras, metrics=metrics, **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    make = keras.callbacks.EarlyStopping
    callback = record.run("construct", "structure", lambda: make(**options), False, True)
    more = {"validation_data": (x, y)} if options["monitor"].startswith("val_") else {}
    record.fit(model, x, y, epochs=4, callbacks=[callback], **more)
    record.run("stopped", "events", lambda: [callback.stopped_epoch, callback.wait, callback.patience])
    record.run("best", "value", lambda: callback.best)


@about("callbacks.EarlyStopping", "callbacks.ReduceLROnPlateau", "callbacks.ModelCheckpoint", "metrics.AUC")
def auto_mode_of_metrics(keras, record):
    """Which direction `mode="auto"` takes for built-in metrics: what monitoring each does to training."""
    for name in ("accuracy", "mae", "AUC", "Precision", "TruePositives", "FalseNegatives", "fbeta", "loss"):
        inputs = keras.layers.Input((3,))
        model = keras.models.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(inputs))
        made = {
            n: lambda n=n: getattr(keras.metrics, n)(name=n)
            for n in ("AUC", "Precision", "TruePositives", "FalseNegatives")
        }
        metric = record.run("make " + name, "structure", made.get(name, lambda name=name: name), False)
        metrics = [] if metric is None or name in ("loss", "fbeta") else [metric]
        model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=metrics, **record.eager())
        record.give_weights(model)
        stop = keras.callbacks.EarlyStopping(monitor=name, patience=1)
        x, y = record.array(4, 3), record.classes(4, 2).reshape(4, 1).astype("float32")
        quiet = {"epochs": 4, "verbose": 0, "shuffle": False, "callbacks": [stop]}
        record.run(
            "epochs with " + name, "events", lambda m=model, d=(x, y), q=quiet: len(m.fit(*d, **q).epoch)
        )


PATHS = (
    "m.keras",
    "m.h5",
    "m.hdf5",
    "m.weights.h5",
    "m",
    "m.tf",
    "dir/m-{epoch:02d}-{loss:.2f}.keras",
    "w-{epoch}.weights.h5",
    "{epoch}-{val_loss:.1f}.h5",
    "{nothing}.keras",
    "m.ckpt",
)


@about("callbacks.ModelCheckpoint", "Model.save", "Model.save_weights", path=PATHS, weights=(False, True))
def checkpoint_paths(keras, record, path, weights):
    """What a checkpoint is called and what files it becomes, for whole models and for weights."""
    make = keras.callbacks.ModelCheckpoint
    callback = record.run("construct", "file", lambda: make(path, save_weights_only=weights), False, True)
    model = record.regression(keras, **record.eager())
    x, y = record.array(2, 3), record.array(2, 1)
    more = {"validation_data": (x, y)} if "val" in path else {}
    fit = {"epochs": 2, "verbose": 0, "shuffle": False, "callbacks": [callback]}
    record.run("fit", "file", lambda: model.fit(x, y, **dict(fit, **more)), False)
    record.note("files", "file", files())


CHECKPOINTS = (
    {"save_best_only": True, "monitor": "loss", "mode": "max"},
    {"save_best_only": True, "monitor": "val_nothing"},
    {"save_best_only": True, "monitor": "val_own_score"},
    {"save_best_only": True, "monitor": "mae"},
    {"save_freq": 1},
    {"save_freq": 3},
    {"save_freq": "nope"},
    {"period": 2},
    {"initial_value_threshold": 0.0, "save_best_only": True, "monitor": "loss"},
    {"mode": "nope"},
    {"save_weights_only": True, "options": None},
    {"unknown": 1},
)


@about("callbacks.ModelCheckpoint", "Model.fit", options=CHECKPOINTS)
def checkpoint_options(keras, record, options):
    """Which epochs and batches are saved under every option."""
    weights = options.get("save_weights_only")
    path = (
        "{epoch:02d}.weights.h5"
        if weights
        else "{epoch:02d}-{batch}.h5"
        if "save_freq" in options
        else "{epoch:02d}.h5"
    )
    make = keras.callbacks.ModelCheckpoint
    callback = record.run("construct", "structure", lambda: make(path, **options), False, True)
    metrics = {"mae": ["mae"], "val_own_score": [score(keras)]}.get(options.get("monitor"))
    model = record.regression(keras, metrics=metrics, **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    fit = {"epochs": 3, "batch_size": 2, "verbose": 0, "shuffle": False}
    if "val" in options.get("monitor", ""):
        fit["validation_data"] = (x, y)
    record.run("fit", "file", lambda: model.fit(x, y, callbacks=[callback], **fit), False)
    record.note("files", "file", files())


@about("callbacks.ModelCheckpoint", "models.load_model", path=("m.keras", "m.h5", "m.weights.h5"))
def resume_from_checkpoint(keras, record, path):
    """Training continued from a checkpoint with momentum, against training without a break."""
    momentum = keras.optimizers.SGD(0.1, momentum=0.9)
    model = record.regression(keras, optimizer=momentum)
    x, y = record.array(4, 3), record.array(4, 1)
    only = path.endswith("weights.h5")
    callback = keras.callbacks.ModelCheckpoint(path, save_weights_only=only)
    model.fit(x, y, epochs=2, verbose=0, shuffle=False, callbacks=[callback])

    def loaded():
        if not only:
            return keras.models.load_model(path)
        fresh = record.regression(keras, optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
        fresh.load_weights(path)
        return fresh

    again = record.run("load", "file", loaded, False)
    if again is not None:
        record.predictions(again, x)
        record.fit(again, x, y, epochs=3, initial_epoch=2)
        record.run("iterations", "value", lambda: int(np.array(again.optimizer.iterations)))


PLATEAU = (
    {"monitor": "loss"},
    {"monitor": "loss", "factor": 0.5, "patience": 1, "min_delta": 10.0},
    {"monitor": "loss", "factor": 0.5, "patience": 0, "min_delta": 10.0, "cooldown": 1, "min_lr": 0.03},
    {"monitor": "loss", "mode": "max", "factor": 0.5, "patience": 1},
    {"monitor": "own_score", "patience": 1},
    {"monitor": "nothing"},
    {"factor": 1.5},
    {"monitor": "loss", "epsilon": 0.1},
)


@about("callbacks.ReduceLROnPlateau", "callbacks.History", options=PLATEAU)
def reduce_on_plateau(keras, record, options):
    """The learning rate after each epoch, and the name it is logged by."""
    make = keras.callbacks.ReduceLROnPlateau
    callback = record.run("construct", "structure", lambda: make(**options), False, True)
    metrics = [score(keras)] if options.get("monitor") == "own_score" else None
    model = record.regression(keras, metrics=metrics, **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    record.fit(model, x, y, epochs=3, callbacks=[callback])
    record.run("rate", "value", lambda: rate_of(model))


def rate_of(model):
    """The optimizer's learning rate now, by whatever name it has."""
    rate = getattr(model.optimizer, "learning_rate", None)
    if rate is None:
        rate = model.optimizer.lr
    return float(np.array(rate.numpy() if hasattr(rate, "numpy") else rate))


@about(
    "callbacks.LearningRateScheduler",
    "callbacks.History",
    form=("one argument", "two arguments", "integer", "array", "none", "schedule"),
)
def learning_rate_scheduler(keras, record, form):
    """What a schedule function is given, may return, and what is logged."""
    calls = []

    def one(epoch):
        calls.append([epoch, type(epoch).__name__])
        return {"integer": 1, "array": np.array(0.05), "none": None}.get(form, 0.1 / (epoch + 1.0))

    def two(epoch, rate):
        calls.append([epoch, type(rate).__name__, float(rate)])
        return rate * 0.5

    if form == "schedule":
        schedule = record.symbol("optimizers.schedules.ExponentialDecay")(0.1, 2, 0.5)
        callback = keras.callbacks.LearningRateScheduler(lambda epoch: float(np.array(schedule(epoch))))
    else:
        callback = keras.callbacks.LearningRateScheduler(two if form == "two arguments" else one)
    model = record.regression(keras, **record.eager())
    record.fit(model, record.array(4, 3), record.array(4, 1), epochs=3, callbacks=[callback])
    record.note("calls", "events", calls)
    record.run("rate", "value", lambda: rate_of(model))


@about(
    "callbacks.LearningRateScheduler",
    "optimizers.schedules.LearningRateSchedule",
    which=("scheduler", "plateau", "logged"),
)
def schedule_and_callback(keras, record, which):
    """An optimizer with a schedule of its own, and a callback that sets the rate; the rate in the logs."""
    schedule = record.symbol("optimizers.schedules.ExponentialDecay")(0.1, 1, 0.5)
    model = record.regression(keras, optimizer=keras.optimizers.SGD(schedule))
    callbacks = {
        "scheduler": lambda: [keras.callbacks.LearningRateScheduler(lambda epoch: 0.01)],
        "plateau": lambda: [keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10.0)],
        "logged": lambda: [],
    }[which]()
    record.fit(model, record.array(4, 3), record.array(4, 1), epochs=3, callbacks=callbacks)
    record.run("rate", "value", lambda: rate_of(model))


@about(
    "callbacks.Callback",
    "backend.set_value",
    "optimizers.Optimizer.learning_rate",
    how=("lr", "learning_rate", "assign", "set_value"),
)
def rate_set_by_callback(keras, record, how):
    """A callback that sets the learning rate the ways programs do."""

    class Halves(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            optimizer = self.model.optimizer
            if how == "lr":
                optimizer.lr = 0.05
            elif how == "learning_rate":
                optimizer.learning_rate = 0.05
            elif how == "assign":
                optimizer.learning_rate.assign(0.05)
            else:
                keras.backend.set_value(optimizer.lr, 0.5 * keras.backend.get_value(optimizer.lr))

    model = record.regression(keras)
    record.fit(model, record.array(4, 3), record.array(4, 1), epochs=2, callbacks=[Halves()])
    record.run("rate", "value", lambda: rate_of(model))


@about("callbacks.CSVLogger", separator=(",", ";"), append=(False, True))
def csv_logger(keras, record, separator, append):
    """The lines of a log file, written by two trainings, with validation every other epoch."""
    model = record.regression(keras, metrics=["mae"], **record.eager())
    x, y = record.array(4, 3), record.array(4, 1)
    for _ in range(2):
        callback = keras.callbacks.CSVLogger("log.csv", separator=separator, append=append)
        fit = {"epochs": 2, "validation_data": (x, y), "verbose": 0, "shuffle": False}
        record.run("fit %d" % _, "file", lambda c=callback, f=fit: model.fit(x, y, callbacks=[c], **f), False)
    with open("log.csv") as log:
        lines = list(csv.reader(log, delimiter=str(separator)))
    record.note("header", "names and order", lines[0])
    record.note("first column", "file", [line[0] for line in lines[1:]])
    record.note(
        "values", "value", [[number(cell) for cell in line[1:]] for line in lines[1:] if line[0].isdigit()]
    )


def number(cell):
    """A cell of a log as the number it shows, else as text."""
    try:
        return float(np.float32(cell))
    except ValueError:
        return cell


@about("callbacks.LambdaCallback")
def lambda_callback(keras, record):
    """Which hooks LambdaCallback takes, what they are called with, and how often."""
    calls = []
    names = ["on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end"]
    for more in (
        ["on_batch_begin", "on_batch_end"],
        ["on_train_batch_begin", "on_train_batch_end"],
        ["on_test_begin"],
    ):
        del calls[:]
        hooks = {
            n: (lambda *a, n=n: calls.append([n, len(a), a[0] if len(a) == 2 else None]))
            for n in names + more
        }
        make = keras.callbacks.LambdaCallback
        callback = record.run("construct " + more[0], "structure", lambda f=make, h=hooks: f(**h), False)
        if callback is None:
            continue
        model = record.regression(keras, **record.eager())
        x, y = record.array(4, 3), record.array(4, 1)
        fit = {"batch_size": 2, "verbose": 0, "callbacks": [callback], "validation_data": (x, y)}
        record.run("fit " + more[0], "events", lambda m=model, d=(x, y), f=fit: m.fit(*d, **f), False)
        record.note("calls with " + more[0], "events", list(calls))


@about("callbacks.TerminateOnNaN", "Model.fit")
def terminate_on_nan(keras, record):
    """A loss that is not a number ends training after which batch, with which logs."""
    model = record.regression(keras)
    x, y = record.array(6, 3), record.array(6, 1)
    y[2] = np.nan
    trace = []
    callbacks = [keras.callbacks.TerminateOnNaN(), tracer(keras, trace)]
    model.fit(x, y, epochs=3, batch_size=2, verbose=0, shuffle=False, callbacks=callbacks)
    record.note("trace", "events", trace)
    record.weights(model)


@about("callbacks.BackupAndRestore", "callbacks.experimental.BackupAndRestore")
def backup_files(keras, record):
    """The files of a backup while training and after it, kept and not kept."""
    make = record.symbol(
        "callbacks.BackupAndRestore"
        if record.has("callbacks.BackupAndRestore")
        else "callbacks.experimental.BackupAndRestore"
    )
    x, y = record.array(2, 3), record.array(2, 1)
    for keep in (False, True):
        folder = "kept" if keep else "removed"
        arguments = {"delete_checkpoint": False} if keep else {}
        model = record.regression(keras)
        during = []
        look = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs, f=folder, d=during: d.append(files(f))
        )
        callback = record.run(
            "construct " + folder, "structure", lambda f=folder, a=arguments: make(f, **a), False
        )
        if callback is None:
            continue
        fit = {"epochs": 2, "verbose": 0, "callbacks": [callback, look]}
        record.run("fit " + folder, "file", lambda m=model, f=fit: m.fit(x, y, **f), False)
        record.note("during " + folder, "file", during)
        record.note("after " + folder, "file", files(folder))


@about("callbacks.BackupAndRestore", "Model.fit", when=("epoch", "batch"))
def resume_after_failure(keras, record, when):
    """Training that fails in its second epoch and is started again with the same backup folder."""
    make = record.symbol("callbacks.BackupAndRestore")
    x, y = record.array(4, 3), record.array(4, 1)
    arguments = {"save_freq": 1} if when == "batch" else {}

    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.steps == 2:
                raise RuntimeError("power cut")
            self.steps += 1

    def train(callbacks):
        model = record.regression(keras, optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
        callbacks = [make("backup", **arguments)] + callbacks
        return model, model.fit(x, y, epochs=3, batch_size=2, verbose=0, shuffle=False, callbacks=callbacks)

    failing = Fails()
    failing.steps = 0
    record.run("first", "events", lambda: train([failing]), False)
    trace = []
    resumed = record.run("second", "events", lambda: train([tracer(keras, trace)]), False)
    record.note("trace", "events", trace)
    if resumed is not None:
        record.note("epochs", "events", list(resumed[1].epoch))
        record.history(resumed[1])
        record.weights(resumed[0])


@about(
    "callbacks.TensorBoard",
    "Model.fit",
    options=(
        {},
        {"histogram_freq": 1},
        {"update_freq": "batch"},
        {"write_graph": False},
        {"profile_batch": 0, "write_images": True, "histogram_freq": 1},
    ),
)
def tensorboard(keras, record, options):
    """The event files of a training, read back: folders, tags and scalar values by step."""
    tf = record.tensorflow()
    model = record.regression(keras, metrics=["mae"])
    x, y = record.array(4, 3), record.array(4, 1)
    callback = record.run(
        "construct", "structure", lambda: keras.callbacks.TensorBoard("logs", **options), False, True
    )
    fit = {"epochs": 2, "batch_size": 2, "verbose": 0, "shuffle": False, "validation_data": (x, y)}
    record.run("fit", "file", lambda: model.fit(x, y, callbacks=[callback], **fit), False)
    record.note("folders", "file", sorted({os.path.dirname(f) for f in files("logs")}))
    tags, scalars = [], {}
    for place, _, names in sorted(os.walk("logs")):
        for name in sorted(n for n in names if "tfevents" in n and "profile" not in n):
            read_events(tf, os.path.join(place, name), os.path.basename(place), tags, scalars)
    record.note("tags", "names and order", sorted(set(tags)))
    record.note("scalars", "value", scalars)


def read_events(tf, path, run, tags, scalars):
    """Tags of an event file, and its scalars as ``{"run/tag": [[step, value], …]}``."""
    for event in tf.compat.v1.train.summary_iterator(path):
        if event.HasField("graph_def"):
            tags.append("%s: the graph" % run)
        for value in event.summary.value:
            kind = value.metadata.plugin_data.plugin_name or value.WhichOneof("value")
            tags.append("%s: %s (%s)" % (run, value.tag, kind))
            if kind == "scalars":
                found = (
                    float(tf.make_ndarray(value.tensor)) if value.HasField("tensor") else value.simple_value
                )
            elif kind == "simple_value":
                found = value.simple_value
            else:
                continue
            if "per_second" not in value.tag:
                scalars.setdefault("%s/%s" % (run, value.tag), []).append([int(event.step), found])


@about("callbacks.SwapEMAWeights", "Model.fit")
def swap_ema_weights(keras, record):
    """Averaged weights swapped in for validation."""
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    model = record.regression(keras, optimizer=optimizer)
    x, y = record.array(4, 3), record.array(4, 1)
    callback = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    record.fit(model, x, y, epochs=2, validation_data=(x, y), callbacks=[callback])


@about("optimizers.SGD", "Model.fit", "callbacks.Callback", overwrite=(None, 1))
def averaged_weights(keras, record, overwrite):
    """`use_ema`: the weights a training ends at."""
    make = keras.optimizers.SGD
    more = {} if overwrite is None else {"ema_overwrite_frequency": overwrite}
    optimizer = record.run(
        "construct", "structure", lambda: make(0.1, use_ema=True, ema_momentum=0.5, **more), False, True
    )
    model = record.regression(keras, optimizer=optimizer)
    record.fit(model, record.array(4, 3), record.array(4, 1), epochs=2, batch_size=2)
    record.run(
        "finalize", "structure", lambda: optimizer.finalize_variable_values(model.trainable_variables), False
    )
    record.weights(model, "finalized weights")


@about("callbacks.ProgbarLogger", "Model.fit", "utils.Progbar", verbose=(1, 2))
def printed_progress(keras, record, verbose):
    """What `fit` prints, with times and bars left out."""
    import contextlib
    import io
    import re

    model = record.regression(keras, metrics=["mae"])
    x, y = record.array(4, 3), record.array(4, 1)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        model.fit(x, y, epochs=2, batch_size=2, verbose=verbose, shuffle=False, validation_data=(x, y))
    text = re.sub("\x1b\\[[0-9;]*m|\x08", "", out.getvalue())
    lines = [line.split("\r")[-1] for line in text.split("\n")]
    plain = [
        re.sub(r"[0-9.]+(e[+-]?\d+)?", "0", re.sub(r"\d+(us|ms|s|m)(/step|/epoch)?", "T", line))
        for line in lines
    ]
    record.note("printed", "events", [re.sub(r"[━=>\[\].]{2,}", "BAR", line).strip() for line in plain])


@about("callbacks.CallbackList", "callbacks.Callback", "Model.train_on_batch")
def callback_list_by_hand(keras, record):
    """A CallbackList driven by a loop of one's own."""
    make = record.symbol("callbacks.CallbackList")
    model = record.regression(keras, **record.eager())
    trace = []
    made = record.run(
        "construct",
        "structure",
        lambda: make(
            [tracer(keras, trace)],
            add_history=True,
            add_progbar=False,
            model=model,
            epochs=1,
            steps=2,
            verbose=0,
        ),
        False,
        True,
    )
    calls = (
        ("on_train_begin", ()),
        ("on_epoch_begin", (0,)),
        ("on_train_batch_begin", (0,)),
        ("on_train_batch_end", (0, {"loss": 0.5})),
        ("on_batch_begin", (1,)),
        ("on_batch_end", (1, {"loss": 0.25})),
        ("on_epoch_end", (0, {"loss": 0.25})),
        ("on_test_begin", ()),
        ("on_predict_begin", ()),
        ("on_train_end", ()),
    )
    for name, arguments in calls:
        record.run(name, "events", lambda n=name, a=arguments: getattr(made, n)(*a))
    record.note("trace", "events", trace)
    record.run("history", "value", lambda: model.history.history)


@about("callbacks.Callback", "Model.compile", "Model.fit", steps=(1, 2, 3))
def hooks_and_steps_per_execution(keras, record, steps):
    """Which batches hooks are told of when several steps run at once."""
    model = record.regression(keras, compiled=False)
    options = {"loss": "mean_squared_error", "steps_per_execution": steps}
    record.run(
        "compile", "structure", lambda: model.compile(keras.optimizers.SGD(0.1), **options), False, True
    )
    trace = []
    x, y = record.array(10, 3), record.array(10, 1)
    model.fit(x, y, batch_size=2, verbose=0, shuffle=False, callbacks=[tracer(keras, trace)])
    record.note("trace", "events", [entry[:2] for entry in trace])
    record.weights(model)
