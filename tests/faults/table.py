"""Single-line faults in tf_keras 2.21, over all families: what a careless change could do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One line of tf_keras changed."""

    name: str
    file: str
    """Below ``tf_keras/src``."""
    line: str
    """A part of one line; the `place`-th line that has it is changed."""
    instead: str
    only: tuple[str, ...]
    """What is compared: the subjects the fault is about, those that ought to be named first."""
    place: int = 1
    of: int = 1
    """How many lines have this part."""

    @property
    def subjects(self) -> frozenset[str]:
        """The subjects without what picks their cases."""
        return frozenset(pattern.partition("/")[0] for pattern in self.only)

    @property
    def beside(self) -> str:
        """A subject of the same area that the fault has nothing to do with: nothing must be new there."""
        return BESIDE[self.only[0].partition(".")[0]]

    def planted(self, text: str) -> str:
        """The file with the fault. Raises `ValueError` when the line is not what the table says."""
        lines = text.splitlines(keepends=True)
        hits = [i for i, line in enumerate(lines) if self.line in line]
        if len(hits) != self.of:
            raise ValueError(
                f"Expected {self.of} lines with {self.line!r} in {self.file}. Received: {len(hits)}."
            )
        at = hits[self.place - 1]
        lines[at] = lines[at].replace(self.line, self.instead, 1)
        return "".join(lines)


BESIDE = {
    "activations": "activations.selu",
    "losses": "losses.SquaredHinge",
    "optimizers": "optimizers.schedules.PolynomialDecay",
    "metrics": "metrics.FalseNegatives",
    "initializers": "initializers.Orthogonal",
    "regularizers": "regularizers.L2",
    "constraints": "constraints.NonNeg",
    "layers": "layers.UpSampling1D",
    "callbacks": "callbacks.CSVLogger",
    "Model": "callbacks.CSVLogger",
    "utils": "utils.array_to_img",
    "backend": "backend.tanh",
}

_IMAGES = "layers/preprocessing/image_preprocessing.py"
_SCHED = "optimizers/schedules/learning_rate_schedule.py"

FAULTS = (
    # activations
    Fault("mish", "activations.py", "return x * tf.math.tanh(tf.math.softplus(x))",
          "return x * tf.math.tanh(tf.math.softplus(0.99 * x))", ("activations.mish",)),
    Fault("exponential", "activations.py", "return tf.exp(x)", "return tf.exp(x) + 0.001 * x",
          ("activations.exponential",)),
    Fault("softplus", "activations.py", "    return tf.math.softplus(x)",
          "    return tf.math.softplus(1.001 * x)", ("activations.softplus",)),
    # losses
    Fault("huber-delta", "losses.py", "delta * abs_error - half * tf.square(delta)",
          "delta * abs_error - half * delta", ("losses.Huber", "losses.huber")),
    Fault("mean-absolute-error", "losses.py", "return backend.mean(tf.abs(y_pred - y_true), axis=-1)",
          "return backend.mean(tf.abs(y_pred - 0.999 * y_true), axis=-1)", ("losses.MeanAbsoluteError",)),
    Fault("percentage", "losses.py", "return 100.0 * backend.mean(diff, axis=-1)",
          "return 99.0 * backend.mean(diff, axis=-1)", ("losses.MeanAbsolutePercentageError",)),
    Fault("hinge", "losses.py", "return backend.mean(tf.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)",
          "return backend.mean(tf.maximum(0.9 - y_true * y_pred, 0.0), axis=-1)", ("losses.Hinge",)),
    Fault("log-cosh", "losses.py", "x + tf.math.softplus(-2.0 * x) - tf.cast",
          "x + tf.math.softplus(-1.9 * x) - tf.cast", ("losses.LogCosh",)),
    Fault("poisson-epsilon", "losses.py",
          "y_pred - y_true * tf.math.log(y_pred + backend.epsilon()), axis=-1",
          "y_pred - y_true * tf.math.log(y_pred), axis=-1", ("losses.Poisson",)),
    # optimizers and schedules
    Fault("adam-bias", "optimizers/adam.py", "alpha = lr * tf.sqrt(1 - beta_2_power) / (1 - beta_1_power)",
          "alpha = lr * (1 - beta_2_power) / (1 - beta_1_power)", ("optimizers.Adam",)),
    Fault("nesterov", "optimizers/sgd.py", "variable.assign_add(-gradient * lr + m * momentum)",
          "variable.assign_add(-gradient * lr + m)", ("optimizers.SGD",)),
    Fault("rmsprop-square", "optimizers/rmsprop.py",
          "velocity.assign(rho * velocity + (1 - rho) * tf.square(gradient))",
          "velocity.assign(rho * velocity + (1 - rho) * tf.abs(gradient))", ("optimizers.RMSprop",)),
    Fault("adagrad-epsilon", "optimizers/adagrad.py",
          "variable.assign_sub(lr * grad / tf.sqrt(accumulator + self.epsilon))",
          "variable.assign_sub(lr * grad / (tf.sqrt(accumulator) + self.epsilon))", ("optimizers.Adagrad",)),
    Fault("adamax-default", "optimizers/adamax.py", "beta_1=0.9,", "beta_1=0.8,", ("optimizers.Adamax",)),
    Fault("exponential-decay", _SCHED, "initial_learning_rate, tf.pow(decay_rate, p), name=name",
          "initial_learning_rate, tf.pow(decay_rate, p + 1), name=name",
          ("optimizers.schedules.ExponentialDecay",)),
    Fault("inverse-time", _SCHED, "denom = tf.add(const, tf.multiply(decay_rate, p))",
          "denom = tf.add(const, tf.multiply(decay_rate, p + const))",
          ("optimizers.schedules.InverseTimeDecay",)),
    Fault("cosine-decay", _SCHED, "cosine_decayed = 0.5 * (1.0 + tf.cos(tf_pi * completed_fraction))",
          "cosine_decayed = 0.4 * (1.0 + tf.cos(tf_pi * completed_fraction))",
          ("optimizers.schedules.CosineDecay",)),
    # metrics
    Fault("root-of-mean", "metrics/regression_metrics.py",
          "return tf.sqrt(tf.math.divide_no_nan(self.total, self.count))",
          "return tf.math.divide_no_nan(self.total, self.count)", ("metrics.RootMeanSquaredError",)),
    Fault("r2-total", "metrics/regression_metrics.py", "total = self.squared_sum - self.sum * mean",
          "total = self.squared_sum - mean", ("metrics.R2Score",)),
    Fault("precision", "metrics/confusion_metrics.py",
          "tf.math.add(self.true_positives, self.false_positives),",
          "tf.math.add(self.true_positives, 2 * self.false_positives),", ("metrics.Precision",), of=4),
    # initializers, regularizers, constraints
    Fault("uniform-limit", "initializers/initializers.py", "limit = math.sqrt(3.0 * scale)",
          "limit = math.sqrt(2.0 * scale)", ("initializers.GlorotUniform",)),
    Fault("truncated-spread", "initializers/initializers.py",
          "stddev = math.sqrt(scale) / 0.87962566103423978",
          "stddev = math.sqrt(scale)", ("initializers.HeNormal",)),
    Fault("l1", "regularizers.py", "return self.l1 * tf.reduce_sum(tf.abs(x))",
          "return self.l1 * tf.reduce_mean(tf.abs(x))", ("regularizers.L1",)),
    Fault("l1-l2", "regularizers.py", "regularization += 2.0 * self.l2 * tf.nn.l2_loss(x)",
          "regularization += self.l2 * tf.nn.l2_loss(x)", ("regularizers.L1L2",)),
    Fault("max-norm", "constraints.py", "desired = backend.clip(norms, 0, self.max_value)",
          "desired = backend.clip(norms, 0, 0.9 * self.max_value)", ("constraints.MaxNorm",)),
    Fault("min-max-norm", "constraints.py", "self.rate * backend.clip(norms, self.min_value, self.max_value)",
          "self.rate * backend.clip(norms, 0.0, self.max_value)", ("constraints.MinMaxNorm",)),
    # layers
    Fault("dense-bias", "layers/core/dense.py", "outputs = tf.nn.bias_add(outputs, self.bias)",
          "outputs = tf.nn.bias_add(outputs, 2 * self.bias)", ("layers.Dense",)),
    Fault("gru-cell", "layers/rnn/gru.py", "h = z * h_tm1 + (1 - z) * hh", "h = z * h_tm1 + (0.99 - z) * hh",
          ("layers.GRUCell",), of=2),
    Fault("lstm-cell", "layers/rnn/lstm.py", "c = f * c_tm1 + i * self.activation(z2)",
          "c = f * c_tm1 + f * self.activation(z2)", ("layers.LSTMCell",)),
    Fault("moving-average", "layers/normalization/batch_normalization.py",
          'decay = tf.convert_to_tensor(1.0 - momentum, name="decay")',
          'decay = tf.convert_to_tensor(1.0 - momentum * momentum, name="decay")',
          ("layers.BatchNormalization",)),
    Fault("norm-default", "layers/normalization/layer_normalization.py", "epsilon=1e-3,", "epsilon=2e-3,",
          ("layers.LayerNormalization",)),
    Fault("attention-scale", "layers/attention/multi_head_attention.py",
          "query = tf.multiply(query, 1.0 / math.sqrt(float(self._key_dim)))",
          "query = tf.multiply(query, 1.0 / float(self._key_dim))", ("layers.MultiHeadAttention",)),
    Fault("leaky-slope", "layers/activation/leaky_relu.py", "return backend.relu(inputs, alpha=self.alpha)",
          "return backend.relu(inputs, alpha=0.5 * self.alpha)", ("layers.LeakyReLU",)),
    Fault("prelu-sign", "layers/activation/prelu.py", "return pos + neg", "return pos - neg",
          ("layers.PReLU",)),
    Fault("rescaling", _IMAGES, "return tf.cast(inputs, dtype) * scale + offset",
          "return tf.cast(inputs, dtype) * scale - offset", ("layers.Rescaling",)),
    Fault("gaussian-dropout", "layers/regularization/gaussian_dropout.py",
          "stddev = np.sqrt(self.rate / (1.0 - self.rate))", "stddev = self.rate / (1.0 - self.rate)",
          ("layers.GaussianDropout",)),
    Fault("masking", "layers/core/masking.py",
          "return tf.reduce_any(tf.not_equal(inputs, self.mask_value), axis=-1)",
          "return tf.reduce_all(tf.not_equal(inputs, self.mask_value), axis=-1)", ("layers.Masking",)),
    # callbacks
    Fault("early-stopping", "callbacks.py", "if self.wait >= self.patience and epoch > 0:",
          "if self.wait > self.patience and epoch > 0:", ("callbacks.EarlyStopping",)),
    Fault("plateau", "callbacks.py", "new_lr = old_lr * self.factor", "new_lr = 0.5 * old_lr * self.factor",
          ("callbacks.ReduceLROnPlateau",)),
    Fault("not-a-number", "callbacks.py", "if np.isnan(loss) or np.isinf(loss):", "if np.isinf(loss):",
          ("callbacks.TerminateOnNaN",)),
    # training
    Fault("loss-weight", "engine/compile_utils.py", "loss_value *= loss_weight", "loss_value += loss_weight",
          ("Model.compile/scenarios_training:loss_weights*",)),
    Fault("validation-split", "engine/data_adapter.py",
          "split_at = int(math.floor(batch_dim * (1.0 - validation_split)))",
          "split_at = int(math.floor(batch_dim * validation_split))", ("Model.fit/*split*",)),
    # saving
    Fault("config-of-dense", "layers/core/dense.py", '"use_bias": self.use_bias,', '"use_bias": True,',
          ("layers.Dense",)),
    Fault("hdf5-backend", "saving/legacy/hdf5_format.py",
          'f.attrs["backend"] = backend.backend().encode("utf8")',
          'f.attrs["backend"] = b"other"', ("Model.save/scenarios_serialization:inside_hdf5*",)),
    # preprocessing and utilities
    Fault("pad-length", "utils/data_utils.py", "maxlen = np.max(lengths)", "maxlen = np.min(lengths)",
          ("utils.pad_sequences",)),
    Fault("one-hot", "utils/np_utils.py", "categorical[np.arange(n), y] = 1",
          "categorical[np.arange(n), y] = 2", ("utils.to_categorical",)),
    Fault("normalize", "utils/np_utils.py", "return x / np.expand_dims(l2, axis)",
          "return x / np.expand_dims(l2 + 1e-4, axis)", ("utils.normalize",)),
    Fault("timeseries", "utils/timeseries_dataset.py",
          "start_positions = np.arange(0, num_seqs, sequence_stride, dtype=index_dtype)",
          "start_positions = np.arange(1, num_seqs, sequence_stride, dtype=index_dtype)",
          ("utils.timeseries_dataset_from_array",)),
    # backend and config
    Fault("epsilon", "backend_config.py", "_EPSILON = value", "_EPSILON = 2 * value",
          ("backend.set_epsilon",)),
    Fault("standard-deviation", "backend.py", "return tf.math.reduce_std(x, axis=axis, keepdims=keepdims)",
          "return 1.01 * tf.math.reduce_std(x, axis=axis, keepdims=keepdims)", ("backend.std",)),
)  # fmt: skip
