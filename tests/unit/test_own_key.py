"""The key a local lake makes for itself: whole or not at all, and one only."""

import subprocess
import sys
from pathlib import Path

from conf.secrets import _own_key

ROOT = Path(__file__).parents[2]


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = _own_key(tmp_path)
    made = path.read_bytes()
    assert len(made) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert (_own_key(tmp_path), path.read_bytes()) == (path, made)
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_run_left_of_a_key_is_not_taken_for_it(tmp_path):
    (tmp_path / "_secrets").mkdir()
    (tmp_path / "_secrets" / ".half.part").write_text("half")
    assert len(_own_key(tmp_path).read_bytes()) == 64


def test_of_several_that_start_at_once_all_use_the_same_key(tmp_path):
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + (
        "from pathlib import Path\nfrom conf.secrets import _own_key, fingerprint\n"
        "print(fingerprint(_own_key(Path(sys.argv[1])).read_bytes()))"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    told = {start.communicate()[0].strip().splitlines()[-1] for start in starts}
    assert len(told) == 1
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len(list((tmp_path / "_secrets").iterdir())) == 1
