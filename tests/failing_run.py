"""`jobs/pipeline.py` as a process in which one stage fails: STAGE VALUE, then its own arguments."""

from __future__ import annotations

import sys

import jobs.pipeline
from jobs.runtime.command import start
from tests.faults import fault

if __name__ == "__main__":
    stage, value = sys.argv[1:3]
    del sys.argv[1:3]
    with fault(stage, value):
        start(jobs.pipeline.main)
