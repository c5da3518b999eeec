"""Small stand-ins for a Keras, each with one known behaviour, chosen by the variable FAKE_KERAS."""
