"""What every Spark of the tests starts with: all share one JVM, and the first of them says how it starts."""

SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # Nothing runs long enough to be worth the second compiler.
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}
