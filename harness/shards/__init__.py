"""A run in parts: shards that are planned, performed anywhere, and brought together by union.

A shard is some targets × a slice of the planned cases. What it observes depends on nothing but that, so the
union of the stores of all shards is the store of the run in one piece, observation by observation. What a
pair lacks of evidence a shard asks for itself; what the `columns` of a matrix lack is a second set of shards
(`evidence`).
"""
