"""Every spec there is, by family: written out, so that nothing is registered by being imported."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from harness.specs.declaration import Spec, specs_by_subject

MODULES = (
    "layers_core", "layers_activations", "layers_convolution", "layers_pooling", "layers_reshaping",
    "layers_merging", "layers_normalization", "layers_recurrent", "layers_wrappers", "layers_attention",
    "layers_preprocessing", "layers_augmentation", "layers_regularization",
    "activations", "losses", "metrics", "initializers", "regularizers", "constraints",
    "optimizers", "schedules", "utilities", "backend", "operations", "configuration", "applications",
    "signatures", "members", "lookups", "graphs", "scenarios",
)  # fmt: skip


@cache
def all_specs() -> tuple[Spec, ...]:
    """The specs of every module of `MODULES`, in that order."""
    out: list[Spec] = []
    for name in MODULES:
        out.extend(import_module(f"harness.specs.{name}").SPECS)
    return tuple(out)


def spec_of(subject: str, script: str) -> Spec | None:
    """The spec a case came from."""
    return _index().get((subject, script))


@cache
def _index() -> dict[tuple[str, str], Spec]:
    out: dict[tuple[str, str], Spec] = {}
    for spec in all_specs():
        out[spec.subject, spec.script] = spec
        for feed in spec.feeds:
            if feed.script:
                out[spec.subject, feed.script] = spec
    return out


__all__ = ["MODULES", "all_specs", "spec_of", "specs_by_subject"]
