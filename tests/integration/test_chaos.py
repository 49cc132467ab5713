"""Five rounds of kills, as `make chaos` does them (see tests/chaos)."""

import pytest

from tests.chaos.__main__ import told
from tests.chaos.rounds import Chaos
from tests.lakes import same_key

SEED = 20260103
ROUNDS = 5


@pytest.mark.full
def test_killed_runs_end_as_undisturbed_ones(spark, tmp_path):
    with same_key(tmp_path):
        chaos = Chaos(spark, tmp_path, SEED)
        verdicts = [chaos.round(number) for number in range(1, ROUNDS + 1)]
    for verdict in verdicts:
        print(told(verdict, SEED))
    assert [v.differences for v in verdicts] == [[]] * ROUNDS
    assert sum(len(v.kills) for v in verdicts) >= ROUNDS
