"""A case in the case script's own words: the script's functions, and as much around them as they need.

For cases with no shorter form: scenarios first of all, which are programs of a user's anyway. What the script
calls is taken from its file as text; the file is read, never imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.model import Case
from harness.report.literals import NotWritable, Writer

CASES = Path(__file__).parent.parent / "cases"
ENGINE = frozenset(
    ("name", "backend", "tensor", "array", "evaluate", "evaluate_model", "fetch", "get_weights",
    "set_weights", "is_tensor", "leaves", "losses", "compiled", "tf", "keras") )  # fmt: skip
"""What the stand-in for an engine below can do; a script that needs more has no program."""

PROLOGUE = """
class Missing(Exception):
    pass


class Unsupported(Exception):
    pass


class Engine:
    name, backend, tf, keras = "eager", "tensorflow", tf, keras

    def tensor(self, array):
        return tf.constant(array)

    def is_tensor(self, value):
        return isinstance(value, (tf.Tensor, tf.Variable)) or hasattr(value, "numpy")

    def fetch(self, value):
        if isinstance(value, dict):
            return {k: self.fetch(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.fetch(v) for v in value) if type(value) in (list, tuple) else value
        return value.numpy() if self.is_tensor(value) and hasattr(value, "numpy") else value

    array = fetch

    def evaluate(self, function, arrays, training=None, updates=None, key=None):
        return self.fetch(function(tf.nest.map_structure(tf.constant, arrays)))

    def evaluate_model(self, model, arrays):
        return self.evaluate(model, arrays)

    def leaves(self, value):
        return tf.nest.flatten(value)

    def losses(self, layer, run):
        return self.fetch(list(layer.losses))

    def compiled(self, function, arrays):
        return self.fetch(tf.function(function)(tf.nest.map_structure(tf.constant, arrays)))

    def get_weights(self, layer):
        return layer.get_weights()

    def set_weights(self, layer, values):
        layer.set_weights(values)


class Recorder:
    steps = []

    def run(self, name, kind, function, show=None, needed=False, keep=True, heed=True):
        result, status = None, "returned"
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = function()
                if name == STEP:
                    shown = show(result) if callable(show) else result if show is None else "no error"
                    print(engine.fetch(shown))
            except SystemExit:
                raise
            except Exception as error:
                status = "raised"
                if name == STEP or needed:
                    print("raised {}: {}".format(type(error).__name__, error))
        for warning in caught if name == STEP else ():
            print("{}: {}".format(warning.category.__name__, warning.message))
        self.steps.append({"step": name, "status": status})
        if status != "returned" and needed:
            sys.exit()
        return result

    def note(self, name, kind, value):
        self.steps.append({"step": name, "status": "returned"})
        if name == STEP:
            print(engine.fetch(value))

    def skip(self, name, kind, reason):
        pass


class Make:
    def array(self, recipe):
        self.place = getattr(self, "place", 0) + 1
        return arrays.make(recipe, SEED, None, self.place)

    def parameters(self, given):
        return given()

    def value(self, given):
        return given


class Context:
    observe, seed, variant = OBSERVE, SEED, None

    def has(self, symbol):
        try:
            self.symbol(symbol)
        except Missing:
            return False
        return True

    def symbol(self, dotted):
        value = keras
        for name in dotted.split("."):
            if not hasattr(value, name):
                raise Missing(dotted)
            value = getattr(value, name)
        return value

    def make_weight(self, shape, dtype, name, place):
        return arrays.weight(shape, dtype, name, place, SEED)


engine = Engine()
context = Context()
context.keras, context.engine, context.record, context.make = keras, engine, Recorder(), Make()
"""


@dataclass(frozen=True)
class Module:
    """The top level of one file of case scripts."""

    source: str
    definitions: Mapping[str, ast.stmt]
    siblings: Mapping[str, str]
    """Name → file of case scripts it stands for, whole."""
    taken: Mapping[str, str]
    """Name → file of case scripts it is taken from."""
    renamed: Mapping[str, str]
    """Name → the name it has in that file, where that is another."""
    imports: Mapping[str, str]
    """Name → the line that imports it."""


@cache
def module_of(path: Path) -> Module:
    """A file of case scripts, taken apart."""
    source = path.read_text("utf-8")
    definitions: dict[str, ast.stmt] = {}
    siblings: dict[str, str] = {}
    taken: dict[str, str] = {}
    renamed: dict[str, str] = {}
    imports: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            definitions[node.targets[0].id] = node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                imports[name] = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        elif isinstance(node, ast.ImportFrom):
            _from(node, siblings, taken, imports)
            renamed |= {a.asname: a.name for a in node.names if a.asname in taken}
    return Module(source, definitions, siblings, taken, renamed, imports)


def _from(
    node: ast.ImportFrom, siblings: dict[str, str], taken: dict[str, str], imports: dict[str, str]
) -> None:
    module = node.module or ""
    own = node.level == 1 or module.startswith("harness_cases")
    file = module.removeprefix("harness_cases").strip(".")
    for alias in node.names:
        name = alias.asname or alias.name
        if module.startswith("harness_worker"):
            continue
        if own and file:
            taken[name] = file
        elif own:
            siblings[name] = alias.name
        else:
            imports[name] = f"from {module} import {alias.name}"


class Slice:
    """The definitions that a case script needs, from its own file and those it leans on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code: dict[str, tuple[str, str]] = {}
        """Name → file and text, innermost first."""
        self.imports: dict[str, None] = {}

    def add(self, file: str, name: str, members: frozenset[str] | None = None) -> None:
        """Take a definition, after everything it names."""
        known = self.code.get(name)
        if known:
            if known[0] != file:
                raise NotWritable(f"Two functions of the case scripts are called {name[:40]!a}.")
            return
        module = module_of(self.folder / f"{file}.py")
        if name in module.taken and name not in module.definitions:
            self.add(module.taken[name], name, members)
            return
        if name not in module.definitions:
            raise NotWritable(f"The case scripts' {name[:40]!a} is not defined in {file}.py.")
        node = module.definitions[name]
        self.code[name] = (file, "")
        node = narrowed(node, members) if members is not None and isinstance(node, ast.ClassDef) else node
        text = ast.unparse(undocumented(node)) if members is not None else source_of(module, node)
        for used in names_in(node):
            if used in module.definitions and used != name:
                self.add(file, used)
            elif used in module.taken:
                there = module.renamed.get(used, used)
                if there in module_of(self.folder / f"{module.taken[used]}.py").definitions:
                    self.add(module.taken[used], there)
                    if there != used:
                        self.code[used] = (file, f"{used} = {there}")
            elif used in module.imports:
                self.imports[module.imports[used]] = None
        for alias, sibling in module.siblings.items():
            for used in sorted(set(re.findall(rf"\b{alias}\.(\w+)", text))):
                self.add(sibling, used)
            text = re.sub(rf"\b{alias}\.(\w+)", r"\1", text)
        del self.code[name]
        self.code[name] = (file, text)


def source_of(module: Module, node: ast.stmt) -> str:
    """The text of a definition, without the decorator that declares a scenario."""
    return ast.get_source_segment(module.source, node) or ""


def undocumented(node: ast.stmt) -> ast.stmt:
    """A class without docstrings."""
    for inside in ast.walk(node):
        if isinstance(inside, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(inside) is not None:
            inside.body = inside.body[1:] or [ast.Pass()]
    return node


def narrowed(node: ast.ClassDef, members: frozenset[str]) -> ast.ClassDef:
    """A class with only some of its methods, and those that they call."""
    methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
    wanted, ahead = {"__init__"}, [m for m in members if m in methods]
    while ahead:
        name = ahead.pop()
        if name not in wanted:
            wanted.add(name)
            ahead += [
                a.attr for a in ast.walk(methods[name]) if isinstance(a, ast.Attribute) and a.attr in methods
            ]
    return ast.ClassDef(node.name, [], [], [m for n, m in methods.items() if n in wanted], [])


def names_in(node: ast.stmt) -> Iterator[str]:
    """Every name a definition reads."""
    seen = dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
    return iter(seen)


def told(case: Case, writer: Writer, *, step: str, graph: bool, folder: Path = CASES) -> list[str]:
    """The lines of the program. Raises `NotWritable` for a script that leans on more than is told here."""
    if graph:
        raise NotWritable("A case script's own words are told for targets that compute at once.")
    file, _, entry = case.script.partition(":")
    if not (folder / f"{file}.py").is_file():
        raise NotWritable(f"The script {file[:60]!a} is the user's own: run it with `--cases`.")
    slices = Slice(folder)
    parameters = writer.keywords(case.parameters)
    scenario = "about" in module_of(folder / f"{file}.py").taken
    if scenario:
        definition = module_of(folder / f"{file}.py").definitions[entry]
        record = frozenset(a.attr for a in ast.walk(definition) if isinstance(a, ast.Attribute))
        for used in names_in(definition):
            helper = module_of(folder / f"{file}.py").definitions.get(used)
            if helper is not None and used != entry:
                record |= {a.attr for a in ast.walk(helper) if isinstance(a, ast.Attribute)}
        slices.add("scenario", "Record", record)
        slices.add(file, entry)
        inner = f"{entry}(keras, Record(context), **dict({parameters}))"
        last = f'context.record.run("scenario", "structure", lambda: {inner}, False)'
    else:
        slices.add(file, entry or "perform")
        last = f"{entry or 'perform'}({{**CASE, 'parameters': lambda: dict({parameters})}}, context)"
    if "DATA" in slices.code:
        raise NotWritable("It reads a file of the case scripts' own, which no program brings along.")
    code = [text for _, text in slices.code.values() if not text.startswith("about")]
    more = set(re.findall(r"engine\.(\w+)", "\n".join(code))) - ENGINE
    if more:
        raise NotWritable(f"The case script needs `engine.{min(more)}`, which is the harness's own.")
    needs_arrays = any(w in "\n".join(code) for w in ("make.array", "make_weight"))
    lines = [
        "import warnings",
        *(i for i in slices.imports if i != "import numpy as np"),
        "import tensorflow as tf",
    ]
    lines += [f"STEP, SEED, OBSERVE = {step!a}, {case.seed}, {case.observe!a}"]
    if needs_arrays:
        lines += ["", *arrays_source().splitlines()]
    lines += PROLOGUE.splitlines()
    if not scenario:
        call = case.feed.get("call", {}) if isinstance(case.feed, Mapping) else {}
        inputs = writer.value(case.feed.get("inputs")) if isinstance(case.feed, Mapping) else "None"
        tagged = ", ".join(f"{name!a}: {writer.value(value)}" for name, value in call.items())
        fed = f"{{'inputs': {inputs}, 'call': {{{tagged}}}}}"
        lines += ["", f"CASE = {{'subject': {case.subject!a}, 'feed': {fed}}}"]
    for text in code:
        lines += ["", "", *text.splitlines()]
    return [*lines, "", "", last]


@cache
def arrays_source() -> str:
    """The generator of arrays as a class, so that the program draws the numbers of the case."""
    path = CASES.parent / "worker" / "recipes.py"
    tree = ast.parse(path.read_text("utf-8"))
    kept = [undocumented(n) for n in tree.body if not isinstance(n, ast.Import | ast.Expr)]
    code = "\n\n".join(ast.unparse(n) for n in kept if getattr(n, "name", "") not in ("is_recipe",))
    return code + "\n\nclass arrays:\n    make, weight = staticmethod(make), staticmethod(weight)\n"
