"""Files that nobody should trust, made as data and opened by a reader in its own child.

Every payload is inert: at most it makes an empty folder called `marker` in the case's own working directory,
and whether that is there afterwards says whether a file ran what it holds. The process that opens a file has
the limits of every case.
"""

import io
import json
import os
import shutil
import tarfile
import zipfile

import numpy as np
from harness_worker.recorder import Missing, Unsupported

from .crossload_formats import below, fetch, keep

MARKER = "marker"
HUGE = 1 << 40
"""Elements a file claims to hold: four terabytes of float32."""


def make(case, context):
    """Write one hostile file; the step ``save`` has the digest of what was kept."""
    kind = case["parameters"]["file"]
    os.mkdir("out")

    def perform():
        here = os.getcwd()
        os.chdir("out")
        try:
            MAKERS[kind](context)
        finally:
            os.chdir(here)
        return {"digest": keep("out"), "files": below("out")}

    context.record.run("save", "file", perform)


def small(keras, name="m"):
    """A model of one Dense layer."""
    inputs = keras.layers.Input((3,), name="x")
    return keras.models.Model(inputs, keras.layers.Dense(2, name="out")(inputs), name=name)


def marking(tensor):
    """Bytecode that leaves a marker where it runs."""
    import os

    if not os.path.isdir("marker"):
        os.mkdir("marker")
    return tensor


def with_lambda(keras):
    """A model whose Lambda layer leaves a marker when it is called."""
    inputs = keras.layers.Input((3,), name="x")
    marked = keras.layers.Lambda(marking, output_shape=(3,), name="marking")(inputs)
    return keras.models.Model(inputs, keras.layers.Dense(2, name="out")(marked), name="m")


def lambda_file(path):
    """A Lambda layer whose function is a lambda, so that its bytecode travels."""

    def save(context):
        keras = context.keras
        marking.__name__ = "<lambda>"  # Kerases keep the code of what is called so, and the name of others
        try:
            model = with_lambda(keras)
            model.save(path)
        finally:
            marking.__name__ = "marking"
            if os.path.isdir(MARKER):
                os.rmdir(MARKER)

    return save


def members(path):
    """The members of a zip file."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path, content):
    """Write a zip file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in content:
            archive.writestr(zipfile.ZipInfo(name), content[name])


def archive_of(context):
    """A good `.keras` file of this writer, as members; unsupported where it is no zip file."""
    small(context.keras).save("good.keras")
    try:
        if not zipfile.is_zipfile("good.keras"):
            raise Unsupported("this writer's .keras file is no zip file")
        return members("good.keras")
    finally:
        os.remove("good.keras")


def config_of(content):
    """The configuration inside."""
    return json.loads(content["config.json"].decode("utf-8"))


def named_class(context):
    """A configuration whose model is a function of `os`, called with the name of the marker."""
    content = archive_of(context)
    config = {"module": "os", "class_name": "mkdir", "config": {"path": MARKER}, "registered_name": "mkdir"}
    content["config.json"] = json.dumps(config).encode("utf-8")
    pack("m.keras", content)


def named_function(context):
    """A graph in which a layer is a function of `os`: called on load with the name of the marker."""
    content = archive_of(context)
    config = config_of(content)
    config["config"]["layers"].append(
        {
            "module": "os",
            "class_name": "function",
            "config": "mkdir",
            "registered_name": "function",
            "name": "made",
            "inbound_nodes": [{"args": [MARKER], "kwargs": {}}],
        }
    )
    content["config.json"] = json.dumps(config).encode("utf-8")
    pack("m.keras", content)


def climbing(context):
    """Members whose names climb out of the archive, beside assets that make a reader unpack it."""
    content = archive_of(context)
    content["assets/x/y.txt"] = b"y"
    content["../" + MARKER + "/climbed"] = b"climbed"
    content["assets/../../" + MARKER + "/climbed"] = b"climbed"
    pack("m.keras", content)


def climbing_tar(context):
    """A tar file with a member that climbs out, for `utils.get_file(extract=True)`."""
    with tarfile.open("m.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("../" + MARKER + "/climbed")
        entry.size = 7
        archive.addfile(entry, io.BytesIO(b"climbed"))
        inside = tarfile.TarInfo("inside.txt")
        inside.size = 2
        archive.addfile(inside, io.BytesIO(b"ok"))


class Marking(object):
    """Leaves a marker where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (MARKER,)


def pickled(context):
    """Weights as a numpy archive that holds a pickled object instead of arrays."""
    content = archive_of(context)
    content.pop("model.weights.h5", None)
    packed = io.BytesIO()
    np.savez(packed, **{"layers/dense/vars": np.array({"0": Marking()}, dtype=object)})
    content["model.weights.npz"] = packed.getvalue()
    pack("m.keras", content)


def huge(path):
    """An HDF5 file in which a weight claims a shape of terabytes without holding it."""

    def save(context):
        import h5py

        small(context.keras).save(path)
        with h5py.File(path, "r+") as file:
            places = []
            file["model_weights"].visititems(
                lambda name, thing: places.append(name) if isinstance(thing, h5py.Dataset) else None
            )
            for name in places:
                full = "model_weights/" + name
                del file[full]
                file.create_dataset(full, shape=(HUGE,), dtype="float32", chunks=(1 << 16,))

    return save


def huge_archive(context):
    """The same inside a `.keras` archive."""
    import h5py

    content = archive_of(context)
    with open("w.h5", "wb") as file:
        file.write(content["model.weights.h5"])
    with h5py.File("w.h5", "r+") as file:
        places = []
        file.visititems(lambda name, thing: places.append(name) if isinstance(thing, h5py.Dataset) else None)
        for name in places:
            del file[name]
            file.create_dataset(name, shape=(HUGE,), dtype="float32", chunks=(1 << 16,))
    with open("w.h5", "rb") as file:
        content["model.weights.h5"] = file.read()
    os.remove("w.h5")
    pack("m.keras", content)


def huge_config(context):
    """A configuration that asks for a layer of terabytes."""
    text = small(context.keras).to_json().replace('"units": 2', '"units": %d' % HUGE)
    with open("m.json", "w") as file:
        file.write(text)


def truncated(path):
    """The first half of a good file."""

    def save(context):
        small(context.keras).save(path)
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)

    return save


MAKERS = {
    "lambda.h5": lambda_file("m.h5"),
    "lambda.keras": lambda_file("m.keras"),
    "class.keras": named_class,
    "function.keras": named_function,
    "climbing.keras": climbing,
    "climbing.tar.gz": climbing_tar,
    "pickle.keras": pickled,
    "huge.h5": huge("m.h5"),
    "huge.keras": huge_archive,
    "huge.json": huge_config,
    "truncated.h5": truncated("m.h5"),
    "truncated.keras": truncated("m.keras"),
}
"""Kind of file → what makes it."""


def ways(kind, context):
    """How a reader opens a kind of file: name of the step → function."""
    load = "models.load_model"
    if kind == "huge.json":

        def from_json():
            with open("m.json") as file:
                return context.symbol("models.model_from_json")(file.read())

        return {"load": from_json}
    if kind == "climbing.tar.gz":

        def unpack():
            source = "file://" + os.path.abspath("m.tar.gz")
            os.makedirs("a/b")
            return context.symbol("utils.get_file")(
                "m.tar.gz", origin=source, extract=True, cache_dir=os.path.abspath("a/b"), cache_subdir="c"
            )

        return {"load": unpack}
    path = "m." + kind.split(".")[1]
    found = {"load": lambda: context.symbol(load)(path, compile=False)}
    if kind.startswith("lambda"):
        for value in (True, False):
            found["load with safe_mode=%s" % value] = lambda v=value: context.symbol(load)(
                path, compile=False, safe_mode=v
            )
    return found


def open_file(case, context):
    """Open one hostile file in every way; after each, whether its payload has run."""
    kind = case["parameters"]["file"]
    fetch(case["parameters"]["digest"])
    for name, way in ways(kind, context).items():
        model = context.record.run(name, "file", way, lambda found: type(found).__name__)
        ran = marked()
        context.record.note(name + ": payload ran", "file", ran)
        if model is not None and not ran and hasattr(model, "predict"):
            context.record.run(name + ", then predict", "file", lambda m=model: use(m), False)
            context.record.note(name + ", then predict: payload ran", "file", marked())
    if not context.record.steps:
        raise Missing(kind)


def use(model):
    """What anyone does with a model next."""
    model.predict(np.zeros((1, 3), "float32"))


def marked():
    """Whether a marker is anywhere below or right above the working directory; it is taken away."""
    found = False
    for top in (".", ".."):
        for place, folders, _ in os.walk(top):
            if MARKER in folders:
                shutil.rmtree(os.path.join(place, MARKER), ignore_errors=True)
                found = True
    return found
