"""What several test files share: launches of the fakes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.model import Case
from harness.run.launch import Launch

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture
def fake() -> Callable[..., Launch]:
    """Makes the launch of a fake Keras with one behaviour."""

    def make(behaviour: str = "", **settings: object) -> Launch:
        return Launch(
            target=f"fake-{behaviour or 'agrees'}",
            interpreter=Path(sys.executable),
            namespace="fake_keras",
            engine="numpy",
            backend="numpy",
            environment={"FAKE_KERAS": behaviour},
            pythonpath=(FAKES,),
            **settings,  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def dense() -> Callable[..., Case]:
    """Makes a case of the fake's only layer."""

    def make(units: object = 3, *, limit: float = 20.0, seed: int = 0) -> Case:
        feed = {"inputs": {"$array": True, "shape": [4, 5], "dtype": "float32", "values": "normal"}}
        return Case("layers.Dense", "layer", {"units": units}, feed, seed=seed, limit=limit)

    return make
