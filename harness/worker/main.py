"""Entry point of the worker; see the package's docstring. Started by path inside a target's environment."""

import importlib.util
import os
import sys


def load_worker():
    """Load this folder as the package `harness_worker` without putting it on the import path."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != folder]
    spec = importlib.util.spec_from_file_location(
        "harness_worker", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness_worker"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    load_worker()
    from harness_worker.zygote import main

    sys.exit(main(sys.argv[1]))
