"""NumPy float64 references: what the documentation says the result is."""
