"""User data: what cloud-init gets at an instance's first boot, looked at before it is sent.

    check.py     which of cloud-init's formats it is, and what is wrong with it
    reading.py   YAML into plain values, each with its line, within limits
    schema.py    the values against cloud-init's own schema, in words
    problems.py  a problem with its place

Nothing of it is ever run, rendered or fetched, and all work is bounded by the size of the text.
"""
