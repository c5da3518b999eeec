"""Shards of real Kerases: their union is the store of the run in one piece, observation by observation."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import environments, pipeline
from harness.matrix import running
from harness.matrix.performing import Clock
from harness.request import Request
from harness.shards.columns import InShards
from harness.shards.planning import groups_of_pairs, plan_shards
from harness.shards.runners import Processes, run_shards
from harness.store import Store
from harness.targets import load
from tests.shards.conftest import Told, plan_for, told_of

PAIRS = ("modern", "jax")
"""Three targets; one of them is a side of both pairs."""
ONLY = ("layers.Dropout/layer[[]rate=0.*", "layers.LayerNormalization/layer[[]]")
"""Draws, weights and gradients; some differ by rounding only, so that evidence is observed as well."""
ENGINES = ("tf.keras-1.15", "tf.keras-2.15", "keras-3.15.1-tensorflow")
"""A graph of TensorFlow 1, eager execution, and Keras 3."""
FEW = ("activations.softmax/activation[[]axis=*",)
"""Cases that they round each in its own way."""


@pytest.mark.real
def test_a_matrix_in_shards_of_real_kerases_equals_one_in_one_piece(tmp_path: Path) -> None:
    """Targets of different engines: record and observations, evidence included."""
    catalogue = load()
    targets = tuple(catalogue.target(id) for id in ENGINES)
    assert len({target.engine for target in targets}) > 1
    for target in targets:
        seen = environments.look(target)
        if seen.state is not environments.State.READY:
            pytest.skip(f"NOT RUN: {target.id}: {seen.reason}. {seen.fix}")
    request = running.MatrixRequest(targets, only=FEW)
    plan = plan_for(request, None)
    runner = Processes(tmp_path / "shards", 2)
    with Store(tmp_path / "sharded.sqlite") as store:
        sharded = running.run_with(InShards(runner, store, Told(), Clock(), plan, catalogue), request)
        in_shards = store.fingerprint()
        variants = {case.variant for key in in_shards if (case := store.case(key[0]))}
    with Store(tmp_path / "whole.sqlite") as store:
        whole = running.run(request, store, Told())
        assert in_shards == store.fingerprint()
    assert told_of(sharded) == told_of(whole)
    assert not sharded.faults
    assert all(column.ran for column in sharded.columns)
    assert "shadow" in variants


@pytest.mark.real
def test_shards_of_real_kerases_equal_a_matrix_and_a_run_in_one_piece(tmp_path: Path) -> None:
    """Each shard in a process and a store of its own; a run of each pair, and a matrix of the three."""
    catalogue = load()
    pairs = [catalogue.pair(name) for name in PAIRS]
    targets = [catalogue.target(id) for id in dict.fromkeys(id for pair in pairs for id in pair.targets)]
    assert len(targets) == 3
    for target in targets:
        seen = environments.look(target)
        if seen.state is not environments.State.READY:
            pytest.skip(f"NOT RUN: {target.id}: {seen.reason}. {seen.fix}")
    plan = plan_shards(groups_of_pairs(pairs), count=2, only=ONLY)
    with Store(tmp_path / "sharded.sqlite") as sharded:
        assert not run_shards(plan.shards, Processes(tmp_path / "shards", 2), store=sharded, progress=Told())
        assert not any(record["left"] or record["faults"] for record in sharded.shards().values())
        in_shards = sharded.fingerprint()
    with Store(tmp_path / "whole.sqlite") as whole:
        for pair in pairs:
            sides = catalogue.target(pair.reference), catalogue.target(pair.candidate)
            pipeline.run(Request(pair, *sides, only=ONLY), whole, Told(), ())
        assert in_shards == whole.fingerprint()
        assert {None, "shadow"} <= {case.variant for key in in_shards if (case := whole.case(key[0]))}
    with Store(tmp_path / "matrix.sqlite") as store:
        matrix = running.run(running.MatrixRequest(tuple(targets), only=ONLY, make=False), store, Told())
        by_matrix = store.fingerprint()
    assert not matrix.faults
    planned = {row.hash for row in matrix.cases}
    first = [{k: v for k, v in s.items() if k[0] in planned and not k[3]} for s in (in_shards, by_matrix)]
    assert first[0] == first[1]
    assert len(first[0]) == 3 * len(planned)
