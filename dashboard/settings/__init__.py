"""Every setting, from the environment. `docs/settings.md` describes each; a test compares the two.

Nothing here talks to anything: importing it needs no database, no broker and no cloud.
"""

from .address import *
from .environment import *
from .frame import *
from .logs import *
from .people import *
from .protection import *
from .rows import *
from .work import *
