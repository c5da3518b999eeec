"""The public symbols of an implementation, walked; it makes the list the surface ledger is held against."""

import inspect
import types

OWN = (
    "keras",
    "tf_keras",
    "keras_core",
    "tensorflow",
    "tensorflow_core",
    "keras_applications",
    "keras_preprocessing",
)
TOP = (
    "activations",
    "applications",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "distillation",
    "distribution",
    "dtensor",
    "dtype_policies",
    "estimator",
    "experimental",
    "export",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "quantizers",
    "random",
    "regularizers",
    "saving",
    "tree",
    "utils",
    "visualization",
    "wrappers",
)
INSIDE = {
    "layers": ("experimental",),
    "layers.experimental": ("preprocessing",),
    "optimizers": ("schedules", "legacy", "experimental"),
    "utils": ("legacy", "bounding_boxes", "experimental"),
    "ops": ("numpy", "nn", "image", "linalg"),
    "legacy": ("saving",),
    "dtensor": ("experimental",),
    "dtensor.experimental": ("optimizers",),
    "wrappers": ("scikit_learn",),
}
ANY_INSIDE = ("applications", "datasets", "preprocessing")
BORROWED = ("backend", "layers", "models", "utils", "keras_applications", "keras_preprocessing")
"""Modules that old implementations import into their public ones."""
FUNCTIONS_ONLY = ("applications", "datasets")
EXPERIMENTAL = ("experimental",)


def perform(case, context):
    """Record every public symbol: what it is, and the first name of the same object."""
    found = {}
    walk(context.keras, "", found)
    context.record.run("symbols", "names and order", lambda: described(found))


def modules(path, names):
    """Which submodules of a public module are public themselves."""
    if not path:
        return [n for n in TOP if n in names]
    if path in ANY_INSIDE:
        return [n for n in names if n not in BORROWED]
    return [n for n in INSIDE.get(path, EXPERIMENTAL) if n in names]


def walk(module, path, found):
    """Collect what a public module offers."""
    names = [n for n in sorted(dir(module)) if not n.startswith("_")]
    inner = modules(path, names)
    for name in names:
        try:
            value = getattr(module, name)
        except Exception:  # a lazy name whose package is not installed
            continue
        dotted = path + "." + name if path else name
        if isinstance(value, types.ModuleType):
            if name in inner:
                walk(value, dotted, found)
        elif is_own(value) and not (inspect.isclass(value) and path.split(".")[0] in FUNCTIONS_ONLY):
            found[dotted] = value


def is_own(value):
    """Whether a symbol is the implementation's own class or function, not something it imported."""
    if not (inspect.isclass(value) or callable(value)):
        return False
    module = getattr(value, "__module__", None) or ""
    return module.split(".")[0] in OWN and "__future__" not in module


def described(found):
    """Symbol → what it is and which earlier name is the very same object."""
    first = {}
    out = {}
    for name in sorted(found, key=lambda n: (n.count("."), n)):
        value = found[name]
        kind = "class" if inspect.isclass(value) else "function"
        out[name] = {"kind": kind, "same": first.setdefault(id(value), name)}
    return out
