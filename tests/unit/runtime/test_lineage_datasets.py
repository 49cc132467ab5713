"""Datasets' names and tables' names, both ways."""

import pytest

from conf.settings import Settings
from jobs.runtime.lineage.datasets import Tables, dataset_of, table_at

TABLES = ["bronze.customers", "silver.orders", "gold.customer_360", "ops.quarantine",
          "ops._staging.orders"]  # fmt: skip
APART = {f"{layer}": f"s3a://atlas-{layer}" for layer in ("bronze", "silver", "gold", "ops")}


@pytest.fixture
def lake(tmp_path):
    return Settings(lake=str(tmp_path / "lake"))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "settings",
    [
        {"lake": "/data/lake"},
        {"lake": "/data/my lake/100%25"},
        {"lake": "/data/lake", "namespace": "tenant"},
        {"lake": "/data/lake", "silver": "/elsewhere/silver", "namespace": "tenant"},
        {"lake": "/data/lake", "ops": "/data/lake/silver/records"},
        {"lake": "s3a://bucket/some/prefix"},
        {"lake": "s3a://bucket", "namespace": "tenant"},
        {"lake": "s3a://bucket", **APART},
    ],
    ids=str,
)
def test_a_table_is_found_by_its_dataset(settings, table):
    told = Settings(**settings)
    assert Tables(told).named(*dataset_of(told, table)) == table


def test_datasets_are_named_as_openlineage_names_them():
    folder, bucket = Settings(lake="/data/lake"), Settings(lake="s3a://bucket/lake")
    assert dataset_of(folder, "silver.orders") == ("file", "/data/lake/silver/orders")
    assert dataset_of(bucket, "silver.orders") == ("s3://bucket", "lake/silver/orders")


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("file", "{lake}/silver/orders/"),
        ("file", "file:{lake}/silver/orders"),
        ("file", "file://{lake}//silver/orders"),
        ("file:", "{lake}/silver/orders"),
        ("file", "{lake}/bronze/../silver/./orders"),
        ("file", "{lake}/silver/%6Frders"),
    ],
)
def test_other_spellings_of_a_folder_are_the_same_table(lake, namespace, name):
    assert Tables(lake).named(namespace, name.format(lake=lake.lake)) == "silver.orders"


def test_a_place_as_spark_tells_it_is_a_table():
    folder, bucket = Settings(lake="/data/my lake"), Settings(lake="s3a://bucket/my lake")
    assert table_at(folder, "file:/data/my lake/silver/orders") == "silver.orders"
    assert table_at(bucket, "s3a://bucket/my lake/silver/orders") == "silver.orders"
    assert table_at(bucket, "file:/data/my lake/silver/orders") is None


@pytest.mark.parametrize("namespace", ["s3://bucket", "s3a://bucket", "s3://bucket/"])
@pytest.mark.parametrize("name", ["my lake/gold/x", "/my lake/gold/x/", "my%20lake/gold/x"])
def test_other_spellings_of_a_key_are_the_same_table(namespace, name):
    assert Tables(Settings(lake="s3a://bucket/my lake")).named(namespace, name) == "gold.x"


def test_links_lead_to_the_table(tmp_path):
    """To the lake, and from a layer of it to another disk."""
    (tmp_path / "disk" / "gold").mkdir(parents=True)
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "gold").symlink_to(tmp_path / "disk" / "gold")
    (tmp_path / "link").symlink_to(tmp_path / "lake")
    tables = Tables(Settings(lake=str(tmp_path / "lake")))
    for place in ("lake", "link", "disk"):
        assert tables.named("file", f"{tmp_path}/{place}/gold/x") == "gold.x", place


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("file", "/elsewhere/silver/orders"),
        ("file", "{lake}/silver"),
        ("file", "{lake}/silverware/orders"),
        ("file", "{lake}/silver/orders/_delta_log"),
        ("file", "{lake}/silver/_staging/orders"),
        ("file", "{lake}/silver/orders/../../../x"),
        ("file", "{lake}/silver/.orders.part"),
        ("file", "{lake}/silver/ord\0ers"),
        ("file", "{lake}/silver/\ud800orders"),
        ("file", "{lake}/silver/" + "x" * 5000),
        ("file", ""),
        ("s3://bucket", "{lake}/silver/orders"),
        ("s3://", "silver/orders"),
        ("", "{lake}/silver/orders"),
        ("hdfs://host", "{lake}/silver/orders"),
    ],
)
def test_what_is_no_table_of_the_lake_has_no_name(lake, namespace, name):
    assert Tables(lake).named(namespace, name.format(lake=lake.lake)) is None


def test_another_namespaces_table_is_none_of_ours():
    own = Settings(lake="/data/lake", silver="/data/silver")
    other = Settings(lake="/data/lake", silver="/data/silver", namespace="tenant")
    for table in TABLES:
        assert Tables(own).named(*dataset_of(other, table)) is None
        assert Tables(other).named(*dataset_of(own, table)) is None
