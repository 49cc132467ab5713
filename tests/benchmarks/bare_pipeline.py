"""The yardstick: Bronze, Silver and Gold with bare Spark and Delta.

The same shape as Atlas (read, write Bronze, deduplicate, write Silver, aggregate, write Gold)
without PII, records, accounting or encryption: what those cost is the ratio to this.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from delta import configure_spark_with_delta_pip
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F


def session() -> SparkSession:
    builder = (
        SparkSession.builder.master("local[2]")
        .appName("bare")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.databricks.delta.snapshotPartitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"
        )
    )
    return configure_spark_with_delta_pip(builder).getOrCreate()


def first_of_each(df: DataFrame, key: str) -> DataFrame:
    newest = Window.partitionBy(key).orderBy(F.col("_ingested_at").desc())
    return df.withColumn("_n", F.row_number().over(newest)).where("_n = 1").drop("_n")


def write(df: DataFrame, path: Path, mode: str = "overwrite") -> None:
    df.write.format("delta").mode(mode).save(str(path))


def run(spark: SparkSession, sources: Path, lake: Path) -> None:
    """Customers and orders from CSV to one Gold table."""
    for table in ("customers", "orders"):
        raw = spark.read.option("header", True).csv(str(sources / f"{table}.csv"))
        write(
            raw.withColumn("_ingested_at", F.current_timestamp()), lake / "bronze" / table, "append"
        )
    bronze = {
        t: spark.read.format("delta").load(str(lake / "bronze" / t))
        for t in ("customers", "orders")
    }
    customers = first_of_each(bronze["customers"], "customer_id")
    write(customers.where("customer_id is not null"), lake / "silver" / "customers")
    orders = first_of_each(bronze["orders"], "order_id").withColumn(
        "order_amount", F.col("order_amount").cast("decimal(18,2)")
    )
    write(orders.where("customer_id is not null and order_amount >= 0"), lake / "silver" / "orders")
    silver = {
        t: spark.read.format("delta").load(str(lake / "silver" / t))
        for t in ("customers", "orders")
    }
    totals = (
        silver["orders"]
        .groupBy("customer_id")
        .agg(
            F.count("*").alias("total_orders"),
            F.sum("order_amount").alias("total_revenue"),
            F.avg("order_amount").alias("avg_order_value"),
            F.max("order_date").alias("last_order_date"),
        )
    )
    write(silver["customers"].join(totals, "customer_id", "left"), lake / "gold" / "customer_360")


if __name__ == "__main__":
    started = time.monotonic()
    spark = session()
    opened = time.monotonic()
    run(spark, Path(sys.argv[1]), Path(sys.argv[2]))
    print(f"session {opened - started:.1f} s, work {time.monotonic() - opened:.1f} s")
    spark.stop()
