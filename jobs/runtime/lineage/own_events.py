"""The events that Atlas tells itself, where the listener has a hole: made with OpenLineage's client.

What a listener on plans cannot know: which columns a source's records had, which treatment made a
value safe, what a column means and whom it concerns, what quality was measured, how a run ended.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openlineage.client.event_v2 import InputDataset as Input
from openlineage.client.event_v2 import Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    documentation_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    ownership_dataset,
    parent_run,
    schema_dataset,
    source_code_location_job,
    tags_dataset,
    tags_run,
)
from openlineage.client.serde import Serde

from conf.parent_run import ParentRun, RunName
from jobs.runtime.lineage.columns import Meaning
from jobs.runtime.lineage.datasets import Dataset
from jobs.runtime.lineage.events import TAG
from jobs.runtime.lineage.model import Edge, job_name

_Statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet

PRODUCER = "urn:atlas"


@dataclass(frozen=True)
class Teller:
    """Who tells: the run, its job, the namespace of both, and the run that started it."""

    namespace: str
    run_id: str
    job: str
    parent: ParentRun | None = None

    def run(self, state: RunState, message: str | None = None) -> str:
        """The run itself: begun, or how it ended, in our own words."""
        facets: dict[str, Any] = {"tags": _run_tag(self.run_id)}
        if self.parent:
            facets["parent"] = _parent(*self.parent)
        if message:
            told = error_message_run.ErrorMessageRunFacet(message, "PYTHON", producer=PRODUCER)
            facets["errorMessage"] = told
        return self._event(state, self.run_id, self.job, facets)

    def write(
        self,
        job: str,
        output: Dataset,
        version: int,
        edges: Iterable[Edge],
        datasets: Mapping[str, Dataset],
        meaning: Meaning,
        rows: int | None,
    ) -> str:
        """One commit of a table: its columns, where each comes from, and what they mean.

        `datasets`: where the tables of the edges lie.
        """
        edges, statistics = list(edges), dict[str, Any]()
        if rows is not None:
            statistics["outputStatistics"] = _Statistics(rows, producer=PRODUCER)
        facets: dict[str, Any] = {
            "version": dataset_version_dataset.DatasetVersionDatasetFacet(
                str(version), producer=PRODUCER
            ),
            "columnLineage": _column_lineage(edges, datasets),
            **_meaning(meaning),
        }
        return self._event(
            RunState.COMPLETE,
            str(uuid.uuid4()),
            f"{job}.{output.name.rpartition('/')[2]}",
            self._inside(),
            [Input(*datasets[t]) for t in sorted({e.source.table for e in edges})],
            [OutputDataset(*output, facets=facets, outputFacets=statistics)],
        )

    def quality(self, job: str, table: Dataset, checks: Sequence[Mapping[str, Any]]) -> str:
        """What was measured of a table: records of `ops/quality_metrics`."""
        told = data_quality_assertions_dataset
        assertions = [
            told.Assertion(
                assertion=check["check"],
                success=check["outcome"] == "pass",
                severity="error" if check["severity"] == "error" else "warn",
                expected=check["threshold"],
                actual=None if check["value"] is None else str(check["value"]),
            )
            for check in checks
        ]
        facet = told.DataQualityAssertionsDatasetFacet(assertions, producer=PRODUCER)
        return self._event(
            RunState.COMPLETE,
            str(uuid.uuid4()),
            f"{job}.quality.{table.name.rpartition('/')[2]}",
            self._inside(),
            [Input(*table, inputFacets={"dataQualityAssertions": facet})],
        )

    def _inside(self) -> dict[str, Any]:
        """The facets of what the run writes: its tag, and the run as the parent."""
        own = RunName(self.namespace, job_name(self.job), self.run_id)
        parent = _parent(own, self.parent.root if self.parent else None)
        return {"tags": _run_tag(self.run_id), "parent": parent}

    def _event(
        self,
        state: RunState,
        run_id: str,
        job: str,
        facets: Mapping[str, Any],
        inputs: Sequence[Input] = (),
        outputs: Sequence[OutputDataset] = (),
    ) -> str:
        """One line of JSON."""
        event = RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(run_id, facets=dict(facets)),
            job=Job(self.namespace, job_name(job), facets=_job_facets(job)),
            producer=PRODUCER,
            inputs=list(inputs),
            outputs=list(outputs),
        )
        return Serde.to_json(event)


def _parent(run: RunName, root: RunName | None) -> parent_run.ParentRunFacet:
    told = parent_run
    first = root and told.Root(told.RootRun(root.run_id), told.RootJob(root.namespace, root.job))
    return told.ParentRunFacet(
        told.Run(run.run_id), told.Job(run.namespace, run.job), first, producer=PRODUCER
    )


def _run_tag(run_id: str) -> tags_run.TagsRunFacet:
    tag = tags_run.TagsRunFacetFields(TAG, run_id, "atlas")
    return tags_run.TagsRunFacet([tag], producer=PRODUCER)


def _job_facets(job: str) -> dict[str, Any]:
    script = f"jobs/{job.partition('.')[0]}.py"
    kind = job_type_job.JobTypeJobFacet("BATCH", "ATLAS", "JOB", producer=PRODUCER)
    place = source_code_location_job.SourceCodeLocationJobFacet(
        "git", f"{PRODUCER}:{script}", path=script, producer=PRODUCER
    )
    return {"jobType": kind, "sourceCodeLocation": place}


def _column_lineage(
    edges: Iterable[Edge], datasets: Mapping[str, Dataset]
) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    told = column_lineage_dataset
    inputs: dict[str, list[column_lineage_dataset.InputField]] = defaultdict(list)
    for edge in edges:
        how = told.Transformation(edge.type, edge.subtype, edge.treatment, bool(edge.treatment))
        source = told.InputField(*datasets[edge.source.table], edge.source.column, [how])
        inputs[edge.target.column].append(source)
    fields = {name: told.Fields(found) for name, found in inputs.items()}
    return told.ColumnLineageDatasetFacet(fields, producer=PRODUCER)


def _meaning(meaning: Meaning) -> dict[str, Any]:
    """What the table's contract says of it, in the facets that catalogs show."""
    fields = [
        schema_dataset.SchemaDatasetFacetFields(c.name, c.kind, c.description)
        for c in meaning.columns
    ]
    tags = [
        tags_dataset.TagsDatasetFacetFields(key, value, "atlas", column.name)
        for column in meaning.columns
        for key, value in (("pii", column.classification), ("treatment", column.treatment))
        if value
    ]
    owners = [ownership_dataset.Owner(name, "source system") for name in meaning.owners]
    return {
        "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
        "documentation": documentation_dataset.DocumentationDatasetFacet(
            meaning.description, producer=PRODUCER
        ),
        "ownership": ownership_dataset.OwnershipDatasetFacet(owners, producer=PRODUCER),
        "tags": tags_dataset.TagsDatasetFacet(tags, producer=PRODUCER),
    }
