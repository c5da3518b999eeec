"""Faults planted in a copy of a real Keras, and whether the gate finds each of them."""
