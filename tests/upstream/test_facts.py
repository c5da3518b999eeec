"""Facts as a file."""

from harness.upstream.facts import Fact, Source, distinct, read, write

SOURCE = Source("keras-team/keras", "0" * 40, "3.0.0", "Apache-2.0")


def fact(file, value=1, **more):
    """A fact of that file."""
    return Fact("layers.Dense", "parameter", "units", value, "keras-team/keras", file, **more)


def test_what_two_tests_pass_is_one_fact_of_the_first_file():
    """Whatever the order they were read in."""
    assert distinct([fact("b.py"), fact("a.py"), fact("c.py", 2)]) == [fact("a.py"), fact("c.py", 2)]


def test_facts_are_read_as_they_were_written(tmp_path):
    """Sources first; the mark of a default is kept."""
    path = tmp_path / "facts.jsonl"
    write(path, [SOURCE], [fact("a.py", is_default=True), fact("b.py", 2)])
    assert read(path) == ([SOURCE], [fact("a.py", is_default=True), fact("b.py", 2)])
