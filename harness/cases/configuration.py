"""A case of global state: what reading gives, what setting changes, what `clear_session` leaves."""

import numpy as np

READERS = {
    "floatx": ("config.floatx", "backend.floatx"),
    "epsilon": ("config.epsilon", "backend.epsilon"),
    "image_data_format": ("config.image_data_format", "backend.image_data_format"),
    "backend": ("config.backend", "backend.backend"),
    "dtype_policy": ("config.dtype_policy", "mixed_precision.global_policy"),
    "interactive_logging": (
        "config.is_interactive_logging_enabled",
        "utils.is_interactive_logging_enabled",
    ),
    "traceback_filtering": (
        "config.is_traceback_filtering_enabled",
        "utils.is_traceback_filtering_enabled",
    ),
    "flash_attention": ("config.is_flash_attention_enabled",),
    "max_epochs": ("config.max_epochs",),
    "max_steps_per_epoch": ("config.max_steps_per_epoch",),
}
"""What is global → where it is read."""

PUT_BACK = (
    ("utils.enable_interactive_logging", ()),
    ("utils.enable_traceback_filtering", ()),
    ("config.enable_interactive_logging", ()),
    ("config.enable_traceback_filtering", ()),
    ("config.set_max_epochs", (None,)),
    ("config.set_max_steps_per_epoch", (None,)),
)
"""What the next case must find as it was; the engine puts back the rest."""


def perform(case, context):
    """Set something and look at what follows.

    Steps: forward (what setting returns), state, layer, outputs, cleared.
    """
    setter = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    call = case["feed"].get("call", {})
    try:
        observed(setter, parameters, call, context)
    finally:
        for name, values in PUT_BACK:
            if context.has(name):
                context.symbol(name)(*values)


def observed(setter, parameters, call, context):
    """The steps of `perform`, after which the state is put back."""
    record = context.record
    record.run("forward", "config", lambda: setter(*parameters.values()), needed=True)
    record.run("state", "config", lambda: state(context))
    if call.get("$layer"):
        record.run("layer", "config", lambda: layer_facts(context))
        record.run("outputs", "value", lambda: outputs(context))
    record.run("cleared", "config", lambda: cleared(context))


def state(context):
    """Everything global that can be read."""
    found = {}
    for name, places in READERS.items():
        place = next((p for p in places if context.has(p)), None)
        if place is not None:
            found[name] = described(context.symbol(place)())
    return found


def described(value):
    """A policy by its names, anything else as it is."""
    if hasattr(value, "compute_dtype"):
        return policy_facts(value)
    return value


def policy_facts(policy):
    """What a dtype policy says."""
    names = ("name", "compute_dtype", "variable_dtype")
    return {name: str(getattr(policy, name)) for name in names if hasattr(policy, name)}


def layer_facts(context):
    """Dtypes of a layer made now, and what its config keeps of them."""
    layer = context.symbol("layers.Dense")(2, kernel_initializer="ones")
    layer.build((None, 3))
    facts = {
        n: str(getattr(layer, n)) for n in ("dtype", "compute_dtype", "variable_dtype") if hasattr(layer, n)
    }
    weights = [str(getattr(w.dtype, "name", w.dtype)) for w in layer.weights]
    return {"facts": facts, "weights": weights, "config": layer.get_config()["dtype"]}


def outputs(context):
    """A layer's outputs under the state just set."""
    layer = context.symbol("layers.Dense")(2, kernel_initializer="ones")
    fed = np.linspace(-1.0, 1.0, 6).reshape(2, 3).astype("float32")
    return context.engine.evaluate(layer, fed)


def cleared(context):
    """What is left after `clear_session`, and how the next layers are called."""
    context.symbol("backend.clear_session")()
    dense = context.symbol("layers.Dense")
    return {"state": state(context), "names": [dense(1).name, dense(1).name]}


def policy(case, context):
    """A dtype policy made. Steps: construct, facts, config, round trip, serialize, layer."""
    record = context.record
    cls = context.symbol(case["subject"])
    parameters = context.make.parameters(case["parameters"])
    made = record.run("construct", "structure", lambda: cls(*parameters.values()), False, needed=True)
    record.run("facts", "config", lambda: policy_facts(made))
    record.run("text", "names and order", lambda: repr(made))
    config = record.run("config", "config", lambda: made.get_config())
    record.run("round trip", "config", lambda: policy_facts(cls.from_config(config)))
    record.run("layer", "config", lambda: in_layer(made, context))


def in_layer(made, context):
    """The policy in a layer: what the layer computes in and what its variables are."""
    layer = context.symbol("layers.Dense")(2, dtype=made)
    layer.build((None, 3))
    return {
        "policy": policy_facts(getattr(layer, "dtype_policy", None)),
        "weights": [str(getattr(w.dtype, "name", w.dtype)) for w in layer.weights],
        "outputs": context.engine.evaluate(layer, np.ones((1, 3), "float32")).dtype.name,
    }


def names(case, context):
    """How layers and models are called before and after the names are counted anew."""
    record = context.record
    clear = context.symbol(case["subject"])

    def made():
        layers = [context.symbol("layers." + n)(2) for n in ("Dense", "Dense", "LSTM")]
        model = context.symbol("models.Sequential")([context.symbol("layers.Flatten")()])
        return [layer.name for layer in layers] + [model.name]

    record.run("first", "names and order", made)
    record.run("second", "names and order", made)
    record.run("forward", "structure", clear)
    record.run("after", "names and order", made)
