"""Rounds of kills, as `make chaos` does them (see tests/chaos)."""

import pytest

from tests.chaos.__main__ import told
from tests.chaos.lakes import BucketLakes
from tests.chaos.rounds import Chaos
from tests.integration.test_on_minio import environment
from tests.lakes import same_key

SEED = 20260103
ROUNDS, ON_MINIO = 4, 2


pytestmark = pytest.mark.full


def test_killed_runs_end_as_undisturbed_ones(spark, tmp_path):
    with same_key(tmp_path):
        rounds(Chaos(spark, tmp_path, SEED), ROUNDS)


def test_in_a_bucket_too(spark, minio, tmp_path):
    with same_key(tmp_path), environment(dict(minio.settings())):
        rounds(Chaos(spark, tmp_path, SEED, BucketLakes(minio)), ON_MINIO)


def rounds(chaos: Chaos, count: int) -> None:
    verdicts = [chaos.round(number) for number in range(1, count + 1)]
    for verdict in verdicts:
        print(told(verdict, SEED))
    assert [v.differences for v in verdicts] == [[]] * count
    assert sum(len(v.kills) for v in verdicts) >= count // 2
