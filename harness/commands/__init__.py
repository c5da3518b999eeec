"""The commands of the harness, one module per word or family of words; `harness.cli` lists them."""
