"""What every worker of episodes needs sooner or later, imported: for the fork server, whose workers have it at once.

Nothing here may start a thread or open a GL context, for neither outlives a fork. So what others have plugged in is
left to each worker.
"""

from __future__ import annotations

import scipy.fft
import scipy.spatial  # noqa: F401

import simgen.farm.work
import simgen.rendering.raster.engine  # noqa: F401
from simgen.core import vocabulary

for _kind in vocabulary.KINDS.values():
    _kind.import_own()
