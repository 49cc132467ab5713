"""The pipeline, and at its end all that Spark's UI and its REST API show of the settings and plans."""

from __future__ import annotations

import os
import sys
import urllib.request
from pathlib import Path

from pyspark import SparkContext

from jobs.pipeline import pipeline
from jobs.runtime.cli import run_job
from jobs.runtime.runs import Run


def shown(run: Run) -> None:
    pipeline(run)
    context: SparkContext = run.spark.sparkContext
    url, app = context.uiWebUrl, context.applicationId
    api = f"{url}/api/v1/applications/{app}"
    plans = f"{api}/sql?details=true&planDescription=true&length=1000"
    pages = (f"{url}/environment/", f"{api}/environment", f"{url}/SQL/", plans)
    texts = [urllib.request.urlopen(page, timeout=20).read().decode() for page in pages]
    Path(os.environ["SHOWN"]).write_text("\n".join(texts))


if __name__ == "__main__":
    sys.exit(run_job("pipeline", shown, sources=sys.argv[1], log_file=Path(sys.argv[3])))
