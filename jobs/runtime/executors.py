"""Whether the Python of a session's executors is fit for Atlas."""

from __future__ import annotations

import os

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from conf.errors import UsageError
from conf.secrets import ENVIRONMENT
from udfs.pii.config import detector_version


def check_executors(session: SparkSession) -> None:
    """On a cluster: that every worker's Python finds what the driver says it finds.

    Raises: UsageError if code, libraries or models are others there, or cannot be loaded at all.
    """
    context = session.sparkContext
    if (context.master or "local").startswith("local"):
        return
    tasks = max(context.defaultParallelism, 2)
    try:
        asked = context.parallelize(range(tasks), tasks).map(lambda _: detector_version())
        told = set(asked.collect())
    except Py4JError:
        raise UsageError(
            "the executors cannot load Atlas: send the code with --py-files dist/atlas.zip (make "
            "package), and give them the driver's Python environment (docs/CLUSTER.md)"
        ) from None
    if told != {detector_version()}:
        raise UsageError(
            "the executors' PII detector is another than the driver's: they need the same code "
            "(make package), libraries and models; a model given as a relative path is not found "
            "there: use a package or an absolute path (conf/pii.yml, ATLAS_PII_MODEL_DA and _EN)"
        )


def check_key_is_handed_on(session: SparkSession) -> None:
    """A JVM that was there before this Python knows nothing of a `.env` that Python has read, and
    the workers get their environment from it.

    Raises: UsageError if they would have no key, or another.
    """
    key, jvm = os.environ.get(ENVIRONMENT), session._jvm
    is_local = (session.sparkContext.master or "local").startswith("local")
    if key and jvm and is_local and jvm.System.getenv(ENVIRONMENT) != key:
        raise UsageError(
            f"{ENVIRONMENT} stands in .env alone, where the workers of spark-submit do not find it: "
            "set it in the environment, or ATLAS_PII_SECRET_FILE in either"
        )
