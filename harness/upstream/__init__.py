"""What upstream's own tests pass to Keras, read as facts and held against our domains.

`exports` reads a checkout's public names and signatures, `reading` the calls its tests make (nothing of a
checkout is imported or run), `facts` keeps them as a file, `kinds` says when two values are of one kind, and
`comparing` which facts lie inside the domains of the specs. `listed` names those that stay outside, and why.
"""
