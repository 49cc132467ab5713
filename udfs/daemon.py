"""The daemon that Spark forks its Python workers from, with the PII detector loaded once.

Set as `spark.python.daemon.module` (the package must be installed where executors run). Without
it each worker loads the models by itself: 2.4 s and some hundred megabytes a core.
"""

from __future__ import annotations

import contextlib
import gc
import sys

from pyspark.daemon import manager

from udfs.pii.detector import detector


def preload() -> None:
    """Load what workers share.

    Spark reads the daemon's port from standard output, so that nothing else may be printed there.
    A detector that cannot be loaded is the worker's error to report, not the daemon's.
    """
    with contextlib.suppress(Exception), contextlib.redirect_stdout(sys.stderr):
        detector()
    gc.freeze()  # shared pages stay shared: no collection touches what was loaded


if __name__ == "__main__":
    preload()
    manager()
