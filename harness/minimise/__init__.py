"""From a cause to what can be acted on: the smallest case, its trigger, what explains it, an executed
program.

Nothing here starts a target by itself but `executing`, which runs finished programs: cases are asked for
through `asking.Ask`, which the pipeline provides, so all of the search can be tested with fakes.
"""
