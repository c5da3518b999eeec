"""The zygote: imports an implementation once, then forks a child for every batch of cases."""

import ctypes
import gc
import importlib
import importlib.util
import inspect
import json
import os
import platform
import signal
import sys
import time
import traceback

from . import child, namespace, recipes, wire
from .recorder import Missing


class Target(object):
    """What a child needs to perform cases: the implementation, its engine, the case scripts."""

    def __init__(self, settings):
        self.settings = settings
        self.memory = settings.get("memory", 0)
        self.keras = namespace.load(settings["namespace"])
        module = importlib.import_module("." + settings["engine"], __package__ + ".engines")
        self.engine = module.Engine(self.keras)
        self.scripts = {}
        self.missing = {}
        """Script and subject that was looked for in vain → the body of that observation."""
        self.cases = load_package("harness_cases", settings["cases"])
        for path in settings.get("extra", ()):
            self.load_extra(path)

    def load_extra(self, path):
        """A user's own file of case scripts; each function is found under ``file:function``."""
        name = os.path.splitext(os.path.basename(path))[0]
        spec = importlib.util.spec_from_file_location("harness_extra_" + name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for key, value in vars(module).items():
            if inspect.isfunction(value):
                self.scripts["%s:%s" % (name, key)] = value

    def script(self, name):
        """The function that performs cases of this script."""
        if name not in self.scripts:
            module, _, function = name.partition(":")
            loaded = importlib.import_module("." + module, self.cases.__name__)
            self.scripts[name] = getattr(loaded, function or "perform")
        return self.scripts[name]

    def context(self, case, recorder):
        """What a script is given beside the case."""
        functions = importlib.import_module(".functions", self.cases.__name__)
        return Context(self.keras, self.engine, recorder, functions, case)


class Context(object):
    """What a case script works with.

    keras: the namespace; engine: see `engines`; record: the `Recorder`;
    make: a `namespace.Maker` for the case's parameters and arrays.
    """

    def __init__(self, keras, engine, record, functions, case):
        self.keras = keras
        self.engine = engine
        self.record = record
        self.seed = case["seed"]
        self.variant = case["variant"]
        self.observe = frozenset(case["observe"])
        self.functions = functions
        self.make = namespace.Maker(keras, engine, functions, case["seed"], case["variant"])

    def make_weight(self, shape, dtype, name, place):
        """The value this case gives one weight."""
        return recipes.weight(shape, dtype, name, place, self.seed, self.variant)

    def symbol(self, name):
        """The object at a dotted name, or the end of the case as missing."""
        return namespace.resolve(self.keras, name)

    def has(self, name):
        """Whether the implementation has this symbol."""
        return namespace.has(self.keras, name)


def load_package(name, folder):
    """Load a folder as a package under a name of ours, whatever else is importable."""
    spec = importlib.util.spec_from_file_location(
        name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def distributions():
    """Every installed distribution and its version."""
    try:
        from importlib import metadata  # novm: where it is missing, pkg_resources is asked

        found = {d.metadata["Name"]: d.version for d in metadata.distributions() if d.metadata["Name"]}
    except ImportError:
        try:
            import pkg_resources

            found = {d.project_name: d.version for d in pkg_resources.working_set}
        except ImportError:
            found = {}
    return {k.lower().replace("_", "-"): v for k, v in found.items()}


IMPORTABLE = (
    "keras",
    "tensorflow.keras",
    "tf_keras",
    "tensorflow.contrib.keras",
    "tensorflow.python.keras",
    "keras_core",
)
LANDMARKS = (
    "layers.Dense",
    "models.Model",
    "optimizers.Adam",
    "losses.MeanSquaredError",
    "losses.mean_squared_error",
)


def identity(keras):
    """Which already imported namespaces hold the very same code as `keras`, told by object identity."""
    same, different = [], []
    for name in IMPORTABLE:
        head = name.split(".")[0]
        if head not in sys.modules:
            continue
        try:
            other = namespace.load(name)
            pairs = [(namespace.resolve(keras, s), namespace.resolve(other, s)) for s in LANDMARKS[:3]]
        except (Missing, ImportError, AttributeError):
            continue
        except Exception:  # another namespace may be broken in any way; it is then not the same code
            continue
        (same if all(a is b for a, b in pairs) else different).append(name)
    return {"same": same, "different": different}


def origin(keras):
    """Name and file of the class that the namespace calls Dense: where its code really is."""
    try:
        found = namespace.resolve(keras, "layers.Dense")
        return {"module": found.__module__, "file": relative(inspect.getsourcefile(found) or "")}
    except (Missing, TypeError):
        return {"module": "", "file": ""}


def relative(path):
    """A source file below its site-packages."""
    return path.rsplit("site-packages/", 1)[-1]


def introduce(target, seconds):
    """The hello: what this target is."""
    settings = target.settings
    return {
        "say": "hello",
        "target": settings["target"],
        "pid": os.getpid(),
        "namespace": settings["namespace"],
        "engine": settings["engine"],
        "backend": settings.get("backend", ""),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": distributions(),
        "identity": identity(target.keras),
        "origin": origin(target.keras),
        "says_version": str(getattr(target.keras, "__version__", "")),
        "settings": target.engine.settings(),
        "start_seconds": seconds,
        "peak_mb": peak_mb(),
    }


def peak_mb():
    """Peak resident memory of this process in megabytes."""
    try:
        with open("/proc/self/status") as status:
            fields = dict(line.split(":", 1) for line in status)
        return int(fields["VmHWM"].split()[0]) / 1024.0
    except (IOError, KeyError):
        return 0.0


def die_with_parent():
    """Have the kernel end this process when the one that started it is gone (Linux)."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


def start(settings):
    """Import, say hello, then serve batches until told to end."""
    reply = settings["reply_fd"]
    commands = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    die_with_parent()
    begun = time.perf_counter()
    try:
        if settings.get("prelude"):
            with open(settings["prelude"]) as source:
                exec(compile(source.read(), settings["prelude"], "exec"), {"__name__": "prelude"})
        target = Target(settings)
    except BaseException as error:
        what = "%s: %s" % (type(error).__name__, error)
        wire.send(reply, {"say": "failed", "what": what, "traceback": traceback.format_exc()[-4000:]})
        return 1
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()  # novm: Python 3.7 and later have it, and only they are asked
    wire.send(reply, introduce(target, time.perf_counter() - begun))
    return serve(target, commands, reply)


def serve(target, commands, reply):
    """Answer commands until there are no more."""
    while True:
        frame = wire.receive(commands)
        if frame is None or frame[0]["do"] == "end":
            return 0
        header = frame[0]
        if target.settings.get("fork", True):
            fork_batch(target, header, reply)
        else:
            wire.send(reply, {"say": "started", "batch": header["batch"], "pid": os.getpid()})
            run_child(target, header["cases"], reply)
            wire.send(reply, {"say": "ended", "batch": header["batch"], "status": 0, "peak_mb": peak_mb()})


def fork_batch(target, header, reply):
    """Perform a batch in a child of its own and tell how the child ended."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setsid()
            die_with_parent()
            wire.send(reply, {"say": "started", "batch": header["batch"], "pid": os.getpid()})
            status = run_child(target, header["cases"], reply)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status, usage = os.wait4(pid, 0)
    peak = usage.ru_maxrss / 1024.0
    wire.send(reply, {"say": "ended", "batch": header["batch"], "status": status, "peak_mb": peak})


def run_child(target, cases, reply):
    """Perform a batch; a failure of a case script is told as such, and ends the batch."""
    try:
        child.perform_batch(cases, target, reply)
        return 0
    except child.ScriptFault as fault:
        wire.send(reply, {"say": "fault", "case": fault.case["hash"], "traceback": str(fault)[-4000:]})
        return 70


def main(argument):
    """Entry point: settings as one JSON object."""
    return start(json.loads(argument))
