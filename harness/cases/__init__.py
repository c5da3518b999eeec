"""Case scripts: how a case of each family is performed on the namespace of an implementation.

A script is a function ``perform(case, context)``; see `harness.worker.zygote.Context` for what it is given.
It records steps and judges nothing. These files run inside targets, on Python 3.6 and later.
"""
