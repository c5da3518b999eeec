"""Two observations → differences, and the ladder that tells rounding from divergence.

Everything here is a pure function from records to records: nothing is read, written or remembered.
"""
