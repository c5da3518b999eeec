"""Every case once per target, and what the store then says of the whole history.

A pair answers what differs; a matrix answers since when, where, and who stands alone. The stages, each from
records to records:

    targets → columns → observed → relations → classes → changes → the record of a matrix
    (`columns`) (`performing`) (`relating`) (`classes`) (`changes`) (`survey`)

Evidence that is lacking is asked for in `rounds`. Who observes is a `crew`: this process alone (`performing`,
with a `room` of environments), or shards anywhere (`harness.shards.columns`). `dating` asks the same store
since when two targets differ by one cause.
"""
