"""Daily features as pure functions of frames: what was sold and returned per day and product category."""

from __future__ import annotations

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

UNKNOWN = "unknown"
DAY = "order_date"


def daily_features(orders: DataFrame, products: DataFrame, customers: DataFrame) -> DataFrame:
    """One row per day and category with orders that were not cancelled; columns as in datasets/daily_features.json.

    A product that is not in `products` counts as category `unknown`. `customers` counts those in `customers` only. The
    net amount is rounded half up per order, so that sums of days equal sums of orders.
    """
    known = customers.select("customer_id", F.col("customer_id").alias("_known"))
    gross = F.col("quantity").cast("decimal(10,0)") * F.col("unit_price")
    share = F.lit(1).cast("decimal(1,0)") - F.coalesce("discount", F.lit(0).cast("decimal(5,4)"))
    sold = (
        orders.where(F.col("status") != "cancelled")
        .join(products.select("product_id", "category"), "product_id", "left")
        .join(known, "customer_id", "left")
        .withColumns({"_gross": gross, "_net": F.round(gross * share, 2), "_returned": F.col("status") == "returned"})
    )
    count, returned = F.count("*"), F.count_if("_returned")
    return sold.groupBy(F.col(DAY).alias("feature_date"), F.coalesce("category", F.lit(UNKNOWN)).alias("category")).agg(
        count.alias("orders"),
        F.sum("quantity").alias("quantity"),
        F.sum("_gross").cast("decimal(18,2)").alias("gross_amount"),
        F.sum("_net").cast("decimal(18,2)").alias("net_amount"),
        F.count_distinct("_known").alias("customers"),
        returned.alias("returned_orders"),
        F.round(_whole(returned) / _whole(count), 6).cast("decimal(9,6)").alias("returns_rate"),
    )


def changed_products(before: DataFrame, after: DataFrame) -> DataFrame:
    """`product_id` of products that came, went or moved to another category."""
    old, new = before.select("product_id", "category"), after.select("product_id", "category")
    return new.subtract(old).union(old.subtract(new)).select("product_id").distinct()


def new_customers(before: DataFrame, after: DataFrame) -> DataFrame:
    """`customer_id` of customers that came."""
    return after.select("customer_id").subtract(before.select("customer_id"))


def days_of(orders: DataFrame, products: DataFrame, customers: DataFrame) -> DataFrame:
    """Days (as text, `day`) with orders of one of these products or by one of these customers."""
    of_products = orders.join(products, "product_id", "left_semi").select(DAY)
    of_customers = orders.join(customers, "customer_id", "left_semi").select(DAY)
    return of_products.union(of_customers).select(F.col(DAY).cast("string").alias("day")).distinct()


def known_keys(features: DataFrame, published: DataFrame, key: tuple[str, ...]) -> int:
    """How many rows take the place of a published row."""
    return features.join(published.select(*key), list(key), "left_semi").count()


def _whole(count: Expression) -> Expression:
    return count.cast("decimal(18,0)")
