"""`python -m tests.chaos --n 50 --seed 1`: rounds of kills; exit 1 if one of them left a trace."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from conf.logs import configure_logs
from conf.settings import Settings
from jobs.runtime.session import open_session
from tests.chaos.lakes import BucketLakes
from tests.chaos.rounds import Chaos, Verdict
from tests.lakes import same_key
from tests.minio import Minio


def main() -> int:
    """Rounds, and a summary of them."""
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="atlas-chaos-"))
    settings = Settings(lake=str(folder / "none"), log_file=folder / "log")
    configure_logs(settings, "chaos")
    spark = open_session(settings, "chaos", small=True)
    verdicts: list[Verdict] = []
    server = Minio(folder / "minio").start() if asked.minio else None
    try:
        with same_key(folder):
            os.environ.update(server.settings() if server else {})
            lakes = BucketLakes(server) if server else None
            chaos = Chaos(spark, folder, asked.seed, lakes)
            print(f"an undisturbed run takes {chaos.run_seconds:.0f} s", flush=True)
            for number in asked.only or range(1, asked.n + 1):
                verdicts.append(chaos.round(number))
                print(told(verdicts[-1], asked.seed), flush=True)
    finally:
        spark.stop()
        if server:
            server.stop()
    bad = [v.number for v in verdicts if v.differences]
    kills = sum(len(v.kills) for v in verdicts)
    print(f"{len(verdicts)} rounds, {kills} kills, {len(bad)} differences")
    if bad:
        again = " ".join(f"--only {n}" for n in bad)
        print(f"again: python -m tests.chaos --seed {asked.seed} {again}; lakes: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def told(verdict: Verdict, seed: int) -> str:
    """A round in a few lines."""
    head = f"round {verdict.number} (seed {seed}), {verdict.seconds:.0f} s: "
    ends = [f"  DIFFERS: {text}" for text in verdict.differences]
    outcome = "DIFFERENT" if ends else "equal"
    return "\n".join([head + outcome, f"  {'; '.join(verdict.story)}", *ends])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--n", type=int, default=5, help="rounds")
    parser.add_argument("--seed", type=int, default=1, help="of sources, kills and what happens")
    parser.add_argument("--only", type=int, action="append", help="just this round; repeatable")
    parser.add_argument("--minio", action="store_true", help="the lakes lie on a real MinIO")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
