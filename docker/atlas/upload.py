"""Puts the files of a folder into ATLAS_SOURCES, a bucket: upload.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

import obstore

from conf.errors import AtlasError, UsageError
from conf.s3 import is_s3
from conf.settings import load_settings
from jobs.runtime.objects import our_words, store_of


def main(folder: Path) -> None:
    try:
        settings = load_settings()
        if not is_s3(settings.sources):
            raise UsageError(
                f"ATLAS_SOURCES: {settings.sources} is no bucket (s3a://bucket/prefix)"
            )
        store = store_of(settings.sources, settings.s3)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        with our_words(settings.sources, settings.s3):
            for path in files:
                obstore.put(store, path.relative_to(folder).as_posix(), path)
    except AtlasError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    sys.stdout.write(f"{len(files)} files in {settings.sources}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
