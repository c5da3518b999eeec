"""The two programs of a cell: one writes the file with the one Keras, the other reads it with the other.

They are put together from the very functions that the case scripts build the models with, so that what is
shown is what was run; nothing of the harness is needed to run them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache

from harness.crossload.records import TargetFacts
from harness.crossload.table import Format
from harness.run.launch import CASES

PINNED = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "tf-keras",
    "keras-core",
    "jax",
    "torch",
    "numpy",
    "h5py",
    "protobuf",
)
"""Distributions whose versions decide what is seen."""

HEAD = '''"""{about}

{purpose}
Run it as: python {name} NAMESPACE, where NAMESPACE is keras, tensorflow.keras, tf_keras or keras_core.
"""

import importlib
import json
import pickle
import sys

import numpy as np


class Missing(Exception):
    """This Keras has no such symbol."""


class namespace:
    """Finding symbols."""

    @staticmethod
    def resolve(keras, name):
        found = keras
        for part in name.split("."):
            found = getattr(found, part)
        return found

    @staticmethod
    def has(keras, name):
        try:
            namespace.resolve(keras, name)
        except AttributeError:
            return False
        return True


'''

WRITE = """
keras = importlib.import_module(sys.argv[1])
x, y = data({model!r})
built = {model}(keras)
model = built.model
give_weights(model)
if built.adapt is not None:
    built.adapt()
if built.compiled is not None:
    model.compile(**built.compiled)
    for _ in range(2):
        model.train_on_batch(x, y)
print("weights", [float(np.sum(w)) for w in model.get_weights()])
if y is not None:
    print("predictions", model.predict(x))
{save}
"""

READ = """
keras = importlib.import_module(sys.argv[1])
x, y = data({model!r})
custom = {custom}
{load}
print(type(model).__name__)
print("weights", [float(np.sum(w)) for w in model.get_weights()])
if y is not None:
    print("predictions", model.predict(x))
if getattr(model, "optimizer", None) is not None:
    print(type(model.optimizer).__name__, model.optimizer.get_config(), model.loss)
    print("a further step", model.train_on_batch(x, y))
"""

GIVE = '''
def give_weights(model):
    """Weights that depend on nothing but their place and shape."""
    for place, layer in enumerate(model.layers):
        random = np.random.RandomState(place)
        values = []
        for w in layer.get_weights():
            drawn = random.uniform(-1, 1, np.shape(w))
            values.append(drawn.astype(w.dtype) if w.dtype.kind == "f" else w)
        layer.set_weights(values)

'''

SAVES: Mapping[str, str] = {
    "keras": "model.save('m.keras')",
    "h5": "model.save('m.h5')",
    "keras-after-h5": "model.save('before.h5')\nmodel.save('m.keras')",
    "folder": "model.save('m')",
    "h5-weights": "model.save_weights('w.h5')",
    "weights.h5": "model.save_weights('w.weights.h5')",
    "tf-weights": "model.save_weights('w')",
    "checkpoint": "import tensorflow as tf\n\n"
    "tf.train.Checkpoint(model=model, optimizer=model.optimizer).write('c')",
    "export": "model.export('m')",
    "json": "open('m.json', 'w').write(model.to_json())",
    "yaml": "open('m.yaml', 'w').write(model.to_yaml())",
    "config": "kept = {'class': type(model).__name__, 'config': model.get_config()}\n"
    "json.dump(kept, open('config.json', 'w'))",
    "pickle": "pickle.dump(model, open('m.pickle', 'wb'))",
    "copy": "import copy\n\nmodel = copy.deepcopy(model)\nprint('copied', model.predict(x))",
}

REBUILD = "built = {model}(keras)\nmodel = built.model\n"
LOADS: Mapping[str, str] = {
    "keras": "model = keras.models.load_model('m.keras', **custom)",
    "h5": "model = keras.models.load_model('m.h5', **custom)",
    "keras-after-h5": "model = keras.models.load_model('m.keras', **custom)",
    "folder": "model = keras.models.load_model('m', **custom)",
    "h5-weights": REBUILD + "model.load_weights('w.h5')",
    "weights.h5": REBUILD + "model.load_weights('w.weights.h5')",
    "tf-weights": REBUILD + "model.load_weights('w').assert_existing_objects_matched()",
    "checkpoint": "import tensorflow as tf\n\n" + REBUILD + "model.compile(**built.compiled)\n"
    "found = tf.train.Checkpoint(model=model, optimizer=model.optimizer).read('c')\n"
    "found.assert_existing_objects_matched()",
    "export": "import tensorflow as tf\n\nprint(tf.saved_model.load('m').serve(x))\nsys.exit()",
    "json": "model = keras.models.model_from_json(open('m.json').read(), **custom)",
    "yaml": "model = keras.models.model_from_yaml(open('m.yaml').read(), **custom)",
    "config": "kept = json.load(open('config.json'))\n"
    "maker = keras.models.Sequential if kept['class'] == 'Sequential' else keras.models.Model\n"
    "model = maker.from_config(kept['config'], **custom)",
    "pickle": "model = pickle.load(open('m.pickle', 'rb'))",
    "copy": "sys.exit('a copy is made by the writer itself')",
}

CUSTOM: Mapping[str, str] = {
    "custom_loss": "{'custom_objects': {'crossload_loss': crossload_loss}}",
    "custom_objects": "{'custom_objects': {'CrossloadScale': scaling(keras)}}",
    "custom_registered": "registered(keras) and {}",
}


@cache
def parts() -> dict[str, ast.stmt]:
    """The top-level definitions of the builders' file by name."""
    tree = ast.parse((CASES / "crossload_models.py").read_text("utf-8"))
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node
    return found


def needed(*names: str) -> str:
    """The source of some definitions and of all that they use, in the order of the file."""
    known, wanted, ahead = parts(), set[str](), list(names)
    while ahead:
        name = ahead.pop()
        if name in wanted or name not in known:
            continue
        wanted.add(name)
        ahead += [n.id for n in ast.walk(known[name]) if isinstance(n, ast.Name)]
    return "\n\n\n".join(ast.unparse(node) for name, node in known.items() if name in wanted)


def writing(model: str, about: str, format: Format) -> str:
    """The program that writes."""
    head = HEAD.format(about=about, purpose=f"Writes: {format.writes}.", name="write.py")
    body = needed(model, "data") + "\n\n" + GIVE
    return head + body + WRITE.format(model=model, save=SAVES[format.name])


def reading(model: str, about: str, format: Format) -> str:
    """The program that reads."""
    head = HEAD.format(about=about, purpose=f"Reads: {format.reads}.", name="read.py")
    extra = ("scaling", "registered", "crossload_loss") if model in CUSTOM else ()
    body = needed(model, "data", *extra) + "\n\n"
    load = LOADS[format.name].replace("{model}", model)
    return head + body + READ.format(model=model, load=load, custom=CUSTOM.get(model, "{}"))


def command(target: TargetFacts, program: str, namespace: str) -> str:
    """How to run a program in an environment like a target's, with uv."""
    pins = [f"--with {name}=={target.packages[name]}" for name in PINNED if name in target.packages]
    python = f"--python {'.'.join(target.python.split('.')[:2])} " if target.python else ""
    settings = "".join(f"{name}={value} " for name, value in target.environment.items())
    return f"{settings}uv run {python}{' '.join(pins)} {program} {namespace}"
