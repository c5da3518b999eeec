"""Records in, files out: the report of a run.

`files.write` takes a `records.RunRecord` and writes the pages, ``divergences.json``, ``junit.xml``,
``summary.md`` and the programs below ``repro/``.
"""
