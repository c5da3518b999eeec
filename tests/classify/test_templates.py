"""What stays of texts and changes when everything particular is taken out."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.classify import templates
from harness.model import ABSENT


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dense", "dense"),
        ("Conv2D", "conv2d"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("LSTM", "lstm"),
        ("GRUCell", "gru_cell"),
        ("MaxPooling1D", "max_pooling1d"),
    ],
)
def test_class_names_become_instance_names_as_keras_makes_them(name, expected):
    """CamelCase to snake_case, digits kept with their word."""
    assert templates.snake(name) == expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Bad shape (None, 3) for layer 'a'", "Bad shape (2, 3, 4) for layer 'other'"),
        ("at 0x7f3a21 of 12", "at 0x1234ff of 7"),
        ("got <class 'int'> here", "got <class 'a.b.Str'> here"),
        ("got <Foo object at 0x12> here", "got <function f at 0x99> here"),
        (
            "Exception encountered when calling LSTM.call().",
            "Exception encountered when calling Cell.call().",
        ),
        ("`units` must be positive. Received: units=0", "`units` must be positive. Received: 'x'"),
        ("in a KerasTensor thing", "in a SymbolicTensor thing"),
        ("\x1b[1mbold\x1b[0m words", "bold  words\n"),
        ("slice {{node a/b}} of it", "slice {{node c:0}} of it"),
        ("bad. Arguments received by X.call(): a=1", "bad. Arguments received by Y.call(): b"),
        ("passed {'w': array([1, 2])}", "passed {'w': array([[3]])}"),
        ("Dense got 3 in dense_1", "Dense got 4.5e-3 in dense_22"),
    ],
)
def test_particulars_do_not_make_another_message(one, two):
    """Shapes, numbers, quotations, addresses, classes and what was received are placeholders."""
    assert templates.message(one, "layers.Dense") == templates.message(two, "layers.Dense")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("must be positive", "must be an integer"),
        ("Received an invalid value for x", "Received no value for x"),
        ("('Keyword argument not understood:', 'a')", "('Some other complaint altogether:', 'a')"),
        ("It isn't a matter of one's choice", "It isn't a matter of one's taste"),
    ],
)
def test_another_sentence_is_another_message(one, two):
    """The words themselves stay."""
    assert templates.message(one, "layers.Dense") != templates.message(two, "layers.Dense")


def test_subjects_are_taken_out_of_messages():
    """The same complaint of two layers is one message."""
    texts = [
        f"Unrecognized arguments passed to {n}: {{'x': 1}} by {templates.snake(n)}_3"
        for n in ("Dense", "GRU")
    ]
    one, two = (templates.message(t, f"layers.{n}") for t, n in zip(texts, ("Dense", "GRU"), strict=True))
    assert one == two
    assert "{Subject}" in one


def test_frames_of_code_that_was_rewritten_are_no_part_of_a_message():
    """AutoGraph shows the frames and their source lines before it says what is wrong."""
    frame = '    File "{0}.py", line {1}, in step  *\n        return {0}(self, iterator)\n'
    said = "in user code:\n\n{}\n    ValueError: No gradients for any variable.\n"
    one = templates.message(said.format("".join(frame.format("ours", n) for n in range(9))), "a.B")
    two = templates.message(said.format(frame.format("theirs", 7)), "a.B")
    assert one == two == "in user code: {class}: No gradients for any variable."


TIMES = ("Thu Nov 26 04:05:22 2026", "Mon Dec  7 23:59:01 2026")


def test_the_time_of_day_is_no_part_of_a_message():
    """HDF5 says when a file could not be read."""
    said = "Unable to open file (file read failed: time = {} , errno = 21)"
    one, two = (templates.message(said.format(t), "a.B") for t in TIMES)
    assert one == two
    assert "errno" in one


def test_frames_in_which_a_node_was_made_are_no_part_of_a_message():
    """What TensorFlow says of a node it cannot run is told by its last line, not by who called whom."""
    frame = '  File "{0}/main.py", line {1}, in call\n\n'
    said = "Graph execution error:\n\nDetected at node f/Gather defined at (most recent call last):\n{}{}"
    ours = "".join(frame.format("worker", n) for n in range(80))
    one = templates.message(said.format(ours, "index 7 is not in [0, 3)\n\t [[{{node f/Gather}}]]"), "a.B")
    two = templates.message(said.format(frame.format("tensorflow", 5), "index 9 is not in [0, 3)"), "a.B")
    assert one.removesuffix(" [[{node}]]") == two
    assert "index # is not in" in one
    assert "main.py" not in one
    cut = said.format(frame.format("worker", 1), '  File "worker/ma')
    assert "worker" not in templates.message(cut, "a.B")


def test_the_names_of_the_cases_parameters_stay():
    """An unexpected argument `alpha` is another cause than an unexpected `units`."""
    text = "got an unexpected keyword argument 'alpha'"
    assert "'alpha'" in templates.message(text, "layers.ReLU", ["alpha"])
    assert "alpha" not in templates.message(text, "layers.ReLU")


@given(st.text(), st.text(max_size=20))
def test_a_message_template_is_short_whatever_the_message(text, subject):
    """No text from outside makes it long or makes it fail."""
    assert len(templates.message(text, subject)) <= templates.LONGEST


@pytest.mark.parametrize("unit", ["'", " 'a", "(1", "1", "(1,", "<", "Aa", "A", "0x1"])
def test_a_huge_message_takes_no_time(unit):
    """A message of a megabyte, however contrived, is cut before it is read."""
    start = time.perf_counter()
    assert len(templates.message("(" + unit * 10**6 + "x", "layers.Dense")) <= templates.LONGEST
    assert len(templates.change(unit * 10**6, "x" + unit * 10**6, "layers.Dense")) < 400
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("reference", "candidate", "expected"),
    [
        (0.001, 1e-07, "0.001 → 1e-07"),
        (True, None, "True → None"),
        ("float32", {"module": "keras", "class_name": "DTypePolicy"}, "str → dict{class_name,module}"),
        (ABSENT, [1], "absent → list"),
        (5, ABSENT, "int → absent"),
        ({"$tuple": [1]}, [1], "tuple → list"),
        ("silu", "swish", "silu → swish"),
        ("sigmoid", "hard_sigmoid", "sigmoid → hard_sigmoid"),
        ("dense_1", "dense", "{subject}_# → {subject}"),
        ("float32", None, "'float32' → None"),
        ("2", 2, "'2' → 2"),
        (0.01, 0.009999999776482582, "a number → the same number in float32"),
        ("Dense", "dense", "{Subject} → {subject}"),
    ],
)
def test_a_change_is_what_turns_one_value_into_the_other(reference, candidate, expected):
    """Scalars keep their values, texts what differs, everything else its make."""
    assert templates.change(reference, candidate, "layers.Dense") == expected


def test_the_same_renaming_of_two_weights_is_one_change():
    """``dense_1/kernel → kernel`` and ``dense_1/bias → bias`` have one root."""
    changes = {templates.change(f"dense_1/{w}:0", w, "layers.Dense", names=True) for w in ("kernel", "bias")}
    assert changes == {"{subject}_#/…:# → …"}
    assert templates.change("depthwise_kernel", "kernel", "layers.X", names=True) == "depthwise_… → …"
    assert templates.change("silu", "swish", "layers.X", names=True) == "silu → swish"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("dtype", "config.dtype"),
        ("weights[12].name", "config.weights[*].name"),
        ("kernel_initializer.module", "config.*.module"),
        ("layer.config.bias_initializer.module", "config.*.module"),
        ("config.dtype", "config.dtype"),
        ("config.kernel_initializer.module", "config.*.module"),
        ("cell.config.recurrent_activation", "config.*.config.recurrent_activation"),
        ("module", "config.module"),
        ("", "config"),
    ],
)
def test_places_inside_serialised_objects_are_generalised(path, expected):
    """What differs in how objects are serialised differs wherever one stands."""
    assert templates.place("config", path) == expected


def test_a_big_dict_is_only_a_dict():
    """Keys are listed where they are few."""
    assert templates.sketch({str(i): i for i in range(20)}) == "dict"


def test_a_crash_is_told_by_its_last_line():
    """The evidence's last line says how it ended."""
    assert (
        templates.told({"status": "crashed", "evidence": "noise\nSIGSEGV"}, "layers.X") == "crashed SIGSEGV"
    )
    assert templates.told(ABSENT, "layers.X") == "nothing"
