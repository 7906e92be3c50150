"""`manage.py doctor`: what is wrong with this installation, and which command mends it.

findings.py   one line
ground.py     what can be looked at without Django: Python, packages, disk, KVM
running.py    what needs Django: settings, database, migrations, clock, broker, worker, clouds
examine.py    all of them in order; what is broken must never stop the rest
"""
