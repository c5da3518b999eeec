"""The worker: what runs inside a target's own environment (Python 3.6 to 3.13, numpy only).

It is started by path, ``python harness/worker/main.py SETTINGS``, and never imported by the rest of
the harness. SETTINGS is one JSON object: ``target`` (id), ``namespace`` (dotted import path of the
implementation), ``engine`` (a module of `engines/`), ``backend``, ``prelude`` (path of a script
to run before anything else, or null), ``reply_fd`` (the descriptor to answer on), ``memory`` (bytes a case
may allocate on top of what importing cost), ``cases`` (folder of the case scripts), ``extra`` (paths
of a user's own case scripts), ``fork`` (false: no forking, every batch runs in this very process).

Protocol
    Both directions carry *frames*: ``b"KCH1"``, three little-endian numbers (header length u32,
    body length u64, CRC-32 of header and body u32), the header (JSON, UTF-8), the body (bytes).

    To the worker, on standard input:
        {"do": "batch", "batch": N, "cases": [case, …]}    perform these, in this order, in one child
        {"do": "end"}                                      leave; so does end of file

    From the worker, on ``reply_fd``:
        {"say": "hello", …}                       once the implementation is imported; see `zygote.introduce`
        {"say": "failed", "what", "traceback"}    it could not be imported; the worker then leaves
        {"say": "started", "batch": N, "pid": P}  a child exists
        {"say": "begin", "case": HASH}            before each case
        {"say": "observed", "case": HASH, "outcome", "stopped", "evidence", "traces", "seconds", "inside"}
                                                  body: the steps, see below
        {"say": "ended", "batch": N, "status": S, "peak_mb": M}  the child is gone; S as of os.waitpid

    The body of an observation is the JSON of its steps, a zero byte, and the bytes of its arrays; an
    array stands in the JSON as ``{"$array": [dtype, shape, offset]}``. Everything that is compared
    is in the body and nothing else is, so that equal bodies are equal observations.

The worker reports, it never judges. Standard output and error of the process belong to the
implementation; the coordinator drains them and keeps their last lines as evidence.
"""
