"""OpenLineage's events as its own models and its own JSON schemas have them."""

from __future__ import annotations

import importlib
import json
import pkgutil
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any

import attr
from jsonschema import Draft202012Validator
from openlineage.client import event_v2, generated
from openlineage.client.facet_v2 import BaseFacet
from referencing import Registry, Resource

Json = dict[str, Any]

SPEC = Path(__file__).parent / "openlineage_spec"
_OWN = ("schemaURL", "_schemaURL")  # which a model sets itself


@cache
def _registry() -> Registry:
    """The schemas by their addresses: nothing is fetched."""
    read = (json.loads(path.read_text()) for path in SPEC.rglob("*.json"))
    return Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in read)


@cache
def validator(address: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": address}, registry=_registry())


def faults(event: Json) -> list[str]:
    """What is wrong with an event and each of its facets, by the schema that each names itself."""
    told = [("event", event["schemaURL"], event)]
    told += [(name, facet["_schemaURL"], facet) for name, facet in facets(event)]
    found = [
        f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for name, address, one in told
        for error in validator(address).iter_errors(one)
    ]
    return found + [
        f"{name}: not its name" for name, facet in facets(event) if not _named(name, facet)
    ]


def _named(name: str, facet: Json) -> bool:
    """Whether a facet of the specification stands under the name that it has there."""
    file = facet["_schemaURL"].partition("#")[0]
    properties = _registry().contents(file).get("properties")
    return properties is None or name in properties


def facets(event: Json) -> Iterator[tuple[str, Json]]:
    """All facets of an event: of the run, the job and the datasets."""
    yield from event["run"]["facets"].items()
    yield from event["job"]["facets"].items()
    for dataset in (*event.get("inputs", ()), *event.get("outputs", ())):
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(kind, {}).items()


def known(event: Json) -> Json:
    """An event without what is empty, and of facets that the specification does not know only what
    all facets have."""
    told = json.loads(json.dumps(event))
    for _, facet in facets(told):
        if "/OpenLineage.json" in facet["_schemaURL"]:
            for name in set(facet) - {"_producer", "_schemaURL"}:
                del facet[name]
    return _filled(told)


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        filled = {name: _filled(one) for name, one in value.items()}
        return {name: one for name, one in filled.items() if one not in (None, {}, [])}
    return [_filled(one) for one in value] if isinstance(value, list) else value


def modelled(event: Json) -> event_v2.RunEvent:
    """An event as the client's models. They have no reader of their own: each class by its names and
    types, so that what they do not know raises TypeError."""
    return _object(event_v2.RunEvent, event)


def _object(kind: type, told: Json) -> Any:
    if issubclass(kind, BaseFacet):
        kind = _facets().get(told["_schemaURL"], kind)
    hints = typing.get_type_hints(kind)
    given = {}
    for name, value in told.items():
        if name not in _OWN and not (_is_open(kind) and name not in hints):
            given[name.lstrip("_")] = _value(hints[name], value)
    return kind(**given)


def _is_open(kind: type) -> bool:
    """A facet of somebody else: the base of all facets knows only what they have in common."""
    return kind.__name__ in ("RunFacet", "JobFacet", "DatasetFacet")


def _value(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (UnionType, typing.Union):
        [wanted, *_] = [one for one in arguments if one is not type(None)]
        return None if value is None else _value(wanted, value)
    if origin is list:
        return [_value(arguments[0], one) for one in value]
    if origin is dict:
        return {name: _value(arguments[1], one) for name, one in value.items()}
    return _object(hint, value) if attr.has(hint) else hint(value) if callable(hint) else value


@cache
def _facets() -> Mapping[str, type[BaseFacet]]:
    """The client's facets by the addresses of their schemas."""
    for module in pkgutil.iter_modules(generated.__path__, f"{generated.__name__}."):
        importlib.import_module(module.name)
    found, pending = {}, [BaseFacet]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        found[kind._get_schema()] = kind
    return found
