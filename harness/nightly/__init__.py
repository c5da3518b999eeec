"""The nightly run: shards performed and brought together, each pair judged and gated, what is new told."""
