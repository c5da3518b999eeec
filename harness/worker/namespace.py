"""Finding symbols below an implementation's namespace, and making parameters from plain data."""

import importlib

from . import recipes
from .recorder import Missing


def load(dotted):
    """Import a namespace such as ``keras``, ``tensorflow.keras`` or ``tensorflow.contrib.keras``."""
    try:
        return importlib.import_module(dotted)
    except ImportError:
        head, _, tail = dotted.partition(".")
        module = importlib.import_module(head)
        for name in tail.split(".") if tail else ():
            module = getattr(module, name)
        return module


def resolve(keras, symbol):
    """The object at a dotted name below the namespace; `Missing` when there is none.

    `Model.fit` and other members of classes are reached like any attribute. A submodule that is not
    imported by its package is imported.
    """
    value = keras
    walked = keras.__name__
    for name in symbol.split("."):
        try:
            found = getattr(value, name)
        except AttributeError:
            try:
                found = importlib.import_module(walked + "." + name)
            except ImportError:
                raise Missing(symbol) from None
        value = found
        walked = walked + "." + name
    return value


def has(keras, symbol):
    """Whether the namespace has this symbol."""
    try:
        resolve(keras, symbol)
    except Missing:
        return False
    return True


class Maker(object):
    """Makes Python values from plain data for one case: tags resolved, recipes drawn."""

    def __init__(self, keras, engine, functions, seed=0, variant=None):
        self.keras = keras
        self.engine = engine
        self.functions = functions
        self.seed = seed
        self.variant = variant
        self.place = 0

    def array(self, recipe):
        """The next array of the case."""
        self.place += 1
        return recipes.make(recipe, self.seed, self.variant, self.place)

    def parameters(self, plain):
        """Keyword arguments."""
        return {str(k): self.value(v) for k, v in plain.items()}

    def value(self, plain):
        """One value."""
        if isinstance(plain, list):
            return [self.value(v) for v in plain]
        if not isinstance(plain, dict):
            return plain
        if "$tuple" in plain:
            return tuple(self.value(v) for v in plain["$tuple"])
        if "$object" in plain:
            return resolve(self.keras, plain["$object"])(**self.parameters(plain.get("parameters", {})))
        if "$attribute" in plain:
            return resolve(self.keras, plain["$attribute"])
        if "$function" in plain:
            return getattr(self.functions, plain["$function"])
        if "$dtype" in plain:
            return self.engine.dtype(plain["$dtype"])
        if "$array" in plain:
            return self.array(plain)
        if "$ragged" in plain:
            return self.engine.ragged(plain["$ragged"], plain.get("dtype", "float32"))
        return {k: self.value(v) for k, v in plain.items()}
