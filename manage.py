#!/usr/bin/env python3
"""Skydeck's only command. Start here:

    python3 manage.py up        set up whatever is missing, then run Skydeck
    python3 manage.py test      run every test
    python3 manage.py doctor    say what is wrong, and which command mends it

It needs nothing but Python to begin with: what else is needed goes into .venv, from
hashed locks. SKYDECK_NO_BOOTSTRAP=1 leaves that to you.
"""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - said here, since older Pythons read this file too
        sys.exit(f"Skydeck needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    if sys.argv[1:2] == ["doctor"]:  # has to work where nothing else does
        from dashboard.setup.doctor import examine

        sys.exit(examine.main(sys.argv))
    if not os.environ.get("SKYDECK_NO_BOOTSTRAP"):
        from dashboard.setup import environment

        environment.enter(sys.argv)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
