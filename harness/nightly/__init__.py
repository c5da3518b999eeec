"""The nightly run: shards brought together, each pair judged and gated, the matrix classified, all told."""
