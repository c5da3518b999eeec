"""What Keras promises, as data: one module per API family, its oracles beside it."""
