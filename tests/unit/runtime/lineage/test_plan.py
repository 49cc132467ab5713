"""Where columns come from, by Spark's own analyzed plans: no way may be lost silently."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.expressions import Node
from jobs.runtime.lineage.plan import PlanColumns
from jobs.runtime.lineage.proof import Ways, ways_of
from udfs.anonymizers import anonymizer

ROWS = [(1, "Ann", "Aarhus", ["x", "y"], {"k": "v"}), (2, "Bo", "Ribe", [], {})]
SCHEMA = "id int, name string, city string, list array<string>, map map<string,string>"
IDENTITY, TRANSFORMATION, AGGREGATION = (
    "DIRECT IDENTITY",
    "DIRECT TRANSFORMATION",
    "DIRECT AGGREGATION",
)
CONDITIONAL, WINDOW = "INDIRECT CONDITIONAL", "INDIRECT WINDOW"
TELLS = f"{CONDITIONAL} tells"


@pytest.fixture(scope="module")
def lake(tmp_path_factory, spark: SparkSession) -> Lake:
    lake = Lake(load_settings(lake=str(tmp_path_factory.mktemp("plans") / "lake")))
    lake.use(spark)
    frame = spark.createDataFrame(ROWS, SCHEMA)
    for name in ("bronze.t", "silver.u"):
        frame.coalesce(1).write.format("delta").save(lake.path(name))
    return lake


@pytest.fixture
def t(lake) -> DataFrame:
    return lake.read("bronze.t")


@pytest.fixture
def u(lake) -> DataFrame:
    return lake.read("silver.u")


@pytest.fixture
def views(spark, t, u) -> Iterator[SparkSession]:
    t.createOrReplaceTempView("t")
    u.createOrReplaceTempView("u")
    yield spark
    for name in ("t", "u"):  # other tests look at all names of the session
        spark.catalog.dropTempView(name)


def of(lake: Lake, frame: DataFrame, column: str) -> dict[str, str]:
    """By column of bronze.t (`name`) or of another table (`silver.u.name`) the ways from there."""
    return told(ways_of(lake, frame), column)


def told(ways: Ways, column: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for way in sorted(ways[column], key=lambda w: (w.source, w.type, w.subtype, sorted(w.signs))):
        source = str(way.source).removeprefix("bronze.t.")
        words = (way.type, way.subtype, *sorted(way.signs), *(["tells"] if way.tells else []))
        found[source] = "; ".join(filter(None, (found.get(source), " ".join(words))))
    return found


@F.pandas_udf(StringType())  # type: ignore[call-overload,misc]
def own(values: pd.Series) -> pd.Series:
    return values


def pseudonyms(values: pd.Series) -> pd.Series:
    return values


hashed = F.pandas_udf(anonymizer(pseudonyms), StringType())  # type: ignore[call-overload]

EXPRESSIONS: dict[str, tuple[str | Callable[[], Column], dict[str, str]]] = {
    "as it is": ("name", {"name": IDENTITY}),
    "cast to its own type": ("cast(name as string)", {"name": IDENTITY}),
    "cast": ("cast(id as string)", {"id": TRANSFORMATION}),
    "function": ("concat(name, '-', city)", {"name": TRANSFORMATION, "city": TRANSFORMATION}),
    "case by another": (
        "case when name = 'Ann' then city else 'x' end",
        {"name": TELLS, "city": TRANSFORMATION},
    ),
    "case by itself": (
        "case when name = 'Ann' then name end",
        {"name": f"{TRANSFORMATION}; {CONDITIONAL}"},
    ),
    "case of constants": (
        "case name when 'Ann' then 1 when 'Bo' then 2 end",
        {"name": TRANSFORMATION},
    ),
    "nested case of constants": (
        "if(id = 1, case when name = 'Ann' then 'a' end, 'b')",
        {"id": TRANSFORMATION, "name": TRANSFORMATION},
    ),
    "presence": ("case when name is not null then '<NAME>' end", {"name": CONDITIONAL}),
    "if": ("if(name > 'B', city, city)", {"name": TELLS, "city": TRANSFORMATION}),
    "coalesce": ("coalesce(name, city)", {"name": TRANSFORMATION, "city": TRANSFORMATION}),
    "nullif": (
        "nullif(city, name)",
        {"name": TELLS, "city": f"{TRANSFORMATION}; {CONDITIONAL}"},
    ),
    "nvl2": ("nvl2(name, city, 'x')", {"name": CONDITIONAL, "city": TRANSFORMATION}),
    "decode": ("decode(name, 'Ann', 1, 2)", {"name": TRANSFORMATION}),
    "map of constants": ("map('Ann', 1)[name]", {"name": TRANSFORMATION}),
    "element_at": ("element_at(map('Ann', 1), name)", {"name": TRANSFORMATION}),
    "array of constants": ("array(1, 2)[id]", {"id": TRANSFORMATION}),
    "boolean": ("name = 'Ann' or id > 3", {"name": TRANSFORMATION, "id": TRANSFORMATION}),
    "in": ("name in ('Ann', 'Bo')", {"name": TRANSFORMATION}),
    "struct field": ("named_struct('a', name).a", {"name": TRANSFORMATION}),
    "map lookup": ("map[city]", {"map": TRANSFORMATION, "city": TRANSFORMATION}),
    "transform": (
        "transform(list, x -> concat(x, name))",
        {"list": TRANSFORMATION, "name": TRANSFORMATION},
    ),
    "filter": ("filter(list, x -> x = name)", {"list": TRANSFORMATION, "name": TRANSFORMATION}),
    "aggregate": (
        "aggregate(list, '', (a, x) -> concat(a, x, name))",
        {"list": TRANSFORMATION, "name": TRANSFORMATION},
    ),
    "map_filter": (
        "map_filter(map, (k, v) -> k = name)",
        {"map": TRANSFORMATION, "name": TRANSFORMATION},
    ),
    "udf of one's own": (lambda: own("name"), {"name": TRANSFORMATION}),
    "registered udf": (lambda: hashed("name"), {"name": f"{TRANSFORMATION} hash"}),
    "registered udf in a udf": (lambda: own(hashed("name")), {"name": f"{TRANSFORMATION} hash"}),
    "beside a registered udf": (
        lambda: F.concat(hashed("name"), F.col("name")),
        {"name": f"{TRANSFORMATION}; {TRANSFORMATION} hash"},
    ),
    "substring": ("substring(name, 1, 2)", {"name": f"{TRANSFORMATION} prefix:2"}),
    "substring from elsewhere": ("substring(name, 2, 2)", {"name": TRANSFORMATION}),
    "substring as long as a column": (
        "left(name, id)",
        {"name": TRANSFORMATION, "id": TRANSFORMATION},
    ),
    "constant": ("'x'", {}),
}


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_an_expression(lake, t, what):
    given, wanted = EXPRESSIONS[what]
    value = F.expr(given) if isinstance(given, str) else given()
    assert of(lake, t.select(value.alias("value")), "value") == wanted


def exploded(t: DataFrame) -> DataFrame:
    return t.select(F.explode(F.array("name", "city")).alias("v"), "id").select("v")


def inlined(t: DataFrame) -> DataFrame:
    return t.selectExpr("inline(array(named_struct('v', name, 'w', id)))").select("v")


def windowed(t: DataFrame) -> DataFrame:
    by_city = Window.partitionBy("city").orderBy("id")
    return t.select(F.lag("name").over(by_city).alias("v"))


def in_pandas(t: DataFrame) -> DataFrame:
    return t.select("id", "name").mapInPandas(lambda frames: frames, "id int, v string").select("v")


def in_groups(t: DataFrame) -> DataFrame:
    few = t.select("id", "name")
    return few.groupBy("id").applyInPandas(lambda frame: frame, "v string")


def in_pairs_of_groups(t: DataFrame) -> DataFrame:
    few = t.select("id", "name").groupBy("id")
    other = t.select("id", "city").groupBy("id")
    return few.cogroup(other).applyInPandas(lambda a, b: a, "v string")


def self_joined(t: DataFrame) -> DataFrame:
    return t.alias("a").join(t.alias("b"), F.expr("a.id = b.id")).selectExpr("b.name as v")


def united_with_itself(t: DataFrame) -> DataFrame:
    """The inner union first, then one of its sides again: the same ids twice."""
    a, b = t.select(hashed("name").alias("v")), t.select(F.col("name").alias("v"))
    return a.union(b).union(a)


def deep(t: DataFrame) -> DataFrame:
    frame = t.withColumn("v", F.col("name"))
    for number in range(200):
        frame = frame.withColumn("v", F.concat("v", F.lit(str(number))))
    return frame.select("v")


ALL = dict.fromkeys(("id", "name"), TRANSFORMATION)
FRAMES: list[tuple[Callable[[DataFrame], DataFrame], dict[str, str]]] = [
    (exploded, {"name": TRANSFORMATION, "city": TRANSFORMATION}),
    (lambda t: t.select(F.posexplode("list")).selectExpr("col as v"), {"list": TRANSFORMATION}),
    (lambda t: t.select(F.explode_outer("map")).selectExpr("value as v"), {"map": TRANSFORMATION}),
    (inlined, {"name": TRANSFORMATION, "id": TRANSFORMATION}),
    (windowed, {"name": TRANSFORMATION, "city": WINDOW, "id": WINDOW}),
    (lambda t: t.agg(F.max("name").alias("v")), {"name": AGGREGATION}),
    (lambda t: t.agg(F.expr("count(*) filter (where name = 'Ann') as v")), {"name": TELLS}),
    (lambda t: t.groupBy("city").agg(F.collect_list("name").alias("v")), {"name": AGGREGATION}),
    (lambda t: t.rollup("name").count().selectExpr("name as v"), {"name": IDENTITY}),
    (lambda t: t.cube("name", "city").agg(F.max("id").alias("v")), {"id": AGGREGATION}),
    (lambda t: t.groupBy("city").pivot("id", [1]).agg(F.max("name")).selectExpr("`1` as v"),
     {"name": AGGREGATION, "id": TELLS}),
    # Spark does not tell how an unpivot is made: it comes from all columns.
    (lambda t: t.select("id", "name", "city").unpivot("id", ["name"], "k", "v").select("v"),
     {**ALL, "city": TRANSFORMATION}),
    (lambda t: t.dropDuplicates(["city"]).selectExpr("name as v"), {"name": IDENTITY}),
    (lambda t: t.drop("map").distinct().selectExpr("name as v"), {"name": IDENTITY}),
    (lambda t: t.select("name").intersect(t.select("city")).selectExpr("name as v"),
     {"name": IDENTITY}),
    (lambda t: t.cache().selectExpr("name as v"), {"name": IDENTITY}),
    (lambda t: t.orderBy("city").limit(3).repartition(2).sample(0.5).selectExpr("name as v"),
     {"name": IDENTITY}),
    (in_pandas, ALL), (in_groups, ALL), (in_pairs_of_groups, {**ALL, "city": TRANSFORMATION}),
    (lambda t: t.mapInArrow(lambda batches: batches, "v string"),
     dict.fromkeys(t_columns := ("id", "name", "city", "list", "map"), TRANSFORMATION)),
    (self_joined, {"name": IDENTITY}),
    (united_with_itself, {"name": f"{IDENTITY}; {TRANSFORMATION} hash"}),
    (deep, {"name": TRANSFORMATION}),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(FRAMES)))
def test_a_frame(lake, t, number):
    make, wanted = FRAMES[number]
    assert of(lake, make(t), "v") == wanted


@pytest.mark.parametrize("kind", ["left_semi", "left_anti"])
def test_a_one_sided_join_takes_rows_alone(lake, t, u, kind):
    joined = t.select("id", "name").join(u.select("id", "city"), "id", kind)
    assert {name: told(ways_of(lake, joined), name) for name in joined.columns} == {
        "id": {"id": IDENTITY}, "name": {"name": IDENTITY},
    }  # fmt: skip


def test_a_full_join_takes_its_key_from_both_sides(lake, t, u):
    joined = t.select("id", "name").join(u.select("id", "city"), "id", "full")
    both = {"id": TRANSFORMATION, "silver.u.id": TRANSFORMATION}
    assert of(lake, joined, "id") == both
    assert of(lake, joined, "city") == {"silver.u.city": IDENTITY}


def test_a_union_takes_columns_by_position_and_widens_types(lake, t, u):
    united = t.selectExpr("id", "name as v").union(u.selectExpr("cast(id as bigint)", "city"))
    assert of(lake, united, "v") == {"name": IDENTITY, "silver.u.city": IDENTITY}
    assert of(lake, united, "id") == {"id": TRANSFORMATION, "silver.u.id": TRANSFORMATION}


SQL = {
    "select id, (select max(name) from t) v from u": {"name": AGGREGATION},
    "select (select max(b.name) from t b where b.id = u.id) v from u": {
        "name": AGGREGATION, "silver.u.id": TRANSFORMATION},
    "select city in (select name from t) v from u": {
        "name": TRANSFORMATION, "silver.u.city": TRANSFORMATION},
    "with x as (select name n from t) select a.n v from x a join x b on a.n = b.n": {
        "name": IDENTITY},
    "with x as (select name n from t), y as (select n m from x) select m v from y": {
        "name": IDENTITY},
    "select s.v from u, lateral (select max(t.name) v from t where t.id = u.id) s": {
        "name": AGGREGATION},
    "select v from (select name v from t union all select city from u)": {
        "name": IDENTITY, "silver.u.city": IDENTITY},
    "select transform(id, name) using 'cat' as (v string) from t": ALL,
    "select v from (select * from u) lateral view explode(list) as v": {
        "silver.u.list": TRANSFORMATION},
}  # fmt: skip


@pytest.mark.parametrize("sql", SQL)
def test_sql(lake, views, sql):
    assert of(lake, views.sql(sql), "v") == SQL[sql]


def test_tables_are_known_by_path_in_sql_and_file_by_file(lake, spark):
    path = Path(lake.path("bronze.t"))
    by_path = spark.sql(f"select name v from delta.`{path}`")
    assert of(lake, by_path, "v") == {"name": IDENTITY}
    file = next(path.glob("*.parquet"))
    for files in ([file], [file, file]):
        frame = spark.read.parquet(*map(str, files)).selectExpr("name as v")
        assert of(lake, frame, "v") == {"name": IDENTITY}


def test_rows_of_the_driver_come_from_nowhere(lake, spark):
    assert of(lake, spark.createDataFrame([("x",)], "v string"), "v") == {}
    assert of(lake, spark.createDataFrame(pd.DataFrame({"v": ["x"]})), "v") == {}
    assert of(lake, spark.range(3).selectExpr("id as v"), "v") == {}


@pytest.mark.parametrize(
    "cut",
    [
        lambda spark, t: t.localCheckpoint(),
        lambda spark, t: spark.createDataFrame(t.rdd, t.schema),
        lambda spark, t: t.rdd.map(lambda row: (row.name,)).toDF("name string"),
        lambda spark, t: spark.createDataFrame(t.rdd.map(tuple).groupBy(len).flatMap(lambda g: g[1]),
                                               t.schema),
    ],
)  # fmt: skip
def test_rows_of_an_rdd_come_from_nobody_knows_where(lake, spark, t, cut):
    frame = cut(spark, t).selectExpr("name as v")
    assert of(lake, frame, "v") == {"unknown.rows.name": IDENTITY}


def attribute(number: int, name: str = "v") -> dict:
    return {"class": "x.AttributeReference", "num-children": 0, "name": name, "exprId": {"id": number}}  # fmt: skip


@pytest.mark.parametrize("output", [[[attribute(9)]], None])
def test_a_node_that_is_not_known_makes_its_columns_of_all_below(output):
    leaf = Node({"class": "x.LogicalRelation", "output": [[attribute(1, "a")], [attribute(2, "b")]]}, ())  # fmt: skip
    strange = Node({"class": "x.SomethingNew", "output": output}, (leaf,))
    plan = Node({"class": "x.Project", "projectList": [[attribute(9)]]}, (strange,))
    found = told(PlanColumns(plan, {1: "bronze.t"}).ways(), "v")
    assert found == {"a": TRANSFORMATION, "b": TRANSFORMATION}


def test_a_union_with_a_node_that_is_not_known_comes_from_everything():
    leaf = Node({"class": "x.LogicalRelation", "output": [[attribute(1, "a")], [attribute(2, "b")]]}, ())  # fmt: skip
    one = Node({"class": "x.Project", "projectList": [[attribute(1, "a")]]}, (leaf,))
    strange = Node({"class": "x.SomethingNew"}, (leaf,))
    found = told(
        PlanColumns(Node({"class": "x.Union"}, (one, strange)), {1: "bronze.t"}).ways(), "a"
    )
    assert found == {"a": f"{IDENTITY}; {TRANSFORMATION}", "b": TRANSFORMATION}


def test_1500_columns_are_read_in_seconds(lake, t):
    wide = t.select(*(F.concat("name", F.lit(n)).alias(f"c{n}") for n in range(1500)))
    wide = wide.select(*(F.upper(name).alias(name) for name in wide.columns))
    begun = time.perf_counter()
    ways = ways_of(lake, wide)
    seconds = time.perf_counter() - begun
    assert len(ways) == 1500 and told(ways, "c1499") == {"name": TRANSFORMATION}
    print(f"1,500 columns: {seconds:.1f} s")
    assert seconds < 10
