#!/usr/bin/env bash
# What is shipped to a cluster: dist/atlas.zip, the code and its data, for --py-files.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python - <<'PY'
"""The four packages as they are in version control: nothing that lies about by chance."""
import subprocess
import zipfile
from pathlib import Path

PACKAGES = ("jobs", "transformations", "udfs", "conf")
listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], check=True, capture_output=True)
names = sorted(name for name in listed.stdout.decode().split("\0") if name)
target = Path("dist/atlas.zip")
target.parent.mkdir(exist_ok=True)
part = target.with_suffix(".part")
with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
    for name in names:
        entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))  # the same bytes from the same code
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, Path(name).read_bytes())
part.replace(target)
print(f"{target}: {len(names)} files")
PY
