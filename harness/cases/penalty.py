"""A case of a regularizer or a constraint: a number, or a new weight, for a weight."""

from . import configured

NAMES = {
    "regularizers": ("mode",),
    "constraints": ("max_value", "min_value", "rate", "axis"),
}


def perform(case, context):
    """Perform a case.

    Steps: construct, attributes, config, forward, gradients, round trip, and the dear ones: jit, names.
    """
    _, made = configured.construct(case, context)
    observe(made, case, context)
    if "names" in context.observe:
        configured.by_name(case["subject"].rsplit(".", 1)[1], configured.module_of(case), context)


def observe(made, case, context):
    """What the object is and does to the arrays of the case."""
    record = context.record
    module = configured.module_of(case)
    arrays = context.make.value(case["feed"]["inputs"])
    call = context.make.value(case["feed"].get("call", {}))
    form = call.get("$as", "tensor")
    record.run("attributes", "config", lambda: scalars(made, NAMES[module]))
    config = record.run("config", "config", lambda: made.get_config())
    outputs = record.run("forward", "value", lambda: configured.call_on(made, arrays, form, context.engine))
    if form == "tensor":
        configured.gradients(made, arrays, outputs, context)
    configured.round_trip(made, config, context)
    if "jit" in context.observe:
        record.run("jit", "value", lambda: context.engine.compiled(made, arrays))
    if "names" in context.observe:
        configured.written(made, module, context)


def scalars(made, names):
    """The settings of an object as plain numbers."""
    found = configured.attributes(made, names)
    return {k: v.item() if hasattr(v, "item") else v for k, v in found.items()}


def subclass(case, context):
    """A regularizer or constraint of the user's own, by operators only."""
    module = configured.module_of(case)
    base = context.symbol(case["subject"])

    class Own(base):
        """Squares the first entry of a regularized weight; halves a constrained one."""

        def __call__(self, x):
            """The penalty, or the new weight."""
            return x[0, 0] * x[0, 0] if module == "regularizers" else x * 0.5

        def get_config(self):
            """Nothing to keep."""
            return {}

    made = context.record.run("construct", "structure", Own, False, needed=True)
    observe(made, case, context)
    plain = configured.described(made)
    context.record.note("described", "config", plain)
    arrays = context.make.value(case["feed"]["inputs"])
    context.record.run("base call", "value", lambda: context.engine.evaluate(base(), arrays))
    context.record.run("base config", "config", lambda: base().get_config())
