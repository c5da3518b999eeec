"""Which pages a report has."""

from __future__ import annotations

from harness.classify.divergences import extent
from harness.model import Kind, Severity
from harness.report.layout import lay_out, paged

from .records_of_a_run import Difference, Size, case, divergence, run_record


def _sized(subject: str, number: int, tolerance: float) -> object:
    size = Size(1, 1, 1, 1, 1, tolerance)
    return divergence(
        case(subject, number), "f", Severity.NUMBERS, Difference("forward", Kind.VALUE, "", 1, 2, size=size)
    )


def test_the_example_and_further_subjects_get_pages() -> None:
    """Of a cause its worst case, then one per further subject, then the next have a page."""
    many = [
        _sized("A", 0, 0.1),
        _sized("A", 1, 0.1),
        _sized("A", 2, 0.9),
        _sized("B", 3, 0.2),
        _sized("A", 4, 0.1),
    ]
    assert paged(many, 3) == [many[2], many[3], many[0]]
    assert paged(many, 4) == [many[2], many[3], many[0], many[1]]
    assert paged(many, 1) == [many[2]]
    assert paged([], 3) == []


def test_nan_is_the_worst() -> None:
    """A divergence whose size is not a number counts as the farthest apart."""
    assert extent(_sized("A", 0, float("nan"))) == float("inf")


def test_files_are_unique() -> None:
    """No two pages share a file, whatever the subjects, causes and divergences are called."""
    layout = lay_out(run_record())
    files = [*layout.causes.values(), *layout.subjects.values(), *layout.divergences.values()]
    assert len(files) == len(set(files))
    assert len({file.lower() for file in files}) == len(files)


def test_every_divergence_is_reached() -> None:
    """A divergence without a page of its own has its cause's."""
    run = run_record()
    layout = lay_out(run, per_cause=2)
    assert all(d.id in layout.cause_of for d in run.divergences())
    assert len(layout.divergences) < layout.total
