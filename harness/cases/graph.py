"""A case of a whole model: a graph of layers given as plain data (see `harness/specs/random_graphs.py`)."""

import functools

from . import graph_training
from .layer import copied, cotangents_of, plain_shape, weight_facts


def perform(case, context):
    """Build a graph and observe it.

    Steps: construct, structure, weights, forward, inner (the output of every node, in order); where the case
    is not brief, gradients, round trip, and training if it asks for it.
    """
    record, engine = context.record, context.engine
    graph, arrays = described(case, context)
    built = record.run("construct", "structure", lambda: Graph(graph, arrays, context), False, needed=True)
    model = record.run("model", "structure", built.model, False, needed=True)
    record.run("structure", "structure", lambda: structure_of(model))
    trainable = [id(w) for w in model.trainable_weights]
    record.run(
        "weights",
        "names and order",
        lambda: [unnamed(weight_facts(w, id(w) in trainable, engine)) for w in built.weights()],
    )
    record.run("set_weights", "structure", lambda: give_weights(built, context), False, needed=True)
    outputs = record.run("forward", "value", lambda: engine.evaluate_model(model, built.fed), needed=True)
    inner = record.run("inner model", "structure", lambda: built.model(inner=True), False)
    if inner is not None:
        record.run("inner", "value", lambda: named(built, engine.evaluate_model(inner, built.fed)))
    if "brief" not in context.observe:
        record.run("gradients", "value", lambda: gradients(model, built, trainable, outputs, context))
        record.run("round trip", "structure", lambda: round_trip(model, built, outputs, context))
        if "$trains" in case["feed"]["call"]:
            graph_training.train(lambda: still(graph, arrays, context), outputs, context)


def gradients(model, built, trainable, outputs, context):
    """Of the inputs; of the weights by node, for every Keras lists a model's weights in its own order."""
    own = [(label, [w for w in layer.weights if id(w) in trainable]) for label, layer in built.labelled()]
    weights = [weight for _, several in own for weight in several]
    cotangents = cotangents_of(outputs, context)
    found = context.engine.gradients(model, built.fed, weights, cotangents, False, model)
    left = iter(found["weights"])
    by_node = {label: [next(left) for _ in several] for label, several in own if several}
    return {"inputs": found["inputs"], "weights": by_node}


def still(graph, arrays, context):
    """The graph anew, with the weights of the case and with nothing that is drawn."""
    built = Graph(graph, arrays, context, still=True)
    give_weights(built, context)
    return built


def forced(case, context):
    """Each node alone, fed what the other side computed: what it contributes itself.

    The argument ``$inputs`` maps a node to the arrays its inputs had on the other side. One step a node.
    """
    graph, arrays = described(case, context)
    given = context.make.value(case["feed"]["call"]["$inputs"])
    built = Graph(graph, arrays, context)
    give_weights(built, context)
    for place in sorted(given, key=int):
        alone = functools.partial(built.alone, int(place), given[place])
        context.record.run(
            built.label(int(place)), "value", functools.partial(compute, alone, context.engine)
        )


def compute(alone, engine):
    """Build one node as a model and call it."""
    return engine.evaluate_model(*alone())


def described(case, context):
    """The graph of a case, and the arrays of its inputs."""
    return case["feed"]["call"]["$graph"], context.make.value(case["feed"]["inputs"])


def unnamed(facts):
    """What a weight is, without its names, which are a matter of its layer: only whether it is a variance."""
    return dict(facts, name="variance" if "variance" in facts["name"] else "weight", variable="")


def structure_of(model):
    """What a model says of its build."""
    shapes = model.output_shape
    return {
        "layers": [type(each).__name__ for each in model.layers],
        "parameters": int(model.count_params()),
        "output_shape": plain_shape(shapes),
    }


def named(built, values):
    """Values of nodes by the nodes' labels."""
    values = values if isinstance(values, (list, tuple)) else [values]
    return {built.label(place): value for place, value in enumerate(values)}


def give_weights(built, context):
    """Give every layer the weights of the case, by place in the order of the nodes."""
    place = 0
    for layer in built.unique:
        values = []
        for weight, value in zip(layer.weights, context.engine.get_weights(layer)):
            values.append(
                context.make_weight(value.shape, value.dtype.name, str(getattr(weight, "name", "")), place)
            )
            place += 1
        if values:
            context.engine.set_weights(layer, values)


def round_trip(model, built, outputs, context):
    """From the config and back: as many weights, and with the same ones the same outputs."""
    engine = context.engine
    again = type(model).from_config(copied(model.get_config()))
    engine.set_weights(again, engine.get_weights(model))
    same = engine.leaves(engine.evaluate_model(again, built.fed))
    first = engine.leaves(outputs)
    return {
        "layers": [type(each).__name__ for each in again.layers],
        "same outputs": len(same) == len(first) and all((a == b).all() for a, b in zip(same, first)),
    }


class Graph(object):
    """A graph built on the implementation at hand."""

    def __init__(self, graph, arrays, context, still=False):
        self.graph = graph
        self.context = context
        self.still = still
        self.count = len(graph["inputs"])
        self.fed = arrays if self.count > 1 else arrays[0]
        self.layers = []
        self.unique = []
        self.symbolic = [self.input(array.shape[1:], array.dtype.name) for array in arrays]
        for node in graph["nodes"]:
            self.add(node)

    def input(self, shape, dtype):
        """A symbolic input."""
        context = self.context
        make = context.symbol("layers.Input" if context.has("layers.Input") else "Input")
        return make(shape=tuple(shape), dtype=dtype)

    def add(self, node):
        """Call one node's layer."""
        tensors = [self.symbolic[place] for place in node["from"]]
        if "shares" in node:
            layer = self.layers[node["shares"]]
        elif "model" in node:
            layer = self.inside(node["model"], tensors[0])
        else:
            layer = self.made(node)
        self.layers.append(layer)
        if not any(layer is each for each in self.unique):
            self.unique.append(layer)
        self.symbolic.append(layer(tensors if len(tensors) > 1 else tensors[0]))

    def inside(self, graph, tensor):
        """A model as a layer."""
        shape = plain_shape(tensor.shape)[1:]
        dtype = str(getattr(tensor.dtype, "name", tensor.dtype))
        start = self.input(shape, dtype)
        end = start
        for node in graph["nodes"]:
            end = self.made(node)(end)
        return self.context.symbol("models.Model")(start, end)

    def made(self, node):
        """A node's own layer."""
        parameters = self.context.make.parameters(node["parameters"])
        if self.still and "rate" in parameters:
            parameters["rate"] = 0.0
        return self.context.symbol("layers." + node["layer"])(**parameters)

    def labelled(self):
        """The layers, each with the label of the first node that calls it."""
        first = [next(i for i, each in enumerate(self.layers) if each is layer) for layer in self.unique]
        return [(self.label(place), layer) for place, layer in zip(first, self.unique)]

    def weights(self):
        """Every weight, in the order of the nodes."""
        return [weight for layer in self.unique for weight in layer.weights]

    def model(self, inner=False):
        """The model, or one that gives the output of every node."""
        inputs = self.symbolic[: self.count]
        ends = range(self.count, len(self.symbolic)) if inner else self.graph["outputs"]
        outputs = [self.symbolic[place] for place in ends]
        return self.context.symbol("models.Model")(
            inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0]
        )

    def label(self, place):
        """A node by its place among the nodes and what it is."""
        node = self.graph["nodes"][place]
        if "shares" in node:
            return "%d %s again" % (place, self.graph["nodes"][node["shares"]]["layer"])
        return "%d %s" % (place, node.get("layer", "Model"))

    def alone(self, place, arrays):
        """One node as a model of its own, and what to feed it."""
        inputs = [self.input(array.shape[1:], array.dtype.name) for array in arrays]
        end = self.layers[place](inputs if len(inputs) > 1 else inputs[0])
        model = self.context.symbol("models.Model")(inputs if len(inputs) > 1 else inputs[0], end)
        return model, arrays if len(arrays) > 1 else arrays[0]
