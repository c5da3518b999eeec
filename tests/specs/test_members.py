"""What instances offer, and what look-ups read and write."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from harness.plan import plan
from harness.specs import lookups, members
from harness.specs.surface import symbols

SCRIPT = Path(members.__file__).parents[1] / "cases" / "members.py"


def test_every_layer_under_spec_has_its_members_asked_once() -> None:
    """One case per class; layers are fed, so that they are asked when they are built."""
    subjects = [spec.subject for spec in members.SPECS]
    assert len(set(subjects)) == len(subjects)
    assert len(plan(members.SPECS)) == len(subjects)
    built = [spec for spec in members.SPECS if spec.feeds[0].inputs is not None]
    assert {"layers.Dense", "layers.LSTM", "layers.Conv2D"} <= {spec.subject for spec in built}


def test_a_class_is_made_with_what_it_cannot_be_made_without() -> None:
    """The plainest instance: required arguments only."""
    dense = next(spec for spec in members.SPECS if spec.subject == "layers.Dense")
    assert [p.name for p in dense.parameters] == ["units"]


@pytest.mark.parametrize("spec", lookups.SPECS, ids=lambda spec: spec.subject)
def test_lookups_are_of_symbols_that_exist(spec) -> None:
    """A look-up names a public function, and tries what must be refused as well."""
    assert spec.subject in {s.name for s in symbols()}
    assert any(p.invalid for p in spec.parameters)


def test_methods_are_not_called_and_properties_are_read() -> None:
    """A member is a method, or what it holds, or what reading it raises; no private ones."""
    source = SCRIPT.read_text(encoding="utf-8").replace("from . import layer as layers\n", "")
    script = importlib.util.module_from_spec(importlib.util.spec_from_loader("members", loader=None))
    exec(compile(source, str(SCRIPT), "exec"), script.__dict__)

    class Engine:
        @staticmethod
        def is_tensor(value: object) -> bool:
            return False

    class Made:
        units = 3
        kept = None
        _secret = 1

        @property
        def broken(self) -> int:
            raise ValueError("not built")

        def call(self) -> None:
            raise AssertionError("nobody calls it")

    found = script.members(Made(), Engine, ("kept",))
    assert found == {"units": 3, "broken": {"raises": "ValueError"}, "call": "method"}
