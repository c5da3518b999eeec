"""TensorFlow 2, eager: tf.keras 2.x, tf_keras, keras 2.4 and later, keras-core and Keras 3 on TensorFlow."""

import contextlib
import functools

import numpy as np

from ..encoding import plain
from .keras_state import KerasState, recorded_environment, shape_and_dtype
from .structure import leaves, replace, transform


class Kernels(object):
    """The kernels TensorFlow has prepared, and whether one of them has drawn random numbers.

    Clearing a session and setting a seed throw all of them away, which doubles the cost of the next case. A
    kernel keeps no state from one call to the next but that of a random operation, and every such operation
    of TensorFlow's own modules asks for its seeds when it is made. So they may stay unless that happened
    since they were last cleared. Raw operations do not ask, and a traced function kept for a later case asked
    in an earlier one: no case does either.
    """

    def __init__(self):
        from tensorflow.python.eager import context
        from tensorflow.python.framework import random_seed

        self.native = getattr(context, "pywrap_tfe", None) or context.pywrap_tensorflow  # TF 2.0 and 2.1
        self.clear = self.native.TFE_ContextClearCaches
        self.drawn = True
        asked = random_seed.get_seed

        @functools.wraps(asked)
        def get_seed(op_seed):
            self.drawn = True
            return asked(op_seed)

        random_seed.get_seed = get_seed

    def keep(self, handle):
        """Stands in for the clearing of prepared kernels."""

    @contextlib.contextmanager
    def kept(self):
        """Within it prepared kernels stay."""
        self.native.TFE_ContextClearCaches = self.keep
        try:
            yield
        finally:
            self.native.TFE_ContextClearCaches = self.clear


class Engine(object):
    """Eager tensors and gradient tapes."""

    name = "eager"
    backend = "tensorflow"
    passes_training = True

    def __init__(self, keras):
        import tensorflow as tf

        self.tf = tf
        self.keras = keras
        self.state = KerasState(keras)
        self.kernels = Kernels()
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        devices = tf.config if hasattr(tf.config, "set_visible_devices") else tf.config.experimental  # TF 2.0
        devices.set_visible_devices([], "GPU")

    def settings(self):
        """For the record."""
        return {
            "engine": self.name,
            "intra_op_threads": 1,
            "inter_op_threads": 1,
            "environment": recorded_environment(),
        }

    def reset(self, seed, variant, draws=True):
        """A clean state for a case.

        draws: whether the case may observe something random; then no random operation may go on from where
        an earlier case left it.
        """
        if draws and self.kernels.drawn:
            self.put_back(seed, variant, draws)
            self.kernels.drawn = False
        else:
            with self.kernels.kept():
                self.put_back(seed, variant, draws)

    def put_back(self, seed, variant, draws):
        """Keras's state and TensorFlow's seed."""
        self.state.reset(seed, variant, draws)
        if draws:
            self.tf.random.set_seed(seed)

    def draw_anew(self, seed, variant):
        """Nothing to do: every layer made draws further numbers, and prepared kernels stay."""

    def tensor(self, array):
        """numpy → tensor."""
        if isinstance(array, np.ndarray) and array.dtype == object:
            return self.tf.constant(array.tolist(), shape=array.shape, dtype=self.tf.string)
        return self.tf.constant(array)

    def ragged(self, rows, dtype):
        """A ragged tensor."""
        return self.tf.ragged.constant(rows, dtype=dtype, ragged_rank=1)

    def dtype(self, name):
        """The backend's own dtype object."""
        return self.tf.as_dtype(name)

    def is_tensor(self, value):
        """Anything of TensorFlow's that holds numbers."""
        tf = self.tf
        return isinstance(
            value, (tf.Tensor, tf.Variable, tf.RaggedTensor, tf.SparseTensor, tf.IndexedSlices)
        ) or (hasattr(value, "path") and hasattr(value, "value") and hasattr(value, "assign"))

    def array(self, tensor):
        """A tensor's numbers: a numpy array; for ragged and sparse ones a dict of their parts."""
        tf = self.tf
        if hasattr(tensor, "path") and not hasattr(tensor, "numpy"):
            tensor = tensor.value
        if isinstance(tensor, tf.RaggedTensor):
            return {
                "$ragged": tensor.flat_values.numpy(),
                "row_lengths": [r.numpy() for r in tensor.nested_row_lengths()],
            }
        if isinstance(tensor, tf.SparseTensor):
            parts = {"$sparse": tensor.values.numpy(), "indices": tensor.indices.numpy()}
            return dict(parts, shape=[int(v) for v in tensor.dense_shape.numpy()])
        if isinstance(tensor, tf.IndexedSlices):
            tensor = tf.convert_to_tensor(tensor)
        return np.asarray(tensor.numpy())

    def show(self, tensor, blob):
        """A tensor as plain data; a symbolic one by its shape and dtype."""
        if not hasattr(tensor, "numpy") and not hasattr(tensor, "path") and not hasattr(tensor, "indices"):
            return {
                "$symbolic": [None if d is None else int(d) for d in tensor.shape],
                "dtype": tensor.dtype.name,
            }
        return plain(self.array(tensor), blob)

    def leaves(self, structure):
        """The arrays of a structure."""
        return leaves(structure)

    def fetch(self, structure):
        """Whatever a call returned, with numpy arrays for tensors."""
        return transform(lambda leaf: self.array(leaf) if self.is_tensor(leaf) else leaf, structure)

    def native(self, leaf):
        """A leaf of a structure of arrays as the backend takes it."""
        return self.tensor(leaf) if isinstance(leaf, np.ndarray) else leaf

    def evaluate(self, function, arrays, training=None, updates=None, key=None):
        """Call with tensors; arrays come back."""
        return self.fetch(function(transform(self.native, arrays)))

    def build(self, function, arrays, updates=None, key=None):
        """Call once; a layer makes its weights then."""
        self.evaluate(function, arrays)

    def evaluate_model(self, model, arrays):
        """Call a model directly."""
        return self.evaluate(model, arrays)

    def losses(self, layer, run):
        """The penalties the last call left behind."""
        return [self.array(loss) for loss in layer.losses]

    def gradients(self, function, arrays, weights, cotangents, training=None, key=None):
        """Gradient of sum(output * cotangent) for floating-point inputs and weights."""
        tf = self.tf
        tensors = [self.native(leaf) for leaf in leaves(arrays)]
        watched = [t for t in tensors if hasattr(t, "dtype") and t.dtype.is_floating]
        variables = [w.value if hasattr(w, "path") else w for w in weights]
        with tf.GradientTape() as tape:
            for tensor in watched:
                tape.watch(tensor)
            outputs = [tf.convert_to_tensor(o) for o in leaves(function(replace(arrays, tensors)))]
        pairs = [(o, c) for o, c in zip(outputs, cotangents) if o.dtype.is_floating]
        weighed = [tf.constant(c, dtype=o.dtype) for o, c in pairs]
        found = tape.gradient([o for o, _ in pairs], [watched, variables], output_gradients=weighed)
        return {"inputs": [self.dense(g) for g in found[0]], "weights": [self.dense(g) for g in found[1]]}

    def dense(self, gradient):
        """A gradient as an array, or None."""
        return None if gradient is None else self.array(gradient)

    def compiled(self, function, arrays):
        """Through tf.function."""
        return self.fetch(self.tf.function(function)(transform(self.native, arrays)))

    def set_weights(self, layer, arrays):
        """Give a layer or model these weights."""
        layer.set_weights(arrays)

    def shape_and_dtype(self, weight):
        """Shape and dtype of a weight."""
        return shape_and_dtype(weight)

    def get_weights(self, layer):
        """Its weights as arrays."""
        return [np.asarray(w) for w in layer.get_weights()]

    def updates(self, layer):
        """Nothing to run by hand: eager layers update themselves."""
        return None
