"""What every worker of episodes needs sooner or later, ready: for the fork server, whose workers have it at once.

Nothing here may start a thread or open a GL context, for neither outlives a fork. So what others have plugged in is
left to each worker.
"""

from __future__ import annotations

import gc

import scipy.spatial  # noqa: F401

import simgen.farm.work
import simgen.rendering.raster.engine  # noqa: F401
from simgen.core import vocabulary
from simgen.core.errors import Place
from simgen.dataset.platform import platform_facts
from simgen.language import expressions

for _kind in vocabulary.KINDS.values():
    _kind.import_own()
platform_facts()  # with the digest of the sources as they are now that they are imported
expressions.parse("0", Place("", 1, 1))  # makes the parser
gc.freeze()  # workers need not look for cycles here, and so share its memory
