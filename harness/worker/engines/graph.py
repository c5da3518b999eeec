"""Graphs: TF 1.x, every keras up to 2.3.1; with little changed, Theano: `K.function` computes everything."""

import numpy as np

from ..namespace import has, resolve
from ..recorder import Unsupported
from .keras_state import KerasState, recorded_environment
from .structure import leaves, replace, transform


def quieten():
    """Have TensorFlow not look whether to say that something is deprecated.

    Looking is a tenth of what building a graph costs. It says so once per process, to its log: that would
    hang on which case comes first and is not observed.
    """
    try:
        from tensorflow.python.util import deprecation
    except ImportError:
        return
    deprecation._PRINT_DEPRECATION_WARNINGS = False


class Program(object):
    """The graph of one call: what is fed, with which values, and what comes out."""

    def __init__(self, key, tensors, values, result):
        self.key = key  # kept so that its id stays its own
        self.tensors = tensors
        self.values = values
        self.result = result
        self.updates = []
        self.functions = {}


class Engine(object):
    """Placeholders in, `K.function` out.

    The learning phase is fed beside the inputs, as users of graph Kerases do; making it a constant before a
    layer is called breaks recurrent layers of keras 2.3.1 on TF 1.15.
    """

    name = "graph"
    backend = "tensorflow"
    passes_training = False

    def __init__(self, keras):
        self.keras = keras
        self.K = resolve(keras, "backend")
        self.state = KerasState(keras)
        self.input = resolve(keras, "layers.Input" if has(keras, "layers.Input") else "Input")
        self.programs = {}
        self.prepare()

    def prepare(self):
        """One thread per operation, and graph mode even on TF 2."""
        import tensorflow as tf

        self.tf = tf
        quieten()
        v1 = getattr(getattr(tf, "compat", None), "v1", None) or tf
        self.config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        self.v1 = v1
        self.on_tf2 = int(tf.__version__.split(".")[0]) >= 2
        if self.on_tf2:  # keras 2.3.1 has a graph there, but no session of its own
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.threading.set_inter_op_parallelism_threads(1)

    def settings(self):
        """For the record."""
        return {
            "engine": self.name,
            "intra_op_threads": 1,
            "inter_op_threads": 1,
            "environment": recorded_environment(),
        }

    def reset(self, seed, variant, draws=True):
        """A clean graph, a session with one thread, seeds."""
        self.programs.clear()
        self.state.reset(seed, variant, draws)
        if has(self.keras, "backend.set_session") and not self.on_tf2:
            self.K.set_session(self.v1.Session(config=self.config))
        seed_graph = getattr(self.v1, "set_random_seed", None)
        if seed_graph is not None:
            seed_graph(seed)

    def draw_anew(self, seed, variant):
        """A graph of its own for the next draw, with its own seed: what is drawn hangs on both."""
        self.reset(seed, variant)

    def phase(self, training):
        """What to feed for the learning phase: its placeholder and value; nothing for a plain number."""
        if not hasattr(self.K, "learning_phase"):
            return [], []
        phase = self.K.learning_phase()
        return ([], []) if isinstance(phase, (int, bool)) else ([phase], [1 if training else 0])

    def tensor(self, array):
        """A constant."""
        return self.K.constant(array, dtype=array.dtype.name)

    def ragged(self, rows, dtype):
        """Graph Kerases have none."""
        raise Unsupported("ragged tensors do not exist on this backend")

    def dtype(self, name):
        """The backend's own dtype object."""
        return self.tf.as_dtype(name)

    def is_tensor(self, value):
        """Anything of the backend's that stands for numbers."""
        return isinstance(value, (self.tf.Tensor, self.tf.Variable)) or type(value).__name__ in (
            "SparseTensor",
            "IndexedSlices",
            "ResourceVariable",
            "RefVariable",
        )

    def array(self, tensor):
        """The value of a tensor that depends on nothing that is fed."""
        if type(tensor).__name__ in ("SparseTensor", "IndexedSlices"):
            tensor = self.tf.convert_to_tensor(tensor)
        return np.asarray(self.K.get_value(tensor) if hasattr(tensor, "initializer") else self.K.eval(tensor))

    def show(self, tensor, blob):
        """A tensor of a graph is shown by its shape and dtype."""
        return {
            "$symbolic": self.static_shape(tensor),
            "dtype": str(getattr(tensor.dtype, "name", tensor.dtype)),
        }

    def static_shape(self, tensor):
        """The shape a graph declares."""
        shape = self.K.int_shape(tensor)
        return None if shape is None else [None if d is None else int(d) for d in shape]

    def leaves(self, structure):
        """The arrays of a structure."""
        return leaves(structure)

    def native(self, leaf):
        """Arrays are fed; a constant where a script asks for a tensor by itself."""
        return leaf

    def placeholders(self, arrays):
        """An input layer's tensor for every array, and the arrays to feed."""
        feeds = [(leaf, self.placeholder(leaf)) for leaf in leaves(arrays) if isinstance(leaf, np.ndarray)]
        queue = iter([tensor for _, tensor in feeds])
        symbols = [next(queue) if isinstance(leaf, np.ndarray) else leaf for leaf in leaves(arrays)]
        return replace(arrays, symbols), [t for _, t in feeds], [a for a, _ in feeds]

    def placeholder(self, array):
        """A Keras input of this very shape."""
        if array.dtype == object:
            return self.input(batch_shape=array.shape, dtype="string")
        if array.ndim == 0:
            return self.K.constant(array)
        return self.input(batch_shape=array.shape, dtype=array.dtype.name)

    def trace(self, function, arrays, updates=None, key=None):
        """Build the graph of a call: once per `key`; users run it often.

        updates: a function that lists what is to be run for state to change; what it lists anew after the
        call belongs to it.
        """
        if key is not None and id(key) in self.programs:
            return self.programs[id(key)]
        before = [id(u) for u in updates()] if updates else []
        symbols, tensors, values = self.placeholders(arrays)
        program = Program(key, tensors, values, function(symbols))
        if updates:
            program.updates = [u for u in updates() if id(u) not in before]
        if key is not None:
            self.programs[id(key)] = program
        return program

    def build(self, function, arrays, updates=None, key=None):
        """Call without running what the call describes."""
        self.trace(function, arrays, updates, key)

    def evaluate(self, function, arrays, training=None, updates=None, key=None):
        """Build the graph of a call and run it, with the updates of state while training."""
        return self.run_program(self.trace(function, arrays, updates, key), training)

    def run_program(self, program, training=False):
        """The value of what a program returns."""
        wanted = leaves(program.result)
        fed = [id(t) for t in program.tensors]
        symbolic = [self.densify(leaf) for leaf in wanted if self.is_tensor(leaf) and id(leaf) not in fed]
        updates = program.updates if training else []
        if not symbolic:
            found = iter(())
        else:
            way = "training" if updates else "inference"
            if way not in program.functions:
                program.functions[way] = self.make_function(program, symbolic, updates)
            found = iter(program.functions[way](training))
        out = []
        for leaf in wanted:
            if id(leaf) in fed:  # what is fed cannot be fetched
                out.append(np.asarray(program.values[fed.index(id(leaf))]))
            else:
                out.append(np.asarray(next(found)) if self.is_tensor(leaf) else leaf)
        return replace(program.result, out)

    def run(self, tensors, values, result):
        """The value of a structure of tensors."""
        return self.run_program(Program(None, tensors, values, result))

    def make_function(self, program, outputs, updates):
        """`K.function` on what is fed; takes whether this is training."""
        fed = [(t, v) for t, v in zip(program.tensors, program.values) if getattr(v, "ndim", 1) > 0]
        values = [v for _, v in fed]
        phase, _ = self.phase(False)
        more = {"updates": updates} if updates else {}
        function = self.K.function([t for t, _ in fed] + phase, outputs, **more)
        return lambda training: function(values + [int(bool(training)) for _ in phase])

    def evaluate_model(self, model, arrays):
        """The model's own inputs and outputs, run by `K.function`."""
        values = [a for a in leaves(arrays) if isinstance(a, np.ndarray)]
        outputs = list(model.outputs)
        found = self.run(list(model.inputs), values, outputs)
        return found[0] if len(found) == 1 else found

    def losses(self, layer, run):
        """The penalties of the last call, evaluated."""
        program = run.__self__.trace()
        return self.run(program.tensors, program.values, list(layer.losses))

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """`K.gradients` of sum(output * cotangent)."""
        program = self.trace(function, arrays, None, key)
        total = self.weigh(leaves(program.result), cotangents)
        floating = [t for t, v in zip(program.tensors, program.values) if v.dtype.kind == "f" and v.ndim]
        wanted = floating + list(weights)
        if not wanted:
            return {"inputs": [], "weights": []}
        found = self.differentiate(total, wanted)
        ran = iter(self.run(program.tensors, program.values, [g for g in found if g is not None]))
        result = [None if g is None else next(ran) for g in found]
        return {"inputs": result[: len(floating)], "weights": result[len(floating) :]}

    def differentiate(self, total, wanted):
        """Symbolic gradients; None where nothing flows."""
        return self.K.gradients(total, wanted)

    def densify(self, tensor):
        """Slices (gradients of embeddings) as a user sees them applied."""
        return self.tf.convert_to_tensor(tensor) if type(tensor).__name__ == "IndexedSlices" else tensor

    def weigh(self, outputs, cotangents):
        """sum(output * cotangent) over the floating-point outputs."""
        total = None
        for output, cotangent in zip(outputs, cotangents):
            dtype = self.K.dtype(output)
            if dtype.startswith("float"):
                part = self.K.sum(output * self.K.constant(cotangent, dtype=dtype))
                total = part if total is None else total + part
        return total

    def compiled(self, function, arrays):
        """A graph is compiled as it is."""
        raise Unsupported("every call of this implementation is a graph already")

    def set_weights(self, layer, arrays):
        """Give a layer or model these weights."""
        layer.set_weights(arrays)

    def shape_and_dtype(self, weight):
        """Shape and dtype of a weight, as Keras's backend tells them."""
        dtype = self.K.dtype(weight)
        return self.static_shape(weight), dtype.replace("_ref", "")  # a reference variable of TensorFlow 1

    def get_weights(self, layer):
        """Its weights as arrays."""
        return [np.asarray(w) for w in layer.get_weights()]

    def updates(self, layer):
        """What has to be run for the layer to update its state."""

        def listed():
            found = getattr(layer, "updates", None)
            return list((found() if callable(found) else found) or ())

        return listed

    def fetch(self, structure):
        """Values of a structure of tensors that depend on nothing that is fed."""
        return transform(lambda leaf: self.array(leaf) if self.is_tensor(leaf) else leaf, structure)
