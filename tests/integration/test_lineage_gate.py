"""A way from personal data without its treatment stops the table before it is published, even where
the detector sees nothing: the plan is asked, and the contract only compared with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import jobs.build_gold
import jobs.refine
import transformations.treatments
from conf.contract import SourceContract
from jobs.runtime.runs import Run
from tests.integration.test_leak_gate import accounted, deliver, held
from tests.lakes import counts, rows, run_pipeline

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: parts
version: 1.0.0
status: active
schema:
  - name: parts
    description: One row a part.
    customProperties:
      - {property: format, value: csv}
    properties:
      - {name: part_id, logicalType: string, primaryKey: true, classification: internal}
      - name: owner
        logicalType: string
        classification: pii-direct
        customProperties:
          - {property: treatment, value: TREATMENT}
      - {name: remark, logicalType: string}
"""
PREFIX = "generalize}\n          - {property: generalize, value: prefix:2"
MADE_UP = ["Xqtsvra", "Xqtsvrb", "Xqtsvrc"]  # nothing that a detector would know


@pytest.fixture
def place(tmp_path: Path) -> Path:
    contract(tmp_path, "hash")
    deliver(tmp_path, "parts", MADE_UP)
    return tmp_path


def contract(place: Path, treatment: str) -> None:
    (place / "contracts").mkdir(exist_ok=True)
    path = place / "contracts" / "parts.odcs.yaml"
    path.write_text(CONTRACT.replace("TREATMENT", treatment))


def run(spark, place: Path) -> Run:
    return run_pipeline(spark, place / "sources", place / "lake", contracts=place / "contracts")


def no_leak_is_seen(monkeypatch) -> None:
    monkeypatch.setattr(jobs.refine, "stop_on_leaks", lambda *_: None)


def test_lower_instead_of_the_anonymizer_stops_the_table(spark, place, monkeypatch):
    no_leak_is_seen(monkeypatch)
    lower = lambda column, *_: F.lower(column)  # noqa: E731
    monkeypatch.setattr(transformations.treatments, "pseudonymize", lower)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert stopped.message == (
        "parts: held: personal data would be published untreated, by lineage: silver.parts.owner "
        "comes from bronze.parts.owner (pii-direct), whose treatment is hash, and its plan has "
        "nothing on the way; nothing was published; treat the values with the anonymizers of "
        f"udfs/anonymizers.py as the contract says, or declare what the column really is in {place}/"
        "contracts/parts.odcs.yaml, and run again, which takes the same deliveries in"
    )
    assert not (place / "lake" / "silver" / "parts").exists()
    assert not (place / "lake" / "ops" / "_staging" / "parts").exists(), (
        "nothing was written at all"
    )
    assert counts(stopped, "parts") == {"read": 3, "held": 3}
    assert (held(place, "parts"), accounted(place, "parts")) == ([(1, "held")], (3, 3))


def test_what_was_held_is_taken_again_once_the_code_is_mended(spark, place):
    with pytest.MonkeyPatch.context() as wrong:
        no_leak_is_seen(wrong)
        wrong.setattr(transformations.treatments, "pseudonymize", lambda column, *_: column)
        wrong.setattr(jobs.refine, "treatments_version", lambda: "another code")
        assert run(spark, place).exit_code == 3
    done = run(spark, place)
    assert (done.exit_code, counts(done, "parts")) == (0, {"read": 3, "inserted": 3})
    assert held(place, "parts") == [(1, "abandoned"), (2, "published")]


def test_the_right_anonymizer_lets_it_through(spark, place, monkeypatch):
    no_leak_is_seen(monkeypatch)
    done = run(spark, place)
    assert (done.exit_code, counts(done, "parts")) == (0, {"read": 3, "inserted": 3})


def instead(monkeypatch, change) -> None:
    """What `treated` gives, changed as somebody's code might."""
    original = jobs.refine.treated

    def changed(contract: SourceContract, *more):
        return lambda df: df.transform(original(contract, *more)).transform(change(df))

    monkeypatch.setattr(jobs.refine, "treated", changed)


def beside(clear: DataFrame):
    """The clear value in a column of its own, found again by the row."""
    again = clear.select("_bronze_row", F.reverse("owner").alias("remark"))
    return lambda df: df.drop("remark").join(again, "_bronze_row")


def mapped(clear: DataFrame):
    """A choice between constants tells the value as well as the value itself."""
    choice = F.when(F.col("owner") == "Xqtsvra", "a").otherwise("another")
    again = clear.select("_bronze_row", choice.alias("remark"))
    return lambda df: df.drop("remark").join(again, "_bronze_row")


def most(clear: DataFrame):
    """A value of many rows is a value."""
    greatest = clear.agg(F.max("owner").alias("remark"))
    return lambda df: df.drop("remark").crossJoin(greatest)


def united(clear: DataFrame):
    """Treated rows, and untreated ones of the same columns."""

    def more(df: DataFrame) -> DataFrame:
        clear_rows = df.drop("remark").join(
            clear.select("_bronze_row", F.col("owner").alias("remark")), "_bronze_row"
        )
        return df.where("false").unionByName(clear_rows)

    return more


def by_a_function(clear: DataFrame):
    """A UDF that nobody registered."""
    own = F.udf(lambda owner: f"{owner}!")
    again = clear.select("_bronze_row", own("owner").alias("remark"))
    return lambda df: df.drop("remark").join(again, "_bronze_row")


def by_whole_rows(clear: DataFrame):
    rows = clear.select("_bronze_row", "owner")
    again = rows.mapInPandas(lambda frames: frames, "_bronze_row long, remark string")
    return lambda df: df.drop("remark").join(again, "_bronze_row")


def by_a_choice(clear: DataFrame):
    """Which of two other values it is tells of this one."""
    choice = F.when(F.col("owner") == "Xqtsvra", F.col("part_id")).otherwise(F.lit("x"))
    again = clear.select("_bronze_row", choice.alias("remark"))
    return lambda df: df.drop("remark").join(again, "_bronze_row")


WAYS = [beside, mapped, most, united, by_a_function, by_whole_rows, by_a_choice]


@pytest.mark.full
@pytest.mark.parametrize("change", WAYS)
def test_a_value_in_another_column_stops_the_table(spark, place, monkeypatch, change):
    no_leak_is_seen(monkeypatch)
    instead(monkeypatch, change)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "silver.parts.remark comes from bronze.parts.owner (pii-direct)" in stopped.message
    assert not (place / "lake" / "silver" / "parts").exists()


@pytest.mark.parametrize(
    "cut", [lambda df: df.localCheckpoint(), lambda df: df.rdd.toDF(df.schema)]
)
def test_rows_that_no_plan_tells_of_stop_the_table(spark, place, monkeypatch, cut):
    no_leak_is_seen(monkeypatch)

    def again(clear: DataFrame):
        rows = cut(clear.select("_bronze_row", F.col("owner").alias("remark")))
        return lambda df: df.drop("remark").join(rows, "_bronze_row")

    instead(monkeypatch, again)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "silver.parts.remark comes from unknown.rows.remark (unclassified)" in stopped.message
    assert not (place / "lake" / "silver" / "parts").exists()


@pytest.mark.full
@pytest.mark.parametrize(
    ("treatment", "made", "is_safe"),
    [
        ("mask", lambda c: F.concat(F.left(c, F.lit(1)), F.lit("***")), True),
        ("mask", lambda c: F.concat(F.left(c, F.lit(3)), F.lit("***")), False),
        (PREFIX, lambda c: F.left(c, F.lit(2)), True),
        (PREFIX, lambda c: F.substring(c, 1, 1), True),
        (PREFIX, lambda c: F.left(c, F.lit(4)), False),
        (PREFIX, lambda c: F.substring(c, 2, 2), False),
        ("redact", lambda c: F.when(c.isNotNull(), "<OWNER>"), True),
        ("redact", lambda c: F.when(c.isNotNull(), c), False),
    ],
)
def test_what_stands_on_the_way_must_be_as_the_contract_says(
    spark, place, monkeypatch, treatment, made, is_safe
):
    no_leak_is_seen(monkeypatch)
    contract(place, treatment)
    original = transformations.treatments.treat

    def treat(column, keys, *, hashed=False):
        if column.name != "owner":
            return original(column, keys, hashed=hashed)
        return made(F.col("owner"))

    monkeypatch.setattr(transformations.treatments, "treat", treat)
    done = run(spark, place)
    assert done.exit_code == (0 if is_safe else 3)
    assert ("comes from bronze.parts.owner" in done.message) is not is_safe
    assert (place / "lake" / "silver" / "parts").exists() is is_safe


def test_text_that_no_detector_has_read_stops_the_table(spark, place, monkeypatch):
    no_leak_is_seen(monkeypatch)
    original = transformations.treatments._treat

    def unread(column, keys, *, hashed):
        is_text = column.name == "remark"
        return F.trim(column.name) if is_text else original(column, keys, hashed=hashed)

    monkeypatch.setattr(transformations.treatments, "_treat", unread)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "silver.parts.remark comes from bronze.parts.remark (unclassified)" in stopped.message


def test_a_verbatim_line_may_not_come_through(spark, place, monkeypatch):
    no_leak_is_seen(monkeypatch)
    lake = place / "lake"

    def raw(clear: DataFrame):
        bronze = clear.sparkSession.read.format("delta").load(f"{lake}/bronze/parts")
        line = bronze.select("_bronze_row", F.col("_bronze_raw").cast("string").alias("remark"))
        return lambda df: df.drop("remark").join(line, "_bronze_row", "left")

    instead(monkeypatch, raw)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "silver.parts.remark comes from bronze.parts._bronze_raw" in stopped.message


@pytest.mark.full
def test_gold_is_not_made_of_bronze(spark, tmp_path, monkeypatch):
    from jobs.generate_sources import generate_sources

    generate_sources(tmp_path / "sources", 40, 80, seed=3)
    original = jobs.build_gold.customer_360

    def with_clear_town(totals, day):
        session = totals.sparkSession
        bronze = session.read.format("delta").load(f"{tmp_path}/lake/bronze/customers")
        town = bronze.agg(F.max("city").alias("town"))
        wanted = original(totals, day)
        return lambda df: df.transform(wanted).crossJoin(town).withColumn("city", F.col("town")).drop("town")  # fmt: skip

    monkeypatch.setattr(jobs.build_gold, "customer_360", with_clear_town)
    stopped = run_pipeline(spark, tmp_path / "sources", tmp_path / "lake")
    assert stopped.exit_code == 3
    assert "gold.customer_360: held: it would be made from what Bronze has in clear text: city from " \
        "bronze.customers.city" in stopped.message  # fmt: skip
    assert not (tmp_path / "lake" / "gold" / "customer_360").exists()
    assert rows(tmp_path / "lake", "silver.customers", "select count(*) as n from t")[0]["n"] > 30
