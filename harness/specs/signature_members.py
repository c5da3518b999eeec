"""Which methods and properties of the main classes are part of the API and have signature specs of their own.

https://keras.io/api/models/, https://keras.io/api/layers/base_layer/, https://keras.io/api/optimizers/,
https://keras.io/api/metrics/base_metric/, https://keras.io/api/callbacks/base_callback/ and, for what Keras
2 has beyond them, the pages of https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Members:
    """Methods of one class.

    also: other places of the class, for implementations without `owner`.
    """

    owner: str
    names: tuple[str, ...]
    also: tuple[str, ...] = ()


_LAYER = (
    "__call__", "add_loss", "add_metric", "add_update", "add_variable", "add_weight", "build",
    "build_from_config", "call", "compute_dtype", "compute_mask", "compute_output_shape",
    "compute_output_signature", "compute_output_spec", "count_params", "dtype", "dtype_policy", "dynamic",
    "finalize_state", "from_config", "get_build_config", "get_config", "get_input_at", "get_input_mask_at",
    "get_input_shape_at", "get_losses_for", "get_output_at", "get_output_mask_at", "get_output_shape_at",
    "get_updates_for", "get_weights", "inbound_nodes", "input", "input_dtype", "input_mask", "input_shape",
    "input_spec", "load_own_variables", "losses", "metrics", "metrics_variables", "non_trainable_variables",
    "non_trainable_weights", "outbound_nodes", "output", "output_mask", "output_shape", "path", "quantize",
    "quantization_mode", "save_own_variables", "set_weights", "stateful", "stateless_call", "submodules",
    "supports_jit", "supports_masking", "symbolic_call", "trainable", "trainable_variables",
    "trainable_weights", "updates", "variable_dtype", "variables", "weights", "with_name_scope",
)
_MODEL = (
    "build", "call", "compile", "compile_from_config", "compiled_loss", "compiled_metrics", "compute_loss",
    "compute_metrics", "distribute_reduction_method", "distribute_strategy", "evaluate", "evaluate_generator",
    "export", "fit", "fit_generator", "from_config", "get_compile_config", "get_config", "get_layer",
    "get_metrics_result", "get_weight_paths", "get_state_tree", "set_state_tree", "input", "inputs",
    "input_names", "output_names", "input_shape", "output_shape", "jit_compile", "layers", "load_weights",
    "loss", "make_predict_function", "make_test_function", "make_train_function", "metrics", "metrics_names",
    "optimizer", "output", "outputs", "predict", "predict_classes", "predict_generator", "predict_on_batch",
    "predict_proba", "predict_step", "quantize", "reset_metrics", "reset_states", "run_eagerly",
    "sample_weights", "save", "save_spec", "save_weights", "state_updates", "stateless_compute_loss",
    "stateless_evaluate", "summary", "test_on_batch", "test_step", "to_json", "to_yaml", "total_loss",
    "train_on_batch", "train_step", "weights", "uses_learning_phase", "validate_functional",
)
_OPTIMIZER = (
    "add_optimizer_variables", "add_slot", "add_variable", "add_variable_from_reference", "add_weight",
    "aggregate_gradients", "apply", "apply_gradients", "assign", "assign_add", "assign_sub", "build",
    "compute_gradients", "exclude_from_weight_decay", "finalize_variable_values", "from_config", "get_config",
    "get_gradients", "get_slot", "get_slot_names", "get_updates", "get_weights", "iterations",
    "learning_rate", "load_own_variables", "lr", "minimize", "save_own_variables", "scale_loss",
    "set_weights", "stateless_apply", "update_step", "variables", "weights",
)
_METRIC = (
    "__call__", "add_variable", "add_weight", "dtype", "from_config", "get_config", "merge_state", "name",
    "reset_state", "reset_states", "result", "stateless_reset_state", "stateless_result",
    "stateless_update_state", "update_state", "variables",
)
_CALLBACK = (
    "model", "on_batch_begin", "on_batch_end", "on_epoch_begin", "on_epoch_end", "on_predict_batch_begin",
    "on_predict_batch_end", "on_predict_begin", "on_predict_end", "on_test_batch_begin", "on_test_batch_end",
    "on_test_begin", "on_test_end", "on_train_batch_begin", "on_train_batch_end", "on_train_begin",
    "on_train_end", "params", "set_model", "set_params",
)
_PREPROCESSING = (
    "adapt", "build", "call", "compute_output_shape", "finalize_state", "reset_state", "update_state"
)

MEMBERS: tuple[Members, ...] = (
    Members("Model", _MODEL, ("models.Model",)),
    Members(
        "Sequential", (*_MODEL, "add", "pop", "get_losses_for", "legacy_from_config"), ("models.Sequential",)
    ),
    Members("layers.Layer", _LAYER),
    Members("layers.Wrapper", ("build", "from_config", "get_config")),
    Members("layers.RNN", ("call", "get_initial_state", "reset_state", "reset_states", "states", "unroll")),
    Members("layers.InputSpec", ("from_config", "get_config")),
    Members("optimizers.Optimizer", _OPTIMIZER),
    Members("optimizers.Adam", _OPTIMIZER),
    Members("optimizers.SGD", _OPTIMIZER),
    Members("optimizers.schedules.LearningRateSchedule", ("__call__", "from_config", "get_config")),
    Members("metrics.Metric", _METRIC),
    Members("losses.Loss", ("__call__", "call", "dtype", "from_config", "get_config")),
    Members("callbacks.Callback", _CALLBACK),
    Members(
        "callbacks.CallbackList",
        (
            "append", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin", "on_train_batch_end",
            "set_model", "set_params",
        ),
    ),
    Members("callbacks.EarlyStopping", ("get_monitor_value",)),
    Members("callbacks.ReduceLROnPlateau", ("in_cooldown",)),
    Members("callbacks.TensorBoard", ("set_model",)),
    Members("initializers.Initializer", ("__call__", "clone", "from_config", "get_config")),
    Members("regularizers.Regularizer", ("__call__", "from_config", "get_config")),
    Members("constraints.Constraint", ("__call__", "from_config", "get_config")),
    Members("utils.Progbar", ("add", "update")),
    Members("utils.Sequence", ("__getitem__", "__iter__", "__len__", "on_epoch_end")),
    Members(
        "utils.PyDataset",
        (
            "__getitem__", "max_queue_size", "num_batches", "on_epoch_begin", "on_epoch_end",
            "use_multiprocessing", "workers",
        ),
    ),
    Members(
        "utils.FeatureSpace",
        ("adapt", "float", "float_normalized", "integer_categorical", "string_categorical", "cross"),
    ),
    Members(
        "preprocessing.image.ImageDataGenerator",
        (
            "apply_transform", "fit", "flow", "flow_from_dataframe", "flow_from_directory",
            "get_random_transform", "standardize",
        ),
    ),
    Members(
        "preprocessing.text.Tokenizer",
        (
            "fit_on_sequences", "fit_on_texts", "get_config", "sequences_to_matrix", "sequences_to_texts",
            "texts_to_matrix", "texts_to_sequences", "to_json",
        ),
    ),
    Members(
        "mixed_precision.LossScaleOptimizer",
        ("dynamic", "get_scaled_loss", "get_unscaled_gradients", "loss_scale", "scale_loss"),
    ),
    Members(
        "layers.StringLookup",
        (*_PREPROCESSING, "get_vocabulary", "set_vocabulary", "vocabulary_size", "vocab_size"),
    ),
    Members(
        "layers.IntegerLookup",
        (*_PREPROCESSING, "get_vocabulary", "set_vocabulary", "vocabulary_size", "vocab_size"),
    ),
    Members(
        "layers.TextVectorization", (*_PREPROCESSING, "get_vocabulary", "set_vocabulary", "vocabulary_size")
    ),
    Members("layers.Normalization", _PREPROCESSING),
    Members("layers.Discretization", _PREPROCESSING),
    Members("layers.MultiHeadAttention", ("call", "compute_mask", "build")),
    Members("layers.Bidirectional", ("call", "compute_mask", "reset_state", "reset_states")),
)

PER_CLASS: Mapping[str, tuple[str, ...]] = {
    "layers": ("call",),
    "metrics": ("update_state",),
    "losses": ("call",),
    "optimizers": ("apply_gradients",),
    "initializers": ("__call__",),
    "callbacks": ("on_epoch_end",),
}
"""Place → methods whose arguments differ from class to class."""
