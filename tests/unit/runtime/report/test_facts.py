"""What a report reads of the ops tables: the run's own, as they stood when it ended."""

from __future__ import annotations

from jobs.runtime.counts import TableCounts
from jobs.runtime.quality_log import quality_metrics
from jobs.runtime.report.facts import facts_of, record_of
from tests.run_records import Records, score, three_runs


def test_the_run_and_its_jobs(last_run):
    assert (last_run.record["run_id"], last_run.record["status"]) == ("three", "stopped")
    assert [(j["job"], j["status"]) for j in last_run.jobs] == [("refine", "stopped")]
    assert last_run.seconds == {"start Spark": 3.5, "merge customers": 1.25, "merge orders": 2.0}
    assert last_run.tables == ["customers", "orders"]


def test_counts_are_of_the_batches_the_run_closed(last_run):
    assert last_run.counts == {
        "customers": TableCounts(1000, 900, 40, 30, 5, 20, 5),
        "orders": TableCounts(read=5000, held=5000),
    }
    assert last_run.total == TableCounts(6000, 900, 40, 30, 5, 20, 5, 5000)


def test_reasons_and_detections_are_of_those_batches(last_run):
    assert last_run.reasons == {"customers": {"required: customer_id": 3, "null_key": 2}}
    assert last_run.pii_by_entity == {
        "EMAIL_ADDRESS": {"customers": 1234},
        "DK_CPR": {"customers": 7},
    }
    assert list(last_run.pii_by_entity) == ["EMAIL_ADDRESS", "DK_CPR"], "the most frequent first"


def test_the_lowest_score_is_of_what_was_published(last_run):
    lowest = last_run.lowest_overall
    assert (lowest["table"], lowest["value"]) == ("orders", 0.94)


def test_a_trend_ends_with_the_run(recorded):
    for run_id, runs in (("one", 1), ("two", 2), ("three", 3)):
        facts = facts_of(recorded, record_of(recorded, run_id))
        values = [
            s["value"]
            for s in facts.earlier_scores
            if (s["table"], s["population"], s["dimension"])
            == ("customers", "published", "overall")
        ]
        assert values == [0.981, 0.982, 0.983][:runs]
        batches = [b for b in facts.earlier_batches if b["table"] == "orders"]
        assert [b["held"] for b in batches] == [0, 0, 5000][:runs]


def test_a_batch_that_is_not_closed_or_was_given_up_counts_for_nothing(tmp_path):
    records = Records(tmp_path)
    records.batch("run", 2, "orders", 1, "abandoned", "recipe changed", held=7)
    records.batch("run", 4, "orders", 2, "open")
    records.batch("run", 6, "orders", 3, inserted=5)
    facts = facts_of(records.lake, records.run("run", 0, 9))
    assert facts.counts == {"orders": TableCounts(read=5, inserted=5)}
    assert [b["batch"] for b in facts.earlier_batches] == [3]


def test_what_a_killed_run_wrote_of_a_batch_is_told_by_the_run_that_closed_it(tmp_path):
    records = Records(tmp_path)
    records.quarantine("orders", 1, {("rule", "amount_not_negative"): 2})
    records.detections("killed", "orders", 1, {("note", "PERSON", "detect"): 3})
    records.batch("next", 2, "orders", 1, inserted=5, quarantined=2)
    facts = facts_of(records.lake, records.run("next", 0, 3))
    assert facts.reasons == {"orders": {"rule: amount_not_negative": 2}}
    assert facts.pii_by_entity == {"PERSON": {"orders": 3}}


def test_a_run_that_left_nothing_but_its_record(tmp_path):
    records = Records(tmp_path)
    facts = facts_of(records.lake, records.run("alone", 0, 1, status="killed"))
    assert (facts.counts, facts.reasons, facts.pii, facts.metrics) == ({}, {}, [], [])
    assert (facts.jobs, facts.earlier_scores, facts.lowest_overall) == ([], [], None)
    assert record_of(records.lake, "no' such run") is None


def test_of_a_long_history_only_the_last_commits_are_read(tmp_path):
    records = Records(tmp_path)
    for number in range(5):
        records.metrics(f"run-{number}", number, "orders", score("published", "overall", 0.9))
    log = quality_metrics(records.lake)
    when = records.run("run-3", 3, 3.5)["ended_at"]
    assert [m["run_id"] for m in log.recent(2, when)] == ["run-2", "run-3"]
    assert log.recent(2, when, "\"table\" = 'other'") == []


def test_the_lake_is_only_read(tmp_path):
    lake = three_runs(tmp_path)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    facts_of(lake, record_of(lake, "three"))
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before
