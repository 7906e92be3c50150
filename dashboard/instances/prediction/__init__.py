"""What a launch would do, before it is asked for: quota, clouds, hosts, time. From our rows only, no cloud is called.

    wanted = Wanted(tenant=..., cloud=..., image=..., flavor=..., count=3)
    problems(wanted)      what makes it impossible; the form and the action refuse for it
    predict(wanted)       all that the page shows

Quota is decided only by `reserve`, and a host only by its cloud: what is said of them here was true when it was read.
"""

from .predict import Prediction, predict
from .wanted import Problem, Wanted, problems

__all__ = ["Prediction", "Problem", "Wanted", "predict", "problems"]
