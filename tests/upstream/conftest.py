"""A checkout as small as one can be: two public classes, a function, and what a test passes to them."""

import textwrap

import pytest

from harness.upstream.exports import read_exports
from harness.upstream.reading import read_test

SOURCE = {
    "keras/src/version.py": '__version__ = "3.0.0"\n',
    "keras/src/layers/core/dense.py": """
        from keras.src.api_export import keras_export

        @keras_export("keras.layers.Dense")
        class Dense(Layer):
            def __init__(self, units, activation=None, use_bias=True, *, rate=0.5, **kwargs):
                pass
        """,
    "keras/src/layers/core/wide.py": """
        @keras_export(["keras.layers.Wide", "keras.layers.Wider"])
        class Wide(Dense):
            pass

        @keras_export("keras.layers.Empty")
        class Empty(Nobody):
            pass

        class Modes:
            SUM = "sum"
        """,
    "keras/src/losses/losses.py": """
        @keras_export("keras.losses.Huber")
        class Huber:
            def __init__(self, delta=1.0, reduction="sum", name=None):
                pass

        @keras_export("keras.losses.huber")
        def huber(y_true, y_pred, delta=1.0):
            pass

        @keras_export("keras.Input")
        def Input(shape=None, batch_size=None, dtype=None, sparse=None, batch_shape=None):
            pass
        """,
}


@pytest.fixture
def checkout(tmp_path):
    """The checkout, without tests."""
    for name, text in SOURCE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return tmp_path


@pytest.fixture
def followed(checkout):
    """Follow a test file of that text."""

    def follow(text):
        path = checkout / "keras/src/layers/core/dense_test.py"
        path.write_text("import numpy as np\nfrom keras.src import layers, losses\n" + textwrap.dedent(text))
        exports = read_exports(checkout, "keras/src")
        return read_test(path, checkout=checkout, repository="keras-team/keras", exports=exports)

    return follow


@pytest.fixture
def passed(followed):
    """What a test file of that text passes: (subject, role, argument) → values."""

    def read(text):
        out = {}
        for fact in followed(text).notes.facts:
            out.setdefault((fact.subject, fact.role, fact.name), []).append(fact.value)
        return out

    return read
