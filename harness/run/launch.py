"""What it takes to start a target's worker, and what identifies what was started."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from harness import environments
from harness.model import digest

PACKAGE = Path(__file__).resolve().parent.parent
WORKER = PACKAGE / "worker"
CASES = PACKAGE / "cases"
SCENARIO = CASES / "scenario.py"
DATA = CASES / "data"
"""Files that scenarios read."""

SETTLED = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_DETERMINISTIC_OPS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "GRPC_VERBOSITY": "ERROR",
    "PYTHONNOUSERSITE": "1",
}
"""One thread per worker, parallelism by processes; reproducible arithmetic; no chatter."""

PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "TMPDIR",
)
"""The only variables of the user's environment that reach a target."""

IMPLEMENTATION_FOLDERS = (
    "keras",
    "tf_keras",
    "keras_core",
    "tensorflow/python/keras",
    "tensorflow/contrib/keras",
    "tensorflow_core/python/keras",
    "keras_applications",
    "keras_preprocessing",
)
"""Folders below site-packages whose source is in a target's fingerprint: a patched file is another target."""


@dataclass(frozen=True)
class Launch:
    """Everything needed to start the worker of one target."""

    target: str
    interpreter: Path
    namespace: str
    engine: str
    backend: str
    environment: Mapping[str, str] = field(default_factory=dict)
    pythonpath: tuple[Path, ...] = ()
    prelude: Path | None = None
    extra_scripts: tuple[Path, ...] = ()
    memory: int = 6 << 30
    """Bytes a case may allocate on top of what importing the implementation cost."""
    fork: bool = True
    start_limit: float = 240.0
    """Seconds importing the implementation may take."""
    exchange: Path | None = None
    """Folder through which files travel between targets; where it is changes nothing that is observed."""

    def variables(self) -> dict[str, str]:
        """The whole environment of the worker process."""
        out = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        out |= SETTLED | dict(self.environment)
        if self.pythonpath:
            out["PYTHONPATH"] = os.pathsep.join(str(p) for p in self.pythonpath)
        if self.exchange:
            out["HARNESS_EXCHANGE"] = str(self.exchange)
        return out | compiled(self.engine, self.interpreter)

    @property
    def fingerprint(self) -> str:
        """Identifies what will be observed: packages, source of the implementation, settings."""
        return _fingerprint(self, tuple(sorted(self.environment.items())))

    def __hash__(self) -> int:
        return hash((self.target, self.interpreter, self.namespace, self.prelude, self.pythonpath))


@lru_cache(maxsize=512)
def _fingerprint(launch: Launch, environment: tuple[tuple[str, str], ...]) -> str:
    site = site_packages(launch.interpreter)
    return digest(
        {
            "target": launch.target,
            "namespace": launch.namespace,
            "engine": launch.engine,
            "python": launch.interpreter.resolve().name,
            "packages": installed(site),
            "source": [folder_digest(site / f) for f in IMPLEMENTATION_FOLDERS if (site / f).is_dir()]
            + [folder_digest(path) for path in launch.pythonpath],
            "environment": {**SETTLED, **dict(environment)},
            "prelude": launch.prelude.read_text() if launch.prelude else "",
            "memory": launch.memory,
        }
    )


def compiled(engine: str, interpreter: Path) -> dict[str, str]:
    """Variables that have JAX keep what it compiled, for the next child and the next run.

    It compiles every operation for every shape, 40 to 150 ms each, and a child is a new process. What it
    keeps is below the environment, which belongs to us, and is for processors with the same instructions
    only; what is computed is the same. Nothing where the environment is the user's own.
    """
    prefix = interpreter.parent.parent
    if engine != "jax" or not (prefix / environments.MARK).is_file():
        return {}
    return {
        "JAX_COMPILATION_CACHE_DIR": str(prefix / "compiled" / instructions()),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


@lru_cache(maxsize=1)
def instructions() -> str:
    """Identifies the instructions of this machine's processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    told = sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))})
    return digest([platform.machine(), platform.processor(), told])[:16]


def site_packages(interpreter: Path) -> Path:
    """The site-packages of an environment, told from the interpreter's path without starting it."""
    prefix = interpreter.parent.parent
    found = sorted(prefix.glob("lib/python3*/site-packages"))
    return found[0] if found else prefix / "Lib" / "site-packages"


def installed(site: Path) -> list[str]:
    """Every distribution installed there, as name and version; bytecode and pins of installers left out."""
    names = {p.stem.lower().replace("_", "-") for p in site.glob("*.dist-info")}
    names |= {p.name.rsplit("-py", 1)[0].lower().replace("_", "-") for p in site.glob("*.egg-info")}
    return sorted(n for n in names if not n.startswith(("pip-", "uv-", "virtualenv-")))


def folder_digest(folder: Path) -> str:
    """Content hash of the Python files below a folder."""
    hasher = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        hasher.update(str(path.relative_to(folder)).encode() + b"\0")
        hasher.update(path.read_bytes())
    return hasher.hexdigest()


@lru_cache(maxsize=1024)
def script_digest(script: str, extra: tuple[Path, ...] = ()) -> str:
    """Identifies how a case is performed: the worker, the case script, the functions it may name."""
    module = script.partition(":")[0]
    own = next((path for path in extra if path.stem == module), CASES / f"{module}.py")
    parts = [folder_digest(WORKER)]
    for path in (own, CASES / "functions.py", *imported(own)):
        if path.is_file():
            parts.append(hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest())
    return digest(parts)


def imported(path: Path) -> list[Path]:
    """The files of case scripts that one of them imports, directly or not, and the data that these read."""
    found: dict[Path, None] = {}
    ahead = [path]
    while ahead:
        here = ahead.pop()
        new = [p for p in directly_imported(here) if p not in found and p != path]
        found |= dict.fromkeys(new)
        ahead += new
        if here == SCENARIO:
            found |= dict.fromkeys(DATA.glob("*.json"))
    return sorted(found)


def directly_imported(path: Path) -> list[Path]:
    """The files of case scripts named in the import statements of a file."""
    try:
        known = path.stat()
        return list(_imports(path, known.st_mtime_ns, known.st_size))
    except (OSError, SyntaxError, ValueError):
        return []


@lru_cache(maxsize=1024)
def _imports(path: Path, changed: int, size: int) -> tuple[Path, ...]:
    """The same, remembered for as long as the file is what it was."""
    tree = ast.parse(path.read_bytes())
    names: list[str] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        package, _, module = (node.module or "").partition(".")
        if node.level == 1:
            package, module = "harness_cases", node.module or ""
        if package == "harness_cases":
            names += [module] if module else [alias.name for alias in node.names]
    return tuple(found for name in names if (found := CASES / f"{name}.py").is_file())
