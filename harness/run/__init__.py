"""Performing cases on targets: the wire, the zygotes, batches and time limits."""
