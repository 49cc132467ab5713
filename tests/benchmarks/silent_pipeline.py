"""`jobs/pipeline.py` without its lineage: no listener, no event of our own, nothing loaded.

What a plan proves of personal data is still asked: that is a gate and no lineage.
"""

from __future__ import annotations

import jobs.pipeline
from jobs.runtime.command import start
from jobs.runtime.lineage.capture import Capture

if __name__ == "__main__":
    for name in ("begun", "ended", "received", "written", "load", "deliver", "finish"):
        setattr(Capture, name, lambda *_, **__: None)
    Capture.spark_settings = lambda _: {}  # type: ignore[method-assign]
    start(jobs.pipeline.main)
