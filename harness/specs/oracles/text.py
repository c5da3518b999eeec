"""Lookup layers and TextVectorization.

https://keras.io/api/layers/preprocessing_layers/categorical/ and …/text/text_vectorization/.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.categories import dense, encode
from harness.specs.oracles.hashing import as_bytes, farm_hash

Floats = npt.NDArray[np.float64]


def _token(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _tokens(data: Any) -> list[Any]:
    return [_token(v) for v in np.asarray(data).reshape(-1).tolist()]


@dataclass(frozen=True)
class Table:
    """A vocabulary as documented: mask (mode "int" only), out-of-vocabulary buckets, terms."""

    terms: list[Any]
    mask: Any
    buckets: int
    mode: str

    @property
    def first(self) -> int:
        """The index of the first term."""
        return self.buckets + (1 if self.mask is not None and self.mode == "int" else 0)

    def index(self, token: Any, bucket: Callable[[Any, int], int]) -> int | None:
        """Where a token stands; None for a mask token that is dropped."""
        if self.mask is not None and token == self.mask:
            return 0 if self.mode == "int" else None
        if token in self.terms:
            return self.first + self.terms.index(token)
        if self.buckets == 0:
            raise NotCovered("A token outside of the vocabulary is an error without buckets.")
        return self.first - self.buckets + (bucket(token, self.buckets) if self.buckets > 1 else 0)


def learned(documents: Sequence[Sequence[Any]], limit: int | None) -> list[Any]:
    """The terms of data: by frequency, then by inverse sort order; no more than the limit."""
    counts = Counter(token for document in documents for token in document)
    ordered = sorted(counts, reverse=True)
    ordered.sort(key=lambda token: -counts[token])
    return ordered[:limit]


def _given_terms(vocabulary: Sequence[Any], mask: Any, oov: Any, buckets: int) -> list[Any]:
    """Terms without the special tokens that `get_vocabulary` puts in front."""
    terms = [_token(t) for t in vocabulary]
    special = ([] if mask is None else [mask]) + [oov] * buckets
    for leading in (special, [oov] * buckets):
        if leading and terms[: len(leading)] == leading:
            return terms[len(leading) :]
    return terms


def inverse_document_frequency(documents: Sequence[Sequence[Any]], terms: Sequence[Any]) -> list[float]:
    """log(1 + documents / (1 + documents with the term)), as the page has it."""
    return [
        float(np.log(1 + len(documents) / (1 + sum(term in set(d) for d in documents)))) for term in terms
    ]


def _weigh(counts: Floats, table: Table, idf: Sequence[float], special: int) -> Floats:
    """Counts times inverse document frequencies; the buckets get the mean where none is given."""
    weights = list(idf)
    if len(weights) == len(table.terms):
        weights = [float(np.mean(weights))] * table.buckets + weights
    elif len(weights) != special + len(table.terms):
        raise NotCovered("One weight per term of the vocabulary is described.")
    weighed: Floats = counts * np.pad(weights, (0, counts.shape[-1] - len(weights)))
    return weighed


def _encoded(tokens: Any, table: Table, parameters: Mapping[str, Any], rules: _Rules) -> Any:
    """An array of tokens in the output mode."""
    x = dense(tokens)
    places = [table.index(_token(t), rules.bucket) for t in x.reshape(-1).tolist()]
    indices = np.array([0 if p is None else p for p in places], dtype=np.int64).reshape(x.shape)
    dropped = np.array([p is None for p in places], dtype=bool).reshape(x.shape)
    depth = table.first + len(table.terms)
    if parameters.get("pad_to_max_tokens"):
        depth = parameters["max_tokens"]
    if table.mode == "tf_idf":
        counts = encode(indices, depth, "count", dropped=dropped)
        return _weigh(counts, table, rules.idf, table.buckets)
    return encode(indices, depth, table.mode, dropped=dropped)


@dataclass(frozen=True)
class _Rules:
    """How tokens outside of the vocabulary share buckets, and the idf weights."""

    bucket: Callable[[Any, int], int]
    idf: Sequence[float] = ()


def _hashed(token: Any, buckets: int) -> int:
    return farm_hash(as_bytes(token)) % buckets


def _modulo(token: Any, buckets: int) -> int:
    return int(token) % buckets


def _lookup(
    inputs: Any, parameters: Mapping[str, Any], call: Mapping[str, Any], *, oov: Any, rules: _Rules
) -> Any:
    mode, mask = parameters.get("output_mode", "int"), parameters.get("mask_token")
    buckets = parameters.get("num_oov_indices", 1)
    oov = parameters.get("oov_token", oov)
    idf = parameters.get("idf_weights") or ()
    if parameters.get("vocabulary") is not None:
        terms = _given_terms(parameters["vocabulary"], mask, oov, buckets)
    elif "$adapt" in call:
        data = np.asarray(call["$adapt"])
        documents = [_tokens(row) for row in data]
        special = buckets + (1 if mask is not None and mode == "int" else 0)
        limit = parameters.get("max_tokens")
        known = [[t for t in d if t != mask] for d in documents]
        terms = learned(known, None if limit is None else limit - special)
        idf = inverse_document_frequency(known, terms) if mode == "tf_idf" else idf
    else:
        raise NotCovered("Neither a vocabulary nor data to adapt to.")
    table = Table(terms, mask, buckets, mode)
    if parameters.get("invert"):
        return _inverted(inputs, table, oov)
    return _encoded(inputs, table, parameters, _Rules(rules.bucket, idf))


def _inverted(inputs: Any, table: Table, oov: Any) -> Any:
    """Terms for indices: index 0 is the mask where there is one, the buckets give `oov_token`."""
    x = dense(inputs)
    front = ([] if table.mask is None else [table.mask]) + [oov] * table.buckets
    words = [*front, *table.terms]
    found = [words[i] if 0 <= i < len(words) else oov for i in x.reshape(-1).tolist()]
    return np.array(found, dtype=object if isinstance(oov, str) else np.float64).reshape(x.shape)


def string_lookup(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """`StringLookup`: strings outside of the vocabulary share buckets by FarmHash64."""
    if parameters.get("salt") is not None:
        raise NotCovered("The salted hash of buckets is not described in detail.")
    return _lookup(inputs, parameters, call, oov="[UNK]", rules=_Rules(_hashed))


def integer_lookup(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """`IntegerLookup`: numbers outside of the vocabulary share buckets by their remainder."""
    if parameters.get("oov_method", "floormod") != "floormod":
        raise NotCovered("How numbers are hashed is not described in detail.")
    return _lookup(inputs, parameters, call, oov=-1, rules=_Rules(_modulo))


def _standardized(text: str, how: Any) -> str:
    """Lower case, and without the punctuation of ASCII, as asked for."""
    if how not in (None, "lower", "strip_punctuation", "lower_and_strip_punctuation"):
        raise NotCovered(f"No standardization {how!r}.")
    if how in ("lower", "lower_and_strip_punctuation"):
        text = text.lower()
    if how in ("strip_punctuation", "lower_and_strip_punctuation"):
        text = text.translate(str.maketrans("", "", string.punctuation))
    return text


def _words(text: str, split: Any, ngrams: Any) -> list[str]:
    """Tokens, then their n-grams joined by blanks: all of one length after those of the one before."""
    if split not in (None, "whitespace", "character"):
        raise NotCovered(f"No split {split!r}.")
    words = [text] if split is None else text.split() if split == "whitespace" else list(text)
    if ngrams is None:
        return words
    lengths = range(1, ngrams + 1) if isinstance(ngrams, int) else ngrams
    return [" ".join(words[i : i + n]) for n in lengths for i in range(len(words) - n + 1)]


def text_vectorization(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Standardize, split, n-grams, look up; in mode "int" 0 pads and 1 is out of the vocabulary."""

    def analysed(data: Any) -> list[list[str]]:
        how = parameters.get("standardize", "lower_and_strip_punctuation")
        split, ngrams = parameters.get("split", "whitespace"), parameters.get("ngrams")
        return [_words(_standardized(t, how), split, ngrams) for t in _tokens(data)]

    mode, limit = parameters.get("output_mode", "int"), parameters.get("max_tokens")
    idf = parameters.get("idf_weights") or ()
    if np.asarray(inputs).ndim not in (1, 2) or np.asarray(inputs).reshape(-1).size != len(inputs):
        raise NotCovered("One text per sample is described.")
    if parameters.get("vocabulary") is not None:
        terms = _given_terms(parameters["vocabulary"], "", "[UNK]", 1)
    elif "$adapt" in call:
        documents = analysed(call["$adapt"])
        terms = learned(documents, None if limit is None else limit - (2 if mode == "int" else 1))
        idf = inverse_document_frequency(documents, terms) if mode == "tf_idf" else idf
    else:
        raise NotCovered("Neither a vocabulary nor data to adapt to.")
    table = Table(terms, "" if mode == "int" else None, 1, mode)
    if parameters.get("split", "whitespace") is None:
        return _unsplit(inputs, table, parameters, analysed)
    rows = analysed(inputs)
    if mode == "int":
        return _padded([[table.index(t, _hashed) or 0 for t in row] for row in rows], parameters)
    depth = table.first + len(terms)
    if not rows:
        return np.zeros((0, depth))
    return np.concatenate([_row(row, table, parameters, idf) for row in rows])


def _unsplit(inputs: Any, table: Table, parameters: Mapping[str, Any], analysed: Any) -> Any:
    """Without splitting every text is one token and the shape stays."""
    if table.mode != "int" or any(parameters.get(k) for k in ("ngrams", "output_sequence_length", "ragged")):
        raise NotCovered("Without splitting only plain indices are described.")
    x = np.asarray(inputs)
    indices = [table.index(row[0], _hashed) or 0 for row in analysed(inputs)]
    return np.array(indices, dtype=np.float64).reshape(x.shape)


def _row(row: list[str], table: Table, parameters: Mapping[str, Any], idf: Sequence[float]) -> Floats:
    if not row:
        raise NotCovered("What a text without a word gives is not described.")
    out: Floats = _encoded(np.array([row], dtype=object), table, parameters, _Rules(_hashed, idf))
    return out


def _padded(rows: list[list[int]], parameters: Mapping[str, Any]) -> Any:
    """Rows of indices cut or filled with 0 to one length; ragged ones stay as long as they are."""
    length = parameters.get("output_sequence_length")
    if parameters.get("ragged"):
        return [row[:length] for row in rows]
    length = max((len(r) for r in rows), default=0) if length is None else length
    return np.array([(r + [0] * length)[:length] for r in rows], dtype=np.float64).reshape(len(rows), length)
