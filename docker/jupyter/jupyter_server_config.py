"""JupyterLab's settings: a token from a file, nothing that leaves the machine."""

from __future__ import annotations

import os
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821  Jupyter gives it

token = Path(os.environ.get("STACK_SECRETS", "/run/secrets"), "jupyter_token").read_text().strip()
if len(token) < 32:
    raise ValueError("jupyter_token is too short: run docker/make_secrets.sh")
c.IdentityProvider.token = token
c.ServerApp.ip = os.environ.get("STACK_BIND", "0.0.0.0")
c.ServerApp.port = int(os.environ.get("STACK_PORT", "8888"))
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.root_dir = os.environ.get("STACK_NOTEBOOKS", "/home/atlas")
c.LabApp.default_url = "/lab/tree/notebooks/explore.ipynb"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
