"""The acceptance list that an operator runs on a real cloud of any kind: `manage.py cloud check NAME`.

    results.py   one step: what came of it, how long it took, the cloud's ids of its calls
    reading.py   calls that change nothing, in a tenant's place where the cloud has places
    entering.py  with --launch: a place for a tenant, made, entered and deleted again; in it a person's key
    trial.py     with --launch: the smallest instance, from its launch to the last trace of it
    around.py    what is put around that: tags, a security group, a floating IP
    choosing.py  what it is launched from, and into
    left.py      what was made and is not removed yet, so that it can be named
    report.py    all of it as a text that may be shown to anybody

All goes through the interface of drivers: what a cloud does not declare is `not possible`, and no failure.
"""
