"""The formats of the cross-load matrix: how a model is saved to each, and loaded from it.

A writer saves into the working directory; a reader finds the same files in its own. Nothing here catches
what an implementation raises.
"""

import copy
import hashlib
import json
import os
import pickle
import shutil

from harness_worker.recorder import Missing, Unsupported

EXCHANGE = "HARNESS_EXCHANGE"
"""Environment variable: the folder in which files travel from one target to another."""


def needs(thing, member):
    """A method of an object; `Missing` when it has none."""
    found = getattr(thing, member, None)
    if found is None:
        raise Missing("%s.%s" % (type(thing).__name__, member))
    return found


def tensorflow(context):
    """The TensorFlow module, for formats that are TensorFlow's own."""
    if getattr(context.engine, "backend", "") != "tensorflow":
        raise Unsupported("the format is TensorFlow's own, and the backend is another one")
    import tensorflow

    return tensorflow


def save_model(path, **arguments):
    """Saves with `Model.save`."""

    def save(model, context):
        model.save(path, **arguments)

    return save


def load_model(path):
    """Loads with `models.load_model`."""

    def load(build, custom, context, **arguments):
        given = dict(arguments, custom_objects=custom) if custom else arguments
        return context.symbol("models.load_model")(path, **given)

    return load


def save_weights(path):
    """Saves with `Model.save_weights`."""

    def save(model, context):
        model.save_weights(path)

    return save


def load_weights(path):
    """Builds the model anew, with other weights, and loads with `Model.load_weights`."""

    def load(build, custom, context):
        model = build().model
        status = model.load_weights(path)
        if hasattr(status, "assert_existing_objects_matched"):
            status.assert_existing_objects_matched()
        return model

    return load


def save_after_h5(model, context):
    """A `.keras` file of a model that has been saved as `.h5` before: saving should change no model."""
    model.save("before.h5")
    os.remove("before.h5")
    model.save("m.keras")


def save_folder(model, context):
    """`save` to a path without an extension: a SavedModel, or whatever the writer makes of it."""
    model.save("m")


def export(model, context):
    """`Model.export`: for serving only."""
    needs(model, "export")("m")


class Served(object):
    """What `Model.export` leaves, called. It holds on to what was loaded, which owns the variables."""

    def __init__(self, function, name, loaded=None):
        self.function = function
        self.name = name
        self.loaded = loaded

    def __call__(self, inputs):
        found = self.function(inputs)
        return next(iter(found.values())) if isinstance(found, dict) and len(found) == 1 else found


def load_export(build, custom, context):
    """Through `TFSMLayer` where there is one, else as any TensorFlow program loads it."""
    tf = tensorflow(context)
    if context.has("layers.TFSMLayer"):
        return Served(context.symbol("layers.TFSMLayer")("m", call_endpoint="serve"), "TFSMLayer")
    if context.engine.name != "eager":
        raise Unsupported("what is exported is called, which takes eager TensorFlow")
    loaded = tf.saved_model.load("m")
    return Served(loaded.serve, "tf.saved_model.load", loaded)


def save_checkpoint(model, context):
    """`tf.train.Checkpoint` of the model and its optimizer."""
    tf = tensorflow(context)
    if context.engine.name != "eager":
        raise Unsupported("object-based checkpoints are observed with eager TensorFlow only")
    tf.train.Checkpoint(**parts(model)).write("c")


def parts(model):
    """What a program puts into its checkpoint."""
    optimizer = getattr(model, "optimizer", None)
    return {"model": model} if optimizer is None else {"model": model, "optimizer": optimizer}


def load_checkpoint(build, custom, context):
    """Builds and compiles the model anew and restores it."""
    tf = tensorflow(context)
    if context.engine.name != "eager":
        raise Unsupported("object-based checkpoints are observed with eager TensorFlow only")
    built = build()
    if built.compiled is not None:
        built.model.compile(**built.compiled)
    status = tf.train.Checkpoint(**parts(built.model)).read("c")
    status.assert_existing_objects_matched()
    return built.model


def save_text(method, path):
    """Writes what `to_json` or `to_yaml` returns."""

    def save(model, context):
        text = needs(model, method)()
        with open(path, "wb") as file:
            file.write(text.encode("utf-8"))

    return save


def load_text(symbol, path):
    """Reads it with `model_from_json` or `model_from_yaml`."""

    def load(build, custom, context):
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        given = {"custom_objects": custom} if custom else {}
        return context.symbol(symbol)(text, **given)

    return load


def save_config(model, context):
    """`get_config` as a program would keep it: JSON, beside the name of the class."""
    with open("config.json", "w") as file:
        json.dump({"class": type(model).__name__, "config": model.get_config()}, file, sort_keys=True)


def load_config(build, custom, context):
    """`from_config` of the class that has the name; a functional model is a `Model`."""
    with open("config.json") as file:
        found = json.load(file)
    name = "models.Sequential" if found["class"] == "Sequential" else "models.Model"
    given = {"custom_objects": custom} if custom else {}
    return context.symbol(name).from_config(found["config"], **given)


def save_pickle(model, context):
    """`pickle.dumps`, read back inside the same target only."""
    with open("m.pickle", "wb") as file:
        pickle.dump(model, file)


def load_pickle(build, custom, context):
    """`pickle.load`."""
    with open("m.pickle", "rb") as file:
        return pickle.load(file)


def duplicate(model):
    """`copy.deepcopy`."""
    return copy.deepcopy(model)


FORMATS = {
    "keras": (save_model("m.keras"), load_model("m.keras")),
    "h5": (save_model("m.h5"), load_model("m.h5")),
    "keras-after-h5": (save_after_h5, load_model("m.keras")),
    "folder": (save_folder, load_model("m")),
    "h5-weights": (save_weights("w.h5"), load_weights("w.h5")),
    "weights.h5": (save_weights("w.weights.h5"), load_weights("w.weights.h5")),
    "tf-weights": (save_weights("w"), load_weights("w")),
    "checkpoint": (save_checkpoint, load_checkpoint),
    "export": (export, load_export),
    "json": (save_text("to_json", "m.json"), load_text("models.model_from_json", "m.json")),
    "yaml": (save_text("to_yaml", "m.yaml"), load_text("models.model_from_yaml", "m.yaml")),
    "config": (save_config, load_config),
    "pickle": (save_pickle, load_pickle),
}
"""Format → (save, load). A writer saves `h5` last but one and `keras-after-h5` last: in Keras 3 saving as
`.h5` damages the compile configuration of the live model."""

WHOLE = ("keras", "h5", "folder", "keras-after-h5")
"""Formats of whole models, loaded by `load_model`."""
SCHEMA = ("json", "yaml", "config")
"""Formats without weights."""


def keep(folder):
    """Move the files of a folder to the exchange under the digest of their content; returns the digest."""
    hasher = hashlib.blake2b(digest_size=16)
    for path in below(folder):
        with open(os.path.join(folder, path), "rb") as file:
            content = file.read()
        hasher.update(("%s\0%d\0" % (path, len(content))).encode("utf-8"))
        hasher.update(content)
    name = hasher.hexdigest()
    exchange = os.environ[EXCHANGE]
    place = os.path.join(exchange, name)
    if not os.path.isdir(place):
        half = "%s.%d" % (place, os.getpid())
        shutil.copytree(folder, half)
        try:
            os.rename(half, place)
        except OSError:  # another process has just kept the same content
            shutil.rmtree(half, ignore_errors=True)
    return name


def below(folder):
    """Paths of the files below a folder, sorted."""
    found = []
    for place, _, names in os.walk(folder):
        found.extend(os.path.relpath(os.path.join(place, name), folder) for name in names)
    return sorted(path.replace(os.sep, "/") for path in found)


def fetch(digest):
    """Copy the files with this digest into the working directory, where a reader may do what it likes."""
    place = os.path.join(os.environ[EXCHANGE], digest)
    for name in os.listdir(place):
        source = os.path.join(place, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, name)
