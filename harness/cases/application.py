"""A case of an application: the architecture it builds without its published weights."""

import numpy as np


def perform(case, context):
    """Build an application. Steps: construct, count, layers, shapes, [round trip], [forward]."""
    record = context.record
    maker = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    call = case["feed"].get("call", {})
    model = record.run("construct", "structure", lambda: maker(**parameters), False, needed=True)
    record.run("name", "names and order", lambda: model.name)
    record.run("count", "structure", lambda: int(model.count_params()))
    record.run("trainable", "structure", lambda: sum(size(w) for w in model.trainable_weights))
    record.run("output shape", "structure", lambda: list(model.output_shape))
    record.run("layer names", "names and order", lambda: [layer.name for layer in model.layers])
    record.run("layer kinds", "structure", lambda: [type(layer).__name__ for layer in model.layers])
    record.run("weights and shapes", "structure", lambda: [shape(w) for w in model.weights])
    if call.get("$round_trip"):
        record.run("round trip", "structure", lambda: rebuilt(model))
    if call.get("$forward"):
        record.run("forward", "value", lambda: computed(model, context))


def shape(weight):
    """The shape of a weight as numbers."""
    return [int(d) for d in weight.shape]


def size(weight):
    """How many numbers a weight holds."""
    return int(np.prod(shape(weight)))


def rebuilt(model):
    """From the config and back: as many parameters in as many layers."""
    again = type(model).from_config(model.get_config())
    return {"count": int(again.count_params()), "layers": len(again.layers)}


def computed(model, context):
    """Outputs of one image for weights that depend only on their place and shape."""
    names = [str(w.name) for w in model.weights]
    values = [
        context.make_weight(tuple(shape(w)), "float32", name, place)
        for place, (w, name) in enumerate(zip(model.weights, names))
    ]
    model.set_weights(values)
    fed = np.linspace(-1.0, 1.0, int(np.prod(model.input_shape[1:]))).astype("float32")
    return context.engine.evaluate_model(model, fed.reshape((1,) + tuple(model.input_shape[1:])))


def preprocess(case, context):
    """What an application does to its input before, or makes of its output after."""
    function = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    arrays = context.make.value(case["feed"]["inputs"])
    context.record.run("forward", "value", lambda: context.engine.fetch(function(arrays, **parameters)))
