"""Global state: floatx, epsilon, image data format, dtype policies, logging; and what is left after clearing.

https://keras.io/api/utils/config_utils/ and https://keras.io/api/mixed_precision/
"""

from __future__ import annotations

from harness.specs.declaration import Feed, Parameter, Spec

SOURCE = "https://keras.io/api/utils/config_utils/"
POLICIES = ("float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


def state(subject: str, *parameters: Parameter, script: str = "configuration", layer: bool = True) -> Spec:
    """The spec of one thing that sets or reads global state."""
    return Spec(
        subject=subject,
        family="configuration",
        script=script,
        feeds=(Feed("alone", None, call={"$layer": True} if layer else {}),),
        parameters=parameters,
        no_oracle="sets or reads global state, which is compared",
        source=SOURCE,
        dear=(),
        limit=30.0,
    )


FLOATX = Parameter("value", ("float64", "float16", "float32", "bfloat16"), invalid=("int32", "x", None))
EPSILON = Parameter("value", (1e-5, 1e-12), invalid=("x", None, 0))
FORMAT = Parameter("data_format", ("channels_first", "channels_last"), invalid=("x", None))
POLICY = Parameter("policy", POLICIES, invalid=("int8", "nope", 3))

SPECS: tuple[Spec, ...] = (
    *(
        state(f"{place}.{name}", parameter)
        for place in ("config", "backend")
        for name, parameter in (
            ("set_floatx", FLOATX),
            ("set_epsilon", EPSILON),
            ("set_image_data_format", FORMAT),
        )
    ),
    *(
        state(name, POLICY)
        for name in (
            "config.set_dtype_policy",
            "mixed_precision.set_global_policy",
            "mixed_precision.set_dtype_policy",
        )
    ),
    *(
        state(f"{place}.{name}", layer=False)
        for place in ("config", "utils")
        for name in (
            "enable_interactive_logging",
            "disable_interactive_logging",
            "is_interactive_logging_enabled",
            "enable_traceback_filtering",
            "disable_traceback_filtering",
            "is_traceback_filtering_enabled",
        )
    ),
    *(
        state(name, layer=False)
        for name in (
            "config.enable_unsafe_deserialization",
            "config.enable_flash_attention",
            "config.disable_flash_attention",
            "config.is_flash_attention_enabled",
            "config.floatx",
            "config.epsilon",
            "config.image_data_format",
            "config.backend",
            "config.dtype_policy",
            "mixed_precision.global_policy",
            "mixed_precision.dtype_policy",
        )
    ),
    state("config.set_max_epochs", Parameter("epochs", (3, None)), layer=False),
    state("config.set_max_steps_per_epoch", Parameter("steps", (3, None)), layer=False),
    *(
        state(name, Parameter("name", POLICIES, invalid=("nope", 3, None)), script="configuration:policy")
        for name in ("mixed_precision.Policy", "mixed_precision.DTypePolicy", "dtype_policies.DTypePolicy")
    ),
    *(
        state(name, script="configuration:names", layer=False)
        for name in ("backend.clear_session", "utils.clear_session", "backend.reset_uids")
    ),
)
