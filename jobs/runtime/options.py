"""The command-line options that jobs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LakeOption = Annotated[
    str | None, typer.Option("--lake", help="Folder or s3a:// prefix of the lake [ATLAS_LAKE]")
]
ContractsOption = Annotated[
    Path | None,
    typer.Option("--contracts", help="Folder of contracts [ATLAS_CONTRACTS]"),
]
NamespaceOption = Annotated[
    str | None, typer.Option("--namespace", help="Tenant or environment [ATLAS_NAMESPACE]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="End with one JSON object on stdout")]
LogFileOption = Annotated[
    Path | None, typer.Option("--log-file", help="Log here instead of to standard error")
]
TablesOption = Annotated[
    list[str] | None, typer.Option("--table", help="Only this source table; may be repeated")
]
