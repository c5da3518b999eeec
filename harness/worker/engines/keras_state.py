"""The global state of a Keras, and how it is put back between cases."""

import os

from ..child import seed_everything
from ..namespace import has, resolve


class KerasState(object):
    """Knows what can be set in this Keras, and sets it to the documented defaults."""

    def __init__(self, keras):
        self.keras = keras
        self.is_keras3 = has(keras, "config.set_dtype_policy") or (
            has(keras, "KerasTensor") and has(keras, "ops.add")
        )
        self.setters = {}
        for name, symbols in (
            ("floatx", ("config.set_floatx", "backend.set_floatx")),
            ("epsilon", ("config.set_epsilon", "backend.set_epsilon")),
            ("image", ("config.set_image_data_format", "backend.set_image_data_format")),
            (
                "policy",
                (
                    "config.set_dtype_policy",
                    "mixed_precision.set_dtype_policy",
                    "mixed_precision.set_global_policy",
                ),
            ),
            ("seed", ("utils.set_random_seed",)),
            ("clear", ("utils.clear_session", "backend.clear_session")),
        ):
            for symbol in symbols:
                if has(keras, symbol):
                    self.setters[name] = resolve(keras, symbol)
                    break
        custom = ("saving.get_custom_objects", "utils.get_custom_objects")
        self.custom_objects = next((resolve(keras, s) for s in custom if has(keras, s)), None)
        self.own_objects = dict(self.custom_objects()) if self.custom_objects is not None else {}

    def clear(self):
        """Forget layers, names and graphs of earlier cases."""
        function = self.setters.get("clear")
        if function is None:
            return
        try:
            function(free_memory=False)
        except TypeError:
            function()

    def defaults(self, floatx):
        """Documented defaults, with the given floatx everywhere."""
        for name, value in (
            ("floatx", floatx),
            ("epsilon", 1e-7),
            ("image", "channels_last"),
            ("policy", floatx),
        ):
            if name in self.setters:
                self.setters[name](value)
        if self.custom_objects is not None:
            registered = self.custom_objects()
            if registered != self.own_objects:
                registered.clear()
                registered.update(self.own_objects)

    def reset(self, seed, variant, draws=True):
        """A clean state for a case.

        draws: whether anything random is observed. If not, the backend's own generator is left alone.
        """
        self.clear()
        self.defaults("float64" if variant == "shadow" else "float32")
        seed_everything(seed)
        if draws and "seed" in self.setters:
            self.setters["seed"](seed)


def recorded_environment():
    """Environment variables that decide what is computed, for the record."""
    names = (
        "KERAS_BACKEND",
        "TF_USE_LEGACY_KERAS",
        "TF_ENABLE_ONEDNN_OPTS",
        "TF_DETERMINISTIC_OPS",
        "PYTHONHASHSEED",
        "OMP_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "THEANO_FLAGS",
        "JAX_ENABLE_X64",
        "XLA_FLAGS",
        "CUDA_VISIBLE_DEVICES",
        "OPENBLAS_CORETYPE",
    )
    return {name: os.environ[name] for name in names if name in os.environ}


def shape_and_dtype(weight):
    """Shape and dtype of a weight as its attributes say them."""
    shape, dtype = weight.shape, weight.dtype
    if shape is not None:
        shape = [int(d) for d in (shape.as_list() if hasattr(shape, "as_list") else shape)]
    dtype = getattr(dtype, "base_dtype", dtype)
    return shape, getattr(dtype, "name", str(dtype)).replace("torch.", "")
