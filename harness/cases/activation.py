"""A case of an activation: what it computes, its gradient, and by which names it goes."""

from . import configured


def perform(case, context):
    """Perform an activation case.

    Steps: forward, gradients, and the dear ones: jit, and for names: get by name, get by function, serialize,
    deserialize, layer by name, layer by function, layer config.
    """
    function = context.symbol(case["subject"])
    parameters = configured.given_parameters(case, context)
    arrays = context.make.value(case["feed"]["inputs"])
    call = context.make.value(case["feed"].get("call", {}))

    def applied(x):
        return function(x, **parameters)

    form = call.get("$as", "tensor")
    outputs = context.record.run(
        "forward", "value", lambda: configured.call_on(applied, arrays, form, context.engine)
    )
    if form == "tensor":
        configured.gradients(applied, arrays, outputs, context)
    if "jit" in context.observe:
        context.record.run("jit", "value", lambda: context.engine.compiled(applied, arrays))
    if "names" in context.observe:
        names(case["subject"].rsplit(".", 1)[1], function, arrays, context)


def names(name, function, arrays, context):
    """Everything an activation goes by: a string, the function, an `Activation` layer of either."""
    record, engine = context.record, context.engine
    get = context.symbol("activations.get")
    configured.by_name(name, "activations", context)
    record.run("get by function", "structure", lambda: get(function) is function)
    written = record.run("serialize", "config", lambda: context.symbol("activations.serialize")(function))
    if written is not None:
        read = context.symbol("activations.deserialize")
        record.run("deserialize", "config", lambda: read(written), configured.described)
    layer = context.symbol("layers.Activation")
    record.run("layer by name", "value", lambda: engine.evaluate(lambda x: layer(name)(x), arrays))
    record.run("layer by function", "value", lambda: engine.evaluate(lambda x: layer(function)(x), arrays))
    record.run("layer config", "config", lambda: layer(function).get_config()["activation"])
