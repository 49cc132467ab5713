"""Contract files: YAML that fits the JSON schema of the Open Data Contract Standard (v3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import ValidationError

from conf.contract_problems import Problem, closest
from conf.contract_yaml import ContractLoader
from conf.packaged import packaged

PACKAGED = packaged("contracts")
_GROUPS = ("schema", "properties", "customProperties", "value")


@dataclass(frozen=True)
class ContractFile:
    """A contract as the standard's own model, and where it came from."""

    path: str
    digest: str  # SHA-256 of the file
    contract: OpenDataContractStandard


def contract_paths(folder: Path | None) -> tuple[list[Path], list[Problem]]:
    """The files of one folder (default: the packaged ones).

    A folder of one's own holds sources, and Silver if one likes; Gold is made by Atlas's code, so
    its packaged contracts hold for every lake.
    """
    if folder is None:
        return sorted(PACKAGED.glob("*.odcs.yaml")), []
    own = sorted(folder.glob("*.odcs.yaml")) if folder.is_dir() else []
    problems = []
    if not own:
        what = "no *.odcs.yaml in it" if folder.is_dir() else "no such folder"
        problems.append(Problem(str(folder), (), f"{what}; give a folder of contracts"))
    for path in _misnamed(folder):
        problems.append(Problem(str(path), (), "a contract's file is named TABLE.odcs.yaml"))
    return own + [
        p for p in sorted(PACKAGED.glob("gold_*.odcs.yaml")) if not _copied(p, own)
    ], problems


def _misnamed(folder: Path) -> list[Path]:
    """YAML that nobody would read: `customers.yaml`, `customers.odcs.yml`."""
    return sorted(
        p
        for p in (folder.iterdir() if folder.is_dir() else ())
        if p.suffix in (".yaml", ".yml") and not p.name.endswith(".odcs.yaml")
    )


def _copied(path: Path, own: list[Path]) -> bool:
    return any(o.name == path.name and o.read_bytes() == path.read_bytes() for o in own)


def read_contract(path: Path) -> tuple[ContractFile | None, list[Problem]]:
    """A file that parses, fits the schema and the model, or what is wrong with it."""
    try:
        content = path.read_bytes()
        told = yaml.load(content, Loader=ContractLoader)
    except OSError as error:
        return None, [Problem(str(path), (), f"cannot be read ({type(error).__name__})")]
    except yaml.YAMLError as error:
        return None, [_not_yaml(path, error)]
    if problems := list(_schema_problems(str(path), told)):
        return None, problems
    try:
        contract = OpenDataContractStandard(**told)
    except ValidationError as error:
        return None, [
            Problem(str(path), _names(told, e["loc"]), e["msg"])
            for e in error.errors(include_url=False)
        ]
    return ContractFile(str(path), hashlib.sha256(content).hexdigest(), contract), []


def _not_yaml(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return Problem(str(path), (), f"not YAML: {what}", mark.line + 1 if mark else 1)


@cache
def _validator() -> Any:
    schema = json.loads(OpenDataContractStandard.json_schema())  # type: ignore[no-untyped-call]
    return jsonschema.validators.validator_for(schema)(schema)


def _schema_problems(file: str, told: Any) -> Iterator[Problem]:
    for found in _validator().iter_errors(told):
        error = jsonschema.exceptions.best_match([found])
        place = _names(told, error.absolute_path)
        if _lacks_type(error):
            yield Problem(file, (*place, "logicalType"), "missing; string, for example")
            continue
        if error.validator not in ("unevaluatedProperties", "additionalProperties"):
            yield Problem(file, place, _told(error))
            continue
        # One wrong value makes all its neighbours "unevaluated": only unknown words count.
        known = _known_words(error.schema)
        for word in sorted(set(error.instance) - known):
            yield Problem(file, (*place, word), f"unknown word; {closest(word, sorted(known))}")


def _lacks_type(error: Any) -> bool:
    """Whether a column has no logicalType: then the schema asks for the words of every type."""
    is_column = "properties" in list(error.absolute_path)[-2:]
    return is_column and error.validator == "required" and "logicalType" not in error.instance


def _told(error: Any) -> str:
    found = error.instance
    if error.validator == "enum":
        hint = "write conformity, ODCS's word for it; " if found == "validity" else ""
        return f"found {found!r}; {hint}{closest(str(found), error.validator_value)}"
    if error.validator == "type":
        return f"found {found!r}; it must be of type {error.validator_value}"
    if error.validator == "required":
        return ", ".join(f"{w} is missing" for w in error.validator_value if w not in found)
    return str(error.message)


def _known_words(schema: Any) -> set[str]:
    """All words a schema names, its parts and what it refers to included."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        inner = _known_words(_validator().schema["$defs"][name])
    else:
        inner = set()
    parts = [w for part in schema.get("allOf", ()) for w in _known_words(part)]
    return inner | set(parts) | set(schema.get("properties", ()))


def _names(told: Any, path: Any) -> tuple[str, ...]:
    """A path of the document with the names of tables, columns and words for their numbers."""
    names: list[str] = []
    for step in path:
        try:
            told = told[step]
        except (LookupError, TypeError):
            told = None
        if isinstance(step, int):
            name = (told.get("name") or told.get("property")) if isinstance(told, dict) else None
            names.append(str(name or f"[{step}]"))
        elif step not in _GROUPS:
            names.append(str(step))
    return tuple(names)
