"""What a person asked to have compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.specs.declaration import Spec
from harness.targets import Pair, Target


@dataclass(frozen=True)
class Request:
    """What a person asked to have compared."""

    pair: Pair
    reference: Target
    candidate: Target
    profile: str = "quick"
    only: tuple[str, ...] = ()
    seed: int = 0
    jobs: int = 2
    use_cache: bool = True
    extra_scripts: tuple[Path, ...] = ()
    """The user's own files of case scripts."""
    extra_specs: tuple[Spec, ...] = ()
    """What these declare; where there are any, they are what is compared."""
    shuffle: int | None = None
    """Perform the cases in an order drawn from this number instead of the order of the plan."""
    recheck: bool = False
    """Take a closer look of what the baseline accepts as well."""
