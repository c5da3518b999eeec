"""A dual-implementation compatibility harness for the Keras API.

Keras is held to be a specification with several implementations. The harness holds the
specification as data, performs each case of it against every implementation inside that
implementation's own environment, and reports where two implementations part.
"""

__version__ = "0.1.0"
