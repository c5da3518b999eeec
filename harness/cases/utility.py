"""Utilities that need more than one call: files made first, objects asked several things, state put back."""

import os

import numpy as np
from harness_worker.recorder import Unsupported

from . import function

TEXTS = ("the quick brown fox", "Jumps over, the lazy dog!", "the fox\tand THE dog", "")


def tokenizer(case, context):
    """A tokenizer fitted on texts; everything it can then tell. Steps named after its methods."""
    record = context.record
    cls = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    made = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    record.run("fit_on_texts", "structure", lambda: made.fit_on_texts(list(TEXTS)), False)
    for name in ("word_index", "word_counts", "word_docs", "index_docs", "document_count"):
        record.run(name, "value", lambda name=name: plain_counts(getattr(made, name)))
    sequences = record.run("texts_to_sequences", "value", lambda: made.texts_to_sequences(list(TEXTS)))
    record.run("sequences_to_texts", "value", lambda: made.sequences_to_texts(sequences))
    for mode in ("binary", "count", "tfidf", "freq"):
        record.run("matrix " + mode, "value", lambda mode=mode: made.texts_to_matrix(list(TEXTS), mode=mode))
    record.run("config", "config", lambda: made.get_config())
    record.run("to_json", "config", lambda: made.to_json())


def plain_counts(value):
    """Counts as pairs in their own order, so that the order is seen."""
    return [[k, v] for k, v in value.items()] if hasattr(value, "items") else value


def generator(case, context):
    """A generator of batches: its length and every batch."""
    record = context.record
    cls = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    arguments = function.arguments_of(case["feed"], context)
    made = record.run("construct", "structure", lambda: cls(*arguments, **parameters), False, needed=True)
    record.run("length", "value", lambda: len(made))
    record.run("forward", "value", lambda: [made[i] for i in range(len(made))])
    record.run("past the end", "value", lambda: made[len(made)])
    record.run("config", "config", lambda: made.get_config())


def images(folder):
    """Small images of two classes, whose pixels name their place."""
    try:
        from PIL import Image
    except ImportError as error:
        raise Unsupported("Pillow is not installed beside this implementation") from error
    for number, name in enumerate(("cats", "dogs")):
        os.makedirs(os.path.join(folder, name))
        for place in range(3):
            pixels = (np.arange(4 * 6 * 3).reshape(4, 6, 3) + 60 * number + 20 * place).astype("uint8")
            Image.fromarray(pixels).save(os.path.join(folder, name, "%d.png" % place))


def texts(folder):
    """Small text files of two classes."""
    for name in ("bad", "good"):
        os.makedirs(os.path.join(folder, name))
        for place in range(3):
            with open(os.path.join(folder, name, "%d.txt" % place), "w") as out:
                out.write("%s text %d" % (name, place))


def directory(case, context):
    """A data set of files made by the case. Steps: construct, class names, forward."""
    record = context.record
    maker = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    make = images if "image" in case["subject"] else texts
    record.run("files", "structure", lambda: make("made"), False, True)
    made = record.run("construct", "structure", lambda: maker("made", **parameters), False, needed=True)
    pair = made if isinstance(made, (list, tuple)) else [made]
    record.run("class names", "config", lambda: [d.class_names for d in pair])
    record.run("files in order", "config", lambda: [[relative(p) for p in d.file_paths] for d in pair])
    record.run("forward", "value", lambda: [function.shown(d, context) for d in pair])


def relative(path):
    """A path below the folder the case made."""
    return path.replace(os.sep, "/").split("made/", 1)[-1]


def load(case, context):
    """An image written by the case and read again. Steps: save, forward, mode."""
    record = context.record
    record.run("files", "structure", lambda: images("made"), False, True)
    reader = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    image = record.run(
        "forward",
        "value",
        lambda: reader("made/cats/1.png", **parameters),
        lambda i: function.shown(i, context),
    )
    record.run("mode", "config", lambda: image.mode)
    record.run("missing file", "value", lambda: reader("made/none.png"))


def save(case, context):
    """An array saved as an image file and read by Pillow."""
    record = context.record
    writer = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    pixels = context.make.value(case["feed"]["inputs"])
    record.run("save", "structure", lambda: writer("out.png", pixels, **parameters), False, needed=True)

    def read():
        from PIL import Image

        return function.shown(Image.open("out.png"), context)

    record.run("forward", "value", read)


def get_file(case, context):
    """A file fetched from the disk by its `file://` address. Steps: name, content, wrong hash."""
    record = context.record
    fetch = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    with open("source.txt", "w") as out:
        out.write("content of the file")
    os.makedirs("cache")
    address = "file://" + os.path.abspath("source.txt")
    options = dict(parameters, cache_dir=os.path.abspath("cache"))
    found = record.run("fetch", "file", lambda: fetch("got.txt", address, **options), False, needed=True)
    record.run("name", "file", lambda: os.path.relpath(str(found), os.getcwd()).replace(os.sep, "/"))
    record.run("forward", "file", lambda: content(str(found)))


def content(path):
    """The text of a file."""
    with open(path) as text:
        return text.read()


def registration(case, context):
    """Names registered and found again. Steps named after what is asked."""
    record = context.record
    place = "saving" if context.has("saving.register_keras_serializable") else "utils"
    layer = context.symbol("layers.Layer")

    class Mine(layer):
        """A layer of a user's own."""

    def symbol(name):
        return context.symbol(place + "." + name)

    record.run(
        "register", "config", lambda: symbol("register_keras_serializable")("pack", "mine")(Mine), False
    )
    record.run("registered name", "config", lambda: symbol("get_registered_name")(Mine))
    record.run("registered object", "config", lambda: symbol("get_registered_object")("pack>mine") is Mine)
    record.run("custom objects", "config", lambda: sorted(symbol("get_custom_objects")()))
    record.run("unregistered name", "config", lambda: symbol("get_registered_name")(dict))
    record.run("wrong class", "config", lambda: symbol("register_keras_serializable")()(3))
    scope = context.symbol("utils.CustomObjectScope")
    read = context.symbol("layers.deserialize")

    def inside():
        with scope({"MineToo": Mine}):
            return type(read({"class_name": "MineToo", "config": {}})).__name__

    record.run("in scope", "config", inside)
    record.run("after scope", "config", lambda: read({"class_name": "MineToo", "config": {}}))


def serialized(case, context):
    """Objects written by `serialize_keras_object` and read by `deserialize_keras_object`."""
    record = context.record
    write = context.symbol(case["subject"])
    read = context.symbol(case["subject"].replace("serialize", "deserialize"))
    value = context.make.value(case["feed"]["inputs"])
    written = record.run("forward", "config", lambda: write(value), needed=True)
    record.run("read", "config", lambda: read(written))


def summary(case, context):
    """What a small model prints of itself, and the picture it would give."""
    record = context.record
    dense, inputs = context.symbol("layers.Dense"), context.symbol("layers.Input")
    model = context.symbol("models.Sequential")([dense(3, input_shape=(2,), name="a"), dense(1, name="b")])
    lines = []
    parameters = context.make.parameters(case["parameters"])
    record.run(
        "summary",
        "names and order",
        lambda: model.summary(print_fn=lambda line, **more: lines.append(line), **parameters),
        False,
    )
    record.run("lines", "names and order", lambda: "\n".join(lines).replace("\r", "").splitlines())
    record.run("count", "value", lambda: model.count_params())
    record.run("inputs", "structure", lambda: inputs(shape=(2,)) is not None)


def picture(case, context):
    """A model drawn; without the drawing program that is an outcome of its own."""
    draw = context.symbol(case["subject"])
    dense = context.symbol("layers.Dense")
    model = context.symbol("models.Sequential")([dense(3, input_shape=(2,), name="a"), dense(1, name="b")])
    parameters = context.make.parameters(case["parameters"])
    context.record.run("draw", "structure", lambda: draw(model, **parameters), False)


def seeds(case, context):
    """What `set_random_seed` makes repeatable: Python's, numpy's and the backend's numbers."""
    import random

    record = context.record
    seed = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])

    def drawn():
        seed(**parameters)
        first = [random.random(), float(np.random.random())]
        layer = context.symbol("layers.Dense")(3)
        layer.build((None, 2))
        return first + [context.engine.get_weights(layer)[0], random.random()]

    def repeated():
        one, two = drawn(), drawn()
        return {
            "python": one[0] == two[0],
            "numpy": one[1] == two[1],
            "initial weights": bool(np.array_equal(one[2], two[2])),
        }

    record.run("repeats", "value", repeated)
    record.run("python and numpy", "value", lambda: drawn()[:2])
    record.run("python after a layer", "value", lambda: drawn()[3])


def progress(case, context):
    """A progress bar's own arithmetic; what it prints is recorded without times."""
    record = context.record
    cls = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    bar = record.run("construct", "structure", lambda: cls(**parameters), False, needed=True)
    record.run("update", "structure", lambda: bar.update(2, [("loss", 2.0), ("acc", 0.5)]), False)
    record.run("add", "structure", lambda: bar.add(1, [("loss", 5.0)]), False)
    record.run("last", "structure", lambda: bar.update(5, [("loss", 1.0)]), False)
    record.run("values", "value", lambda: averages(bar))


def averages(bar):
    """Running means by name."""
    found = getattr(bar, "_values", None)
    if found is None:
        found = bar.sum_values
    return {k: (v[0] / max(1, v[1]) if isinstance(v, list) else v) for k, v in found.items()}


def sequence(case, context):
    """A data set of a user's own given to `predict`: what is asked of it, in which order."""
    record = context.record
    base = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    asked = []

    class Mine(base):
        """Three batches of two."""

        def __init__(self, **more):
            if more:
                base.__init__(self, **more)

        def __len__(self):
            return 3

        def __getitem__(self, index):
            asked.append(index)
            return np.full((2, 1), float(index), "float32")

    made = record.run("construct", "structure", lambda: Mine(**parameters), False, needed=True)
    dense = context.symbol("layers.Dense")(1, use_bias=False, kernel_initializer="ones", input_shape=(1,))
    model = context.symbol("models.Sequential")([dense])
    record.run("forward", "value", lambda: model.predict(made, verbose=0))
    record.run("batches asked for", "events", lambda: sorted(set(asked)))
    record.run(
        "attributes",
        "config",
        lambda: {n: getattr(made, n) for n in ("workers", "max_queue_size") if hasattr(made, n)},
    )


def split(case, context):
    """A data set split in two. Steps: forward."""
    record = context.record
    divide = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    data = context.make.value(case["feed"]["inputs"])
    record.run("forward", "value", lambda: [function.shown(d, context) for d in divide(data, **parameters)])
