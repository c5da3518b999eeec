"""The cross-load matrix: files written by one target, read by another, cell by cell."""
