"""What identifies a target, and how a case is performed: the key of every observation."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness import environments
from harness.run import launch as launching
from harness.run.launch import Launch, directly_imported, imported, installed, script_digest

Change = Callable[[Path], object]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An environment with a Keras of one file."""
    site = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    (site / "keras" / "layers").mkdir(parents=True)
    (site / "keras" / "layers" / "dense.py").write_text("units = 3\n")
    (site / "keras-3.15.1.dist-info").mkdir()
    (site / "other_thing-1.0.dist-info").mkdir()
    (tmp_path / "env" / "bin").mkdir()
    (tmp_path / "env" / "bin" / "python").touch()
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "mine.py").touch()
    (tmp_path / "prelude.py").write_text("pass\n")
    return site


def fingerprint(site: Path, **more: object) -> str:
    """The fingerprint of the environment as it is now."""
    launching._fingerprint.cache_clear()
    root = site.parents[3]
    settings: dict[str, object] = {
        "target": "t",
        "interpreter": root / "env" / "bin" / "python",
        "namespace": "keras",
        "engine": "eager",
        "backend": "tensorflow",
        "pythonpath": (root / "checkout",),
        "prelude": root / "prelude.py",
    }
    return Launch(**(settings | more)).fingerprint  # type: ignore[arg-type]


def source(site: Path) -> Path:
    """The file of the Keras."""
    return site / "keras" / "layers" / "dense.py"


@pytest.mark.parametrize(
    "change",
    [
        lambda site: source(site).write_text("units = 4\n"),
        lambda site: (site / "keras" / "new.py").touch(),
        lambda site: source(site).rename(site / "keras" / "dense.py"),
        lambda site: (site / "keras-3.15.1.dist-info").rename(site / "keras-3.15.2.dist-info"),
        lambda site: (site / "numpy-2.0.dist-info").mkdir(),
        lambda site: (site.parents[3] / "checkout" / "mine.py").write_text("x = 1\n"),
        lambda site: (site.parents[3] / "prelude.py").write_text("x = 1\n"),
    ],
    ids=["edited", "added", "moved", "upgraded", "installed", "checkout", "prelude"],
)
def test_what_is_observed_changes_the_fingerprint(site: Path, change: Change) -> None:
    """Another source file, package or prelude is another target."""
    before = fingerprint(site)
    change(site)
    assert fingerprint(site) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda site: os.utime(source(site), (1, 1)),
        lambda site: (site / "keras" / "layers" / "dense.pyc").write_bytes(b"x"),
        lambda site: (site / "pip-24.0.dist-info").mkdir(),
        lambda site: (site / "notes.txt").touch(),
    ],
    ids=["touched", "compiled", "installer", "unrelated"],
)
def test_what_is_not_observed_does_not(site: Path, change: Change) -> None:
    """A time of change, bytecode, or the tool that installed it says nothing of a target."""
    before = fingerprint(site)
    change(site)
    assert fingerprint(site) == before


@pytest.mark.parametrize(
    "more", [{"environment": {"A": "1"}}, {"memory": 1}, {"target": "u"}, {"namespace": "tf_keras"}], ids=str
)
def test_settings_change_the_fingerprint(site: Path, more: dict[str, object]) -> None:
    """What a worker is told is part of what is observed."""
    assert fingerprint(site, **more) != fingerprint(site)


def test_distributions_are_named_alike_however_they_were_installed(tmp_path: Path) -> None:
    """Wheels and old installs are listed by one spelling."""
    (tmp_path / "Keras_Preprocessing-1.1.2.dist-info").mkdir()
    (tmp_path / "h5py-2.10.0-py3.6.egg-info").mkdir()
    (tmp_path / "uv-1.0.dist-info").mkdir()
    assert installed(tmp_path) == ["h5py-2.10.0", "keras-preprocessing-1.1.2"]


def test_only_named_variables_reach_a_target(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does not inherit the user's environment, and the target's own settings win."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("LANG", "C.UTF-8")
    launch = Launch(
        "t", Path("python"), "keras", "eager", "tensorflow", {"OMP_NUM_THREADS": "2"}, (Path("a"), Path("b"))
    )
    variables = launch.variables()
    assert "KERAS_BACKEND" not in variables
    assert variables["LANG"] == "C.UTF-8"
    assert variables["OMP_NUM_THREADS"] == "2"
    assert variables["PYTHONHASHSEED"] == "0"
    assert variables["PYTHONPATH"] == os.pathsep.join(("a", "b"))


def test_jax_keeps_what_it_compiled_in_an_environment_of_ours_alone(site: Path) -> None:
    """Below it, by the processor's instructions; what is kept is no part of what identifies a target."""
    prefix = site.parents[2]
    launch = Launch("t", prefix / "bin" / "python", "keras", "jax", "jax")
    before = fingerprint(site, engine="jax")
    assert "JAX_COMPILATION_CACHE_DIR" not in launch.variables()
    (prefix / environments.MARK).touch()
    kept = Path(launch.variables()["JAX_COMPILATION_CACHE_DIR"])
    assert kept.relative_to(prefix).parts == ("compiled", launching.instructions())
    assert "JAX_COMPILATION_CACHE_DIR" not in replace(launch, engine="torch").variables()
    kept.mkdir(parents=True)
    assert fingerprint(site, engine="jax") == before


def test_a_script_is_what_it_imports_too(tmp_path: Path) -> None:
    """A case is performed anew when a file its script imports changes, directly or not."""
    cases = launching.CASES
    assert cases / "optimizer_steps.py" in imported(cases / "optimizer.py")
    assert launching.SCENARIO in imported(cases / "scenarios_models.py")
    assert any(path.suffix == ".json" for path in imported(cases / "scenarios_serialization.py"))
    assert imported(cases / "no_such_script.py") == []
    own = tmp_path / "own.py"
    own.write_text(
        "from harness_cases.scenario import about\nfrom harness_cases import configured\nimport os\n"
    )
    assert set(directly_imported(own)) == {launching.SCENARIO, cases / "configured.py"}


def test_a_users_file_is_part_of_its_own_cases_alone(tmp_path: Path) -> None:
    """Editing a file of scenarios performs its cases again, and no others."""
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("x = 1\n")
    two.write_text("x = 1\n")
    extra = (one, two)
    assert script_digest("layer", extra) == script_digest("layer")
    before = {name: script_digest(name, extra) for name in ("one:f", "two:f")}
    one.write_text("x = 2\n")
    script_digest.cache_clear()
    assert script_digest("one:f", extra) != before["one:f"]
    assert script_digest("two:f", extra) == before["two:f"]
