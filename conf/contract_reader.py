"""Contracts from YAML (Open Data Contract Standard v3): validated before Spark starts.

Three passes: form (the standard's JSON schema, then its pydantic model, since the model lets most
typos pass), our own words, and meaning, each table alone and then all together. All problems of
all files are told at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from conf.contract import Contracts, OutputContract, SourceContract
from conf.contract_checks import source_problems
from conf.contract_files import ContractFile, contract_paths, read_contract
from conf.contract_outputs import output_contract
from conf.contract_problems import Problem, refused
from conf.contract_relations import (
    domain_problems,
    relation_problems,
    shared_problems,
    with_references,
)
from conf.contract_silver import silver_contract, silver_problems
from conf.contract_sources import source_contract
from conf.contract_words import NoWords, words
from conf.settings import Settings


@dataclass
class _Read:
    """What was read so far, and what is wrong with it."""

    sources: dict[str, SourceContract] = field(default_factory=dict)
    outputs: dict[str, OutputContract] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # table -> its file, read or not
    problems: list[Problem] = field(default_factory=list)

    @property
    def broken(self) -> frozenset[str]:
        return frozenset(self.files) - set(self.sources)


def contracts_of(settings: Settings) -> Contracts:
    """The contracts that the settings name. Raises: as `load_contracts`."""
    folder = Path(settings.contracts) if settings.contracts else None
    return load_contracts(folder, namespace=settings.namespace)


def load_contracts(folder: Path | None = None, *, namespace: str = "default") -> Contracts:
    """All contracts of a lake: those of `folder`, or the packaged ones, and Atlas's own of Gold.

    A source table without a Silver contract gets the one its own contract implies. `namespace`
    becomes part of every pseudonym domain.
    Raises: UsageError with every problem of every file: file, line, place, what was found and
    what is allowed.
    """
    paths, problems = contract_paths(folder)
    read = _Read(problems=problems)
    unread = 0
    for path in paths:
        file, wrong = read_contract(path)
        read.problems += wrong
        if file:
            _take(file, read)
        else:
            unread += 1
    contracts = _together(read, namespace, complete=not unread)
    if read.problems:
        raise refused(read.problems)
    return contracts


def _take(file: ContractFile, read: _Read) -> None:
    tables = file.contract.schema_ or []
    if not tables:
        read.problems.append(Problem(file.path, (), "no tables: schema is missing or empty"))
    _, wrong = words(NoWords, file.contract.customProperties, file.path, ())
    read.problems += wrong
    for table in tables:
        name = table.name or ""
        if name in read.files:
            text = f"told already by {read.files[name]}; a table has one contract"
            read.problems.append(Problem(file.path, (name,), text))
            continue
        read.files[name] = file.path
        if "." in name:
            output, wrong = output_contract(file, table)
            if output:
                read.outputs[name] = output
        else:
            source, wrong = source_contract(file, table)
            if source:
                read.sources[name] = source
        read.problems += wrong


def _together(read: _Read, namespace: str, *, complete: bool) -> Contracts:
    """All tables with what they say of each other; problems go to `read`.

    Where a file could not be read at all, nothing is said about tables that seem to be missing.
    """
    sources = with_references(read.sources, namespace)
    for source in sources.values():
        read.problems += source_problems(source)
    outputs = {f"silver.{name}": silver_contract(source) for name, source in sources.items()}
    if complete:
        given = Contracts(sources, {n: o for n, o in read.outputs.items() if not _orphan(n, read)})
        read.problems += relation_problems(read.sources, read.broken)
        read.problems += [*domain_problems(sources), *shared_problems(sources)]
        read.problems += silver_problems(given)
    return Contracts(sources, outputs | read.outputs)


def _orphan(output: str, read: _Read) -> bool:
    """Whether the table is that of a source contract which could not be read."""
    layer, _, table = output.partition(".")
    return layer == "silver" and table in read.broken
