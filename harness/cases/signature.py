"""What a public callable takes: parameters, their order and defaults, and what they come to by default."""

import inspect

from harness_worker.recorder import Missing

NATURES = (
    ("class", inspect.isclass),
    ("property", lambda v: isinstance(v, property)),
    ("callable", callable),
)


def perform(case, context):
    """Perform a signature case.

    `feed["call"]["also"]` names other places of the same symbol, for implementations that keep it elsewhere.
    Steps: nature, parameters (by name: kind, place among the positional ones, default) and, where the case's
    parameters can make an instance, defaults (the config of one that is told nothing else).
    """
    record = context.record
    symbol = found(case, context)
    record.note("nature", "structure", nature(symbol))
    if callable(symbol):
        record.run("parameters", "signature", lambda: parameters(symbol))
    if "defaults" in case["feed"].get("call", {}):
        given = context.make.parameters(case["parameters"])
        instance = record.run("default instance", "structure", lambda: symbol(**given), False)
        if instance is not None and hasattr(instance, "get_config"):
            record.run("defaults", "config", lambda: instance.get_config())


def found(case, context):
    """The symbol under the first of its names that exists; `Missing` when there is none."""
    names = [case["subject"]] + list(case["feed"].get("call", {}).get("also", ()))
    for name in names:
        if context.has(name):
            return inspected(name, context)
    raise Missing(case["subject"])


def inspected(name, context):
    """The symbol itself; a property is not called upon."""
    head, _, last = name.rpartition(".")
    owner = context.symbol(head) if head else context.keras
    if inspect.isclass(owner):
        return inspect.getattr_static(owner, last)
    return context.symbol(name)


def nature(symbol):
    """Whether it is a class, a property, something to call or a plain value."""
    if isinstance(symbol, (staticmethod, classmethod)):
        return "callable"
    for name, test in NATURES:
        if test(symbol):
            return name
    return "value"


def parameters(symbol):
    """Parameter name → kind, place and default, without `self`."""
    if inspect.isclass(symbol):
        function = symbol.__init__
        skip = True
    else:
        function = getattr(symbol, "__func__", symbol)
        skip = False
    out = {}
    place = 0
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        if position == 0 and (skip or parameter.name in ("self", "cls")):
            continue
        entry = {"kind": parameter.kind.name.lower()}
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            entry["place"] = place
            place += 1
        if parameter.default is not parameter.empty:
            entry["default"] = parameter.default
        out[parameter.name] = entry
    return out
