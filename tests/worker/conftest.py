"""The worker as it is loaded inside a target: by path, with the standard library and numpy beside it."""

import importlib.util
import os
import sys

import pytest

HARNESS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness")


def load(name, folder):
    """Load a folder as a package under a name."""
    spec = importlib.util.spec_from_file_location(
        name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


load("harness_worker", os.path.join(HARNESS, "worker"))
load("harness_cases", os.path.join(HARNESS, "cases"))


class FakeEngine(object):
    """An engine of arrays, for scripts that need nothing else."""

    def __init__(self):
        self.resets = []

    def reset(self, seed, variant, draws=True):
        self.resets.append((seed, variant))

    def is_tensor(self, value):
        return type(value).__name__ == "FakeTensor"

    def show(self, tensor, blob):
        return {"$fake": tensor.name}

    def limit(self, error):
        return "the fake cannot divide" if isinstance(error, ZeroDivisionError) else None


@pytest.fixture
def engine():
    """A fake engine."""
    return FakeEngine()
