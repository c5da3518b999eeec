"""Categories, hashes and vocabularies: the examples of the documentation, and numbers by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import categories, hashing, text


def run(oracle: Any, inputs: Any, *, call: Any = None, **parameters: Any) -> Any:
    """An oracle of a layer without weights."""
    return oracle(inputs, [], parameters, training=False, call=call or {})


def words(*rows: Any) -> Any:
    """An array of strings as targets are fed."""
    return np.array(rows, dtype=object)


LETTERS = words(["A"], ["B"], ["C"], ["D"], ["E"])


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, [1, 0, 1, 1, 2]), ({"salt": [133, 137]}, [1, 2, 1, 0, 2]), ({"salt": 133}, [0, 0, 2, 1, 0])],
)
def test_documented_hashes(parameters: Any, expected: list[int]) -> None:
    """The three examples of the page of Hashing."""
    assert run(hashing.hashing, LETTERS, num_bins=3, **parameters)[:, 0].tolist() == expected


def test_mask_value_takes_bin_zero() -> None:
    """The example with a mask; a single bin leaves none for the rest."""
    out = run(hashing.hashing, words(["A"], ["B"], [""], ["C"], ["D"]), num_bins=3, mask_value="")
    assert out[:, 0].tolist() == [1, 1, 0, 2, 2]
    with pytest.raises(NotCovered):
        run(hashing.hashing, LETTERS, num_bins=1, mask_value="")


def test_sip_hash_reference_vector() -> None:
    """The test vector of the SipHash paper, appendix A."""
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert hashing.sip_hash(bytes(range(15)), key) == 0xA129CA6149BE45E5


def test_farm_hash_has_three_lengths_and_a_limit() -> None:
    """Nothing, short, middle and long texts differ; beyond 16 bytes the oracle refuses."""
    hashes = {hashing.farm_hash(b"x" * n) for n in (0, 1, 3, 4, 7, 8, 16)}
    assert len(hashes) == 7
    assert hashing.farm_hash(b"") == 0x9AE16A3B2F90404F
    with pytest.raises(NotCovered):
        hashing.farm_hash(b"x" * 17)
    with pytest.raises(NotCovered):
        run(hashing.hashing, np.zeros((2, 2)), num_bins=3)


def test_documented_category_encodings() -> None:
    """The examples of the page of CategoryEncoding."""
    one_hot = run(categories.category_encoding, np.array([3, 2, 0, 1]), num_tokens=4, output_mode="one_hot")
    np.testing.assert_array_equal(one_hot, np.eye(4)[[3, 2, 0, 1]])
    pairs = np.array([[0, 1], [0, 0], [1, 2], [3, 1]])
    multi = run(categories.category_encoding, pairs, num_tokens=4)
    np.testing.assert_array_equal(multi, [[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0], [0, 1, 0, 1]])
    amounts = np.array([[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]])
    counted = run(
        categories.category_encoding,
        pairs,
        num_tokens=4,
        output_mode="count",
        call={"count_weights": amounts},
    )
    np.testing.assert_allclose(
        counted, [[0.1, 0.2, 0, 0], [0.2, 0, 0, 0], [0, 0.2, 0.3, 0], [0, 0.2, 0, 0.4]], rtol=1e-12
    )


def test_one_hot_encodes_on_an_axis_of_size_one() -> None:
    """A column is encoded in place; anything else gets an axis more."""
    np.testing.assert_array_equal(categories.encode(np.array([[1], [0]]), 2, "one_hot"), [[0, 1], [1, 0]])
    assert categories.encode(np.array([[1, 0]]), 2, "one_hot").shape == (1, 2, 2)


@pytest.mark.parametrize(
    ("inputs", "parameters"),
    [
        ([[4]], {"num_tokens": 4}),
        ([[-1]], {"num_tokens": 4}),
        ([[1]], {}),
        ([[1]], {"num_tokens": 4, "output_mode": "int"}),
        ([[1, 2]], {"num_tokens": 4, "output_mode": "one_hot"}),
        (1, {"num_tokens": 4}),
        ([[1]], {"num_tokens": 4, "output_mode": "unheard of"}),
        ({"$ragged": [[1]]}, {"num_tokens": 4}),
    ],
)
def test_encodings_that_are_not_described(inputs: Any, parameters: Any) -> None:
    """Values out of range, ranks above two, other modes, ragged inputs."""
    given = inputs if isinstance(inputs, dict) else np.array(inputs)
    with pytest.raises(NotCovered):
        run(categories.category_encoding, given, **parameters)


VOCABULARY = [12, 36, 1138, 42]
TWO_ROWS = np.array([[12, 1138, 42, 42], [42, 7, 36, 7]])


@pytest.mark.parametrize(
    ("inputs", "parameters", "expected"),
    [
        ([[12, 1138, 42], [42, 1000, 36]], {}, [[1, 3, 4], [4, 0, 2]]),
        ([[12, 1138, 42], [37, 1000, 36]], {"num_oov_indices": 2}, [[2, 4, 5], [1, 0, 3]]),
        (TWO_ROWS, {"output_mode": "multi_hot"}, [[0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]),
        (TWO_ROWS, {"output_mode": "count"}, [[0, 1, 0, 1, 2], [2, 0, 1, 0, 1]]),
        (
            TWO_ROWS,
            {"output_mode": "tf_idf", "idf_weights": [0.25, 0.75, 0.6, 0.4]},
            [[0, 0.25, 0, 0.6, 0.8], [1.0, 0, 0.75, 0, 0.4]],
        ),
        ([[1, 3, 4], [4, 0, 2]], {"invert": True}, [[12, 1138, 42], [42, -1, 36]]),
    ],
)
def test_documented_integer_lookups(inputs: Any, parameters: Any, expected: Any) -> None:
    """The examples of the page of IntegerLookup with a vocabulary."""
    out = run(text.integer_lookup, np.array(inputs), vocabulary=VOCABULARY, **parameters)
    np.testing.assert_allclose(out, expected, rtol=1e-12)


def test_weights_may_include_the_buckets() -> None:
    """The example whose vocabulary starts with the token for what is unknown."""
    out = run(
        text.integer_lookup,
        TWO_ROWS,
        vocabulary=[-1, *VOCABULARY],
        output_mode="tf_idf",
        idf_weights=[0.9, 0.25, 0.75, 0.6, 0.4],
    )
    np.testing.assert_allclose(out, [[0, 0.25, 0, 0.6, 0.8], [1.8, 0, 0.75, 0, 0.4]], rtol=1e-12)


def test_learnt_vocabularies_are_ordered_by_frequency_then_backwards() -> None:
    """The example of adapt; a limit counts the special tokens too."""
    data = np.array([[12, 1138, 42], [42, 1000, 36]])
    out = run(text.integer_lookup, data, call={"$adapt": data})
    np.testing.assert_array_equal(out, [[5, 2, 1], [1, 3, 4]])
    short = run(text.integer_lookup, data, call={"$adapt": data}, max_tokens=3)
    np.testing.assert_array_equal(short, [[0, 2, 1], [1, 0, 0]])


def test_the_mask_token_is_index_zero_or_dropped() -> None:
    """In mode "int" it is 0; in the others it appears nowhere."""
    data = words(["a", "", "z"])
    given: dict[str, Any] = {"vocabulary": ["a", "b"], "mask_token": ""}
    assert run(text.string_lookup, data, **given).tolist() == [[2, 0, 1]]
    assert run(text.string_lookup, data, output_mode="count", **given).tolist() == [[1, 1, 0]]


def test_strings_of_inverted_lookups() -> None:
    """Indices to words, with the words for mask and unknown in front; bytes are read as text."""
    back = run(text.string_lookup, np.array([[0, 1, 2, 9]]), vocabulary=["a"], mask_token="", invert=True)
    assert back.tolist() == [["", "[UNK]", "a", "[UNK]"]]
    assert run(text.string_lookup, words([b"a"]), vocabulary=["a"]).tolist() == [[1]]


def test_padding_to_max_tokens() -> None:
    """The feature axis has the size asked for."""
    out = run(
        text.integer_lookup,
        TWO_ROWS,
        vocabulary=VOCABULARY,
        output_mode="count",
        max_tokens=7,
        pad_to_max_tokens=True,
    )
    assert out.shape == (2, 7)


def vectorized(*texts: str, **parameters: Any) -> Any:
    """TextVectorization with the vocabulary of its page."""
    given = {"vocabulary": ["earth", "wind", "and", "fire"], **parameters}
    return run(text.text_vectorization, words(*texts), **given)


def test_documented_text_vectorization() -> None:
    """The example of adapt, four words a row."""
    out = run(
        text.text_vectorization,
        words(["foo qux bar"], ["qux baz"]),
        call={"$adapt": words("foo bar", "bar baz", "baz bada boom")},
        output_sequence_length=4,
        max_tokens=5000,
    )
    assert out.tolist() == [[4, 1, 3, 0], [1, 2, 0, 0]]


def test_text_is_lowered_stripped_split_and_padded() -> None:
    """Punctuation goes, case goes, unknown is 1, the short row ends in 0."""
    assert vectorized("Earth, WIND!", "the fire and").tolist() == [[2, 3, 0], [1, 5, 4]]
    assert vectorized("Earth wind", standardize="strip_punctuation").tolist() == [[1, 3]]
    assert vectorized("Earth, wind", standardize=None).tolist() == [[1, 3]]
    assert vectorized("earth wind", split=None).tolist() == [1]


def test_ngrams_follow_the_single_words() -> None:
    """Up to two: the words, then the pairs; a tuple names the lengths."""
    assert text._words("a b c", "whitespace", 2) == ["a", "b", "c", "a b", "b c"]
    assert text._words("a b c", "whitespace", (3,)) == ["a b c"]
    assert text._words("ab", "character", None) == ["a", "b"]


def test_counts_of_text_have_one_place_for_the_unknown() -> None:
    """Without the padding token the first place is the unknown's."""
    assert vectorized("earth earth foo", output_mode="count").tolist() == [[1, 2, 0, 0, 0]]
    weights = [1.0, 2.0, 3.0, 4.0]
    assert vectorized("earth foo", output_mode="tf_idf", idf_weights=weights).tolist() == [[2.5, 1, 0, 0, 0]]


def test_inverse_document_frequencies() -> None:
    """log(1 + documents / (1 + documents with the term))."""
    assert text.inverse_document_frequency([["a", "a"], ["b"]], ["a"]) == [pytest.approx(math.log(2))]


def test_ragged_rows_keep_their_length() -> None:
    """ragged=True: no padding, but still cut."""
    assert vectorized("earth wind and", "fire", ragged=True, output_sequence_length=2) == [[2, 3], [5]]


@pytest.mark.parametrize(
    ("oracle", "inputs", "parameters"),
    [
        (text.string_lookup, words(["z"]), {"vocabulary": ["a"], "num_oov_indices": 0}),
        (text.string_lookup, words(["z"]), {"vocabulary": ["a"], "salt": 3}),
        (text.string_lookup, words(["z"]), {}),
        (text.integer_lookup, np.array([[1]]), {"vocabulary": [1], "oov_method": "farmhash"}),
        (text.integer_lookup, {"$ragged": [[1]]}, {"vocabulary": [1]}),
        (text.integer_lookup, np.array([[1]]), {"vocabulary": [1], "output_mode": "tf_idf"}),
        (text.text_vectorization, words("a"), {}),
        (text.text_vectorization, words(["a", "b"]), {"vocabulary": ["a"]}),
        (text.text_vectorization, words("a"), {"vocabulary": ["a"], "standardize": "unheard of"}),
        (text.text_vectorization, words("a"), {"vocabulary": ["a"], "split": "unheard of"}),
        (text.text_vectorization, words("a"), {"vocabulary": ["a"], "split": None, "ngrams": 2}),
        (text.text_vectorization, words(""), {"vocabulary": ["a"], "output_mode": "count"}),
    ],
)
def test_what_is_not_described_is_not_covered(oracle: Any, inputs: Any, parameters: Any) -> None:
    """The oracle refuses rather than guesses."""
    with pytest.raises(NotCovered):
        run(oracle, inputs, **parameters)
