"""What an engineer writes with nothing but PySpark: the yardstick of the transform's bench.

`plain.py RAW OUT` reads RAW/{orders,customers,products}.csv, types every column, sets bad rows aside with a reason, keeps
the newest row of each key and writes partitioned Parquet and the bad rows as JSON below OUT. It knows no line numbers, no published
state and no counts, so it does a little less than the job it is measured against. Prints seconds without the start of Spark.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F


@dataclass(frozen=True)
class Table:
    name: str
    key: str
    partition: Column
    types: dict[str, str]
    bad: Column


def number(name: str, kind: str) -> Column:
    return F.col(name).cast(kind)


def tables() -> list[Table]:
    quantity, price, discount = (
        number("quantity", "int"),
        number("unit_price", "decimal(10,2)"),
        number("discount", "decimal(5,4)"),
    )
    statuses = ("placed", "shipped", "delivered", "returned", "cancelled")
    orders_bad = (
        F.when(
            F.col("order_id").isNull() | F.col("customer_id").isNull() | F.col("product_id").isNull(), "missing_value"
        )
        .when(~F.col("order_id").rlike(r"^O\d{8}$"), "pattern_mismatch")
        .when(quantity.isNull() | price.isNull(), "not_a_number")
        .when(~quantity.between(1, 1000) | (price < 0) | ~discount.between(0, 1), "out_of_range")
        .when(~F.col("status").isin(*statuses), "not_allowed")
        .when(F.to_timestamp("ordered_at").isNull() | F.to_timestamp("updated_at").isNull(), "not_a_timestamp")
    )
    customers_bad = (
        F.when(F.col("customer_id").isNull() | F.col("country").isNull(), "missing_value")
        .when(~F.col("country").rlike(r"^[A-Z]{2}$"), "pattern_mismatch")
        .when(F.to_timestamp("signed_up_at").isNull() | F.to_timestamp("updated_at").isNull(), "not_a_timestamp")
    )
    products_bad = (
        F.when(F.col("product_id").isNull() | F.col("category").isNull(), "missing_value")
        .when(number("price", "decimal(10,2)").isNull(), "not_a_number")
        .when(F.to_timestamp("updated_at").isNull(), "not_a_timestamp")
    )
    times = {"ordered_at": "timestamp", "signed_up_at": "timestamp", "updated_at": "timestamp"}
    orders = {"quantity": "int", "unit_price": "decimal(10,2)", "discount": "decimal(5,4)", **times}
    return [
        Table("orders", "order_id", F.to_date("ordered_at").alias("order_date"), orders, orders_bad),
        Table("customers", "customer_id", F.col("country"), times, customers_bad),
        Table(
            "products",
            "product_id",
            F.col("category"),
            {"price": "decimal(10,2)", "active": "boolean", **times},
            products_bad,
        ),
    ]


def typed(rows: DataFrame, table: Table) -> DataFrame:
    columns = [F.col(c).cast(table.types[c]).alias(c) if c in table.types else F.col(c) for c in rows.columns]
    return rows.select(*columns)


def run(spark: SparkSession, source: str, target: str) -> None:
    for table in tables():
        raw = spark.read.csv(f"{source}/{table.name}.csv", header=True, mode="PERMISSIVE")
        checked = raw.withColumn("reason", table.bad).persist()
        good = typed(checked.where(F.col("reason").isNull()).drop("reason"), table)
        newest = Window.partitionBy(table.key).orderBy(F.col("updated_at").desc())
        ranked = good.withColumn("rank", F.row_number().over(newest))
        kept = ranked.where("rank = 1").drop("rank")
        partition = (
            "order_date" if table.name == "orders" else {"customers": "country", "products": "category"}[table.name]
        )
        if table.name == "orders":
            kept = kept.withColumn("order_date", table.partition)
        kept.repartition(partition).write.mode("overwrite").partitionBy(partition).parquet(f"{target}/{table.name}")
        bad = checked.where(F.col("reason").isNotNull())
        losers = (
            ranked.where("rank > 1")
            .drop("rank")
            .select(F.to_json(F.struct("*")).alias("row"), F.lit("duplicate_key").alias("reason"))
        )
        bad.select(F.to_json(F.struct("*")).alias("row"), "reason").unionByName(losers).write.mode("overwrite").json(
            f"{target}/quarantine/{table.name}"
        )
        checked.unpersist()


def main() -> None:
    source, target = sys.argv[1:3]
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    started = time.perf_counter()
    run(spark, source, target)
    print(f"seconds={time.perf_counter() - started:.3f}")
    spark.stop()


if __name__ == "__main__":
    main()
