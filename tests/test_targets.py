"""The table of targets and named pairs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from harness import targets
from harness.errors import WrongUse
from harness.minimise.executing import SERVER
from harness.targets import Catalogue, Target, load

PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+")


@pytest.fixture(scope="module")
def table() -> Catalogue:
    return load()


@pytest.fixture
def own(tmp_path: Path):
    def write(text: str) -> Catalogue:
        path = tmp_path / "my.toml"
        path.write_text(text)
        return load(path)

    return write


def test_every_named_pair_has_both_sides(table: Catalogue) -> None:
    """Each named pair of the table names two targets that are in it, and says what it is about."""
    assert list(table.pairs) == [
        *("modern", "same", "aliased", "transition", "contrib"),
        *("theano", "cntk", "jax", "torch", "openvino", "mlx", "paddle", "upgrade"),
        *("cradle-theano", "cradle-cntk"),
        *("newest", "next"),
    ]
    for pair in table.pairs.values():
        assert {pair.reference, pair.candidate} <= table.targets.keys()
        assert pair.about.endswith(".")


def test_modern_is_keras_3_against_keras_2_on_one_tensorflow(table: Catalogue) -> None:
    """The default pair compares two code bases on the very same lock; only the variable tells them apart."""
    pair = table.pair(targets.DEFAULT_PAIR)
    reference, candidate = table.target(pair.reference), table.target(pair.candidate)
    assert reference.lock == candidate.lock
    assert reference.namespace == "keras"
    assert candidate.namespace == "tensorflow.keras"
    assert candidate.env["TF_USE_LEGACY_KERAS"] == "1"


def test_legacy_is_asked_for_wherever_tf_keras_would_be_keras_3(table: Catalogue) -> None:
    """From TensorFlow 2.16 on a `tf.keras` target sets TF_USE_LEGACY_KERAS, before that none does."""
    for target in table.targets.values():
        if target.namespace == "tensorflow.keras":
            late = target.order[:2] >= (2, 16)
            assert ("TF_USE_LEGACY_KERAS" in target.env) == late, target.id


def test_every_target_has_a_lock_of_complete_pins_for_each_of_its_pythons(table: Catalogue) -> None:
    """A lock is a file of exact pins, one a line, and each Python of a target has one."""
    for target in table.targets.values():
        assert target.python, target.id
        if target.is_open:
            assert not target.lock, target.id
            continue
        assert tuple(target.lock) == target.python, target.id
        for path in target.lock.values():
            lines = path.read_text().splitlines()
            assert lines, path
            assert all(PIN.fullmatch(line) for line in lines), path


def test_every_lock_and_prelude_is_used(table: Catalogue) -> None:
    """No lock or prelude lies about that no target names, but for what runs the programs of reports."""
    used = {path for target in table.targets.values() for path in target.lock.values()}
    assert set(targets.LOCKS.iterdir()) == used
    preludes = {target.prelude for target in table.targets.values() if target.prelude}
    assert set(targets.PRELUDES.glob("*.py")) == preludes | {SERVER}


def test_what_is_open_is_called_newest_or_nightly(table: Catalogue) -> None:
    """A target without pins says so by its name, and is the last point of its lineages."""
    found = [target for target in table.targets.values() if target.is_open]
    assert len(found) == 7
    for target in found:
        assert target.version in target.id
        assert target.version in ("newest", "nightly")
        for line in target.lineage:
            last = table.lineage(line)[-1]
            assert last.is_open, line


def test_a_lock_and_requirements_exclude_each_other(own: Callable[[str], Catalogue]) -> None:
    """What is to be installed is said once: pinned, or open."""
    with pytest.raises(
        WrongUse, match=r"Expected `lock` or `requirements` in target 'mine'.*Received: both\."
    ):
        own("[[target]]\nid = 'mine'\nbase = 'tf.keras-2.21'\nlock = 'x.txt'\nrequirements = ['keras']\n")


def test_an_open_target_can_have_a_pinned_base_and_the_other_way_round(
    own: Callable[[str], Catalogue], tmp_path: Path
) -> None:
    """Requirements take the place of the base's lock, and a lock that of its requirements."""
    (tmp_path / "x.txt").write_text("keras==3.0\n")
    table = own(
        "[[target]]\nid = 'open'\nbase = 'tf.keras-2.21'\nrequirements = ['keras']\n"
        "[[target]]\nid = 'shut'\nbase = 'keras-newest-jax'\nlock = 'x.txt'\n"
    )
    opened, shut = table.target("open"), table.target("shut")
    assert (opened.lock, opened.requirements, opened.environment) == ({}, ("keras",), "open")
    assert (shut.requirements, shut.overrides, shut.environment) == ((), (), "shut")
    assert set(shut.lock) == set(shut.python)
    assert opened.digest("3.13") != table.target("tf.keras-2.21").digest("3.13")


def test_alternatives_stand_for_pins_of_the_lock(table: Catalogue) -> None:
    """An alternative replaces a pin that the lock really has."""
    for target in table.targets.values():
        for path in target.lock.values():
            assert set(target.alternatives) <= set(path.read_text().split()), target.id


def test_graph_engine_is_tensorflow_1_and_every_keras_up_to_2_3_1(table: Catalogue) -> None:
    """keras 2.3.1 builds graphs even on TensorFlow 2, and no later one does."""
    for target in table.targets.values():
        if target.backend != "tensorflow":
            continue
        early = target.order < (2, 0) if "tf." in target.implementation else (2,) <= target.order <= (2, 3, 1)
        assert (target.engine == "graph") == early, target.id


@pytest.mark.parametrize("backend", ["jax", "torch", "numpy", "openvino", "mlx", "paddle"])
def test_no_float64_shadow_where_the_backend_computes_in_float32(table: Catalogue, backend: str) -> None:
    """Keras 3 demotes float64 on these backends, so none of their targets claims to compute in it."""
    ours = [target for target in table.targets.values() if target.backend == backend]
    assert ours
    assert {target.float64 for target in ours} == {"none"}


def test_a_lineage_runs_from_old_to_new(table: Catalogue) -> None:
    """A lineage lists its targets by version as numbers: 3.9 before 3.10."""
    ids = [target.id for target in table.lineage("keras on TF 2.21")]
    assert ids.index("keras-3.9.2-tensorflow-2.21") + 1 == ids.index("keras-3.10.0-tensorflow-2.21")
    assert ids[-1] == "keras-3.15.1-tensorflow"
    contrib = [target.implementation for target in table.lineage("tf.keras")]
    assert contrib[:3] == ["tf.contrib.keras"] * 3


def test_no_two_points_of_a_lineage_have_one_place(table: Catalogue) -> None:
    """Along a lineage each version stands once, or a divergence could not be dated."""
    for name in {line for target in table.targets.values() for line in target.lineage}:
        places = [target.order for target in table.lineage(name)]
        assert len(set(places)) == len(places), name


def test_unknown_pair_names_those_there_are() -> None:
    """A misspelt pair is answered with the rule, what was received, the likely one and the way out."""
    with pytest.raises(WrongUse, match=r"Expected `pair` to be one of the 17 there are\.") as caught:
        load().pair("mdoern")
    assert "Received: 'mdoern'. Did you mean modern? See `harness pairs`." in str(caught.value)


def test_unknown_target_names_the_likely_ones() -> None:
    """A misspelt target is answered with those that are spelt alike, not with all of them."""
    with pytest.raises(WrongUse, match=r"Did you mean keras-3\.15\.1-tensorflow or") as caught:
        load().target("keras-3.15-tensorflow")
    assert len(str(caught.value)) < 400


def test_a_target_known_to_fail_says_why() -> None:
    """A combination that was tried and cannot predict is refused with the error it gives."""
    with pytest.raises(WrongUse, match="no attribute '_TensorLike'"):
        load().target("keras-2.3.1-tensorflow-2.3")


def test_unknown_lineage_is_refused() -> None:
    """A lineage that is not there is answered with those that are."""
    with pytest.raises(WrongUse, match=r"Did you mean keras on TF 2\.21"):
        load().lineage("keras on TF 2.2")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, ("modern", "keras-3.15.1-tensorflow", "tf.keras-2.21")),
        ({"name": "jax"}, ("jax", "keras-3.15.1-tensorflow", "keras-3.15.1-jax")),
        (
            {"reference": "tf.keras-1.15", "candidate": "tf.keras-2.0"},
            ("tf.keras-1.15..tf.keras-2.0", "tf.keras-1.15", "tf.keras-2.0"),
        ),
        (
            {"name": "modern", "candidate": "tf_keras-2.21"},
            ("keras-3.15.1-tensorflow..tf_keras-2.21", "keras-3.15.1-tensorflow", "tf_keras-2.21"),
        ),
    ],
)
def test_pair_of_what_was_asked_for(table: Catalogue, asked: dict[str, str], answer: tuple[str, ...]) -> None:
    """A pair is had by name, by two ids, by a name with a side replaced, or is the default."""
    pair = table.pair_of(**({"name": None, "reference": None, "candidate": None} | asked))
    assert (pair.name, pair.reference, pair.candidate) == answer


@pytest.mark.parametrize("side", ["reference", "candidate"])
def test_one_side_alone_is_no_pair(table: Catalogue, side: str) -> None:
    """One id without the other and without a pair is wrong use, and says what lacks."""
    asked = {"name": None, "reference": None, "candidate": None, side: "tf.keras-1.15"}
    with pytest.raises(WrongUse, match=f"Received: only `--{side}` 'tf.keras-1.15'"):
        table.pair_of(**asked)


def test_pair_of_unknown_target_is_refused(table: Catalogue) -> None:
    """A side that does not exist is told before anything runs."""
    with pytest.raises(WrongUse, match="Received: 'keras-9'"):
        table.pair_of(name=None, reference="keras-9", candidate="tf.keras-2.21")


def test_a_pair_of_one_target_has_one_environment(table: Catalogue) -> None:
    """The control needs its target once."""
    assert table.pair("same").targets == ("keras-3.15.1-tensorflow",)


def test_select_by_pattern_keeps_the_order_of_the_table(table: Catalogue) -> None:
    """Targets are selected by shell patterns, each once, in the order of the table."""
    chosen = table.select(["tf.keras-1.1[0-2]", "tf.*keras-1.10", "tf.contrib*"])
    assert [target.id for target in chosen] == [
        *("tf.contrib.keras-1.1", "tf.contrib.keras-1.2", "tf.contrib.keras-1.3"),
        *("tf.keras-1.10", "tf.keras-1.11", "tf.keras-1.12"),
    ]


def test_select_refuses_a_pattern_without_match(table: Catalogue) -> None:
    """A pattern that matches nothing is wrong use, not an empty selection."""
    with pytest.raises(WrongUse, match=r"Received: 'keras-9\*'"):
        table.select(["keras-9*"])


def test_a_checkout_takes_the_rest_from_its_base(own, tmp_path: Path) -> None:
    """A target with a base differs in what it says itself, and uses the base's environment."""
    mine = own("""
        [[target]]
        id = "mine"
        base = "keras-3.15.1-tensorflow"
        version = "3.16.0.dev0"
        pythonpath = ["../keras", "/abs"]
        env = { EXTRA = "1" }
        [pair.mine]
        reference = "keras-3.15.1-tensorflow"
        candidate = "mine"
    """)
    base, target = mine.target("keras-3.15.1-tensorflow"), mine.target("mine")
    assert target.environment == base.id
    assert target.lock == base.lock
    assert target.env == {"KERAS_BACKEND": "tensorflow", "EXTRA": "1"}
    assert target.pythonpath == (tmp_path / "../keras", Path("/abs"))
    assert mine.pair("mine").candidate == "mine"
    assert "modern" in mine.pairs


def test_a_base_with_another_lock_has_its_own_environment(own, tmp_path: Path) -> None:
    """What is installed differs, so the environment cannot be the base's; the lock lies beside the file."""
    target = own("""
        [[target]]
        id = "newer"
        base = "keras-3.15.1-tensorflow"
        lock = "newer.txt"
    """).target("newer")
    assert target.environment == "newer"
    assert set(target.lock.values()) == {tmp_path / "newer.txt"}


def test_an_existing_interpreter_needs_no_lock(own) -> None:
    """A target with an interpreter needs neither a lock nor a list of Pythons."""
    target = own("""
        [[target]]
        id = "image"
        implementation = "keras"
        version = "3.15.1"
        backend = "jax"
        engine = "jax"
        namespace = "keras"
        float64 = "none"
        interpreter = "/opt/image/bin/python"
    """).target("image")
    assert target.interpreter == Path("/opt/image/bin/python")
    assert target.lock_for("3.11") is None


def test_the_examples_of_the_documentation_are_true(own) -> None:
    """Each table shown in docs/add-a-target.md can be given with `--targets` as it stands."""
    page = Path(__file__).parents[1] / "docs/add-a-target.md"
    examples = re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
    assert len(examples) == 2
    checkout, image = map(own, examples)
    assert checkout.pair("mine").candidate == "my-keras"
    assert checkout.target("my-keras").environment == "keras-3.15.1-tensorflow"
    assert image.target("the-cluster-image").interpreter == Path("/opt/image/bin/python")


def test_every_key_is_documented() -> None:
    """A key a target may have is a key docs/add-a-target.md explains."""
    page = (Path(__file__).parents[1] / "docs/add-a-target.md").read_text()
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", page, re.MULTILINE))))
    assert explained == {f.name for f in fields(Target)} - {"environment"} | {"base"}


ROW = """
[[target]]
id = "mine"
base = "tf.keras-2.21"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[target]]\nbase = 'tf.keras-2.21'", "Expected target '\\?' of .* to have `id`"),
        ("[[target]]\nid = 'x'", "to have `implementation`, `version`, `backend`"),
        (ROW.replace("2.21", "9"), "Received: 'tf.keras-9'"),
        (ROW + "pyhtonpath = ['.']", "Received: 'pyhtonpath'. Did you mean pythonpath"),
        (ROW + "engine = 'egaer'", "Expected `engine` of target 'mine' .* to be one of eager, graph"),
        (ROW + "float64 = 'yes'", "Expected `float64` of target 'mine' .* to be one of set_floatx"),
        (ROW + ROW, "Expected each target `id` once. Received: 'mine'"),
        ("[[target]]\nid = 'tf.keras-2.21'\nbase = 'tf.keras-2.21'", "Expected each target `id` once"),
        ("[target]\nid = 'x'", r"Expected \[\[target\]\] \(a list of tables\)"),
        (ROW + "python = '3.11'", "Expected `python` in target 'mine' .* to be a list. Received: '3.11'"),
        (ROW + "lock = ['a.txt']", "Expected `lock` in target 'mine' .* to be text or a table"),
        (ROW + "env = ['A=1']", "Expected `env` in target 'mine' .* to be a table"),
        (ROW + "python = ['3.9', '3.8']\nlock = { '3.9' = 'a.txt' }", "Expected `lock` of .* to have `3.8`"),
        ("pair = 3", "Expected `pair` in .* to be a table. Received: 3"),
        ("pair.x = 3", "Expected `x` in .* to be a table. Received: 3"),
        ("target = [3]", r"Expected \[\[target\]\] .* Received: \[3\]"),
        ("[[unavailable]]\nid = 'x'", "to have `reason`"),
        ("[pair.x]\nreference = 'tf.keras-2.21'", r"Expected \[pair.x\] .* to have `candidate`"),
        ("[pair.x]\nreference = 'tf.keras-2.21'\ncandidate = 'y'", "Received: 'y'"),
        ("[pairs.x]\n", "Received: 'pairs'. Did you mean pair"),
        ("[[unavailable]]\nid = 'x'\nwhy = 'y'", "Expected `key` in .*unavailable"),
        ("id = ", "to be TOML"),
    ],
)
def test_a_broken_rule_of_the_table_is_named(own, text: str, message: str) -> None:
    """A file that breaks a rule is refused with the place, the rule and what was received."""
    with pytest.raises(WrongUse, match=message):
        own(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """`--targets` with a file that is not there says which."""
    with pytest.raises(WrongUse, match=r"Expected `--targets` .* Received: '.*none\.toml'"):
        load(tmp_path / "none.toml")


def test_digest_changes_with_what_would_be_installed(tmp_path: Path) -> None:
    """The digest is of the pins, the Python, the links and the alternatives, and of nothing else."""
    lock = tmp_path / "lock.txt"
    lock.write_text("numpy==1.0\n")
    known = {
        "implementation": "keras",
        "version": "1",
        "backend": "b",
        "engine": "eager",
        "namespace": "keras",
    }
    first = Target("x", float64="none", lock={"3.11": lock, "3.12": lock}, **known)
    again = Target("y", float64="none", lock={"3.11": lock}, note="other words", **known)
    assert first.digest("3.11") == again.digest("3.11")
    seen = {first.digest("3.11"), first.digest("3.12")}
    seen.add(Target("x", float64="none", lock={"3.11": lock}, links={"a": "b"}, **known).digest("3.11"))
    seen.add(
        Target("x", float64="none", lock={"3.11": lock}, alternatives={"a": "b"}, **known).digest("3.11")
    )
    lock.write_text("numpy==1.1\n")
    seen.add(first.digest("3.11"))
    assert len(seen) == 5


def test_a_selection_of_ones_own_is_laid_over_the_tables(own, table: Catalogue) -> None:
    """`[matrix.NAME]` names targets by patterns; the table's own selections stay."""
    made = own('[matrix.mine]\ntargets = ["tf.keras-2.1[0-5]"]\n')
    assert made.selections["mine"] == ("tf.keras-2.1[0-5]",)
    assert made.selections["default"] == table.selections["default"]


def test_a_selection_takes_in_its_base(own, table: Catalogue) -> None:
    """One of the same table or of the one below; the night's is the default one and whatever is newest."""
    made = own('[matrix.mine]\nbase = "default"\ntargets = ["tf.keras-2.12"]\n')
    assert made.selections["mine"] == (*table.selections["default"], "tf.keras-2.12")
    night = {target.id for target in table.select(table.selections["nightly"])}
    assert night > {target.id for target in table.select(table.selections["default"])}
    assert {target.id for target in table.targets.values() if target.is_open} <= night


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[matrix.mine]\n", "targets"),
        ('[matrix.mine]\ntargets = "all"\n', "targets"),
        ('[matrix.mine]\ntargets = ["nothing-*"]\n', "nothing"),
        ("matrix = 1\n", "matrix"),
        ('[matrix.mine]\nbase = "yours"\ntargets = ["keras-*"]\n', "'yours'"),
    ],
    ids=["no targets", "no list", "matches nothing", "no table", "no base"],
)
def test_a_selection_that_is_none_is_told(own, text: str, said: str) -> None:
    """A selection without targets, or with a pattern that matches none, is wrong use."""
    with pytest.raises(WrongUse, match=said):
        own(text)
