"""Errors of others in our own words: class and place, never the text, which may hold a value."""

from __future__ import annotations

import traceback
from pathlib import Path

from conf.errors import AtlasError


def describe(error: BaseException) -> str:
    """An error in our own words: the text of a foreign one may hold a source value."""
    if isinstance(error, AtlasError):
        return str(error)
    return (
        f"unexpected {classes(error)} at {where(error)}; nothing half-done is visible to readers: "
        "run again, and if it comes back report this line"
    )


def classes(error: BaseException) -> str:
    """The classes of a foreign error and of its causes in Java, never its text."""
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    kinds = [type(error).__name__]
    try:
        while java is not None and len(kinds) < 5:
            kinds.append(java.getClass().getSimpleName())
            java = java.getCause()
    except Exception:  # the JVM may be gone by now
        kinds.append("no answer from the JVM")
    return " < ".join(kinds)


def where(error: BaseException) -> str:
    """File, line and function of our own code where it happened."""
    root = str(Path(__file__).parents[2])
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith(root) and ".venv" not in f.filename]
    frame = next(reversed(ours or list(frames)), None)
    return f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" if frame else "start"
