"""From text lines to typed rows: every line gets its values, or the one reason why it has none.

Checks go in a fixed order and the first that fails names the reason: row_too_long, malformed_row, then per column (in
schema order) missing_value, not_a_<type>, pattern_mismatch, not_allowed, out_of_range.
"""

from __future__ import annotations

from decimal import Decimal

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.checksum import NULL, SEPARATOR
from lakehouse.schema import Column, ColumnType, Dataset
from lakehouse.spark_lines import FILE, LINE, VALUE

MAX_ROW_BYTES = 1024 * 1024
RAW_CHARACTERS = 1024

RAW, REASON, DETAIL, TEXT, KEY = "_raw", "_reason", "_detail", "_text", "_key"
_FIELDS, _PROBLEM = "_fields", "_problem"

_FORMS = {
    "int": r"^[+-]?[0-9]+\z",
    "bigint": r"^[+-]?[0-9]+\z",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z",
    "timestamp": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z\z",
}


def parse_rows(lines: DataFrame, dataset: Dataset) -> DataFrame:
    """Typed rows of lines (value, _file, _line).

    Gives the table's columns, _file, _line, _raw (the line), _reason and _detail (null for a good row), _text (the
    canonical text, null for a bad row) and _key (the key as text; for a bad row one that no other row has).
    """
    raw = F.when(F.col(VALUE).endswith("\r"), F.expr("substring(value, 1, length(value) - 1)")).otherwise(F.col(VALUE))
    long = F.octet_length(RAW) > MAX_ROW_BYTES
    split = lines.select(FILE, LINE, raw.alias(RAW)).withColumn(_FIELDS, F.when(~long, split_fields(F.col(RAW))))
    count = len(dataset.columns)
    fields = [_text_or_null(F.col(_FIELDS)[i]).alias(_name(c)) for i, c in enumerate(dataset.columns)]
    shape = _shape_problem(F.col(RAW), long, count)
    texts = split.select(FILE, LINE, RAW, shape.alias("_shape"), *fields)
    typed = texts.select("*", *(_value(column).alias(column.name) for column in dataset.columns))
    checked = typed.withColumn(_PROBLEM, _first_problem(dataset))
    good = F.col(_PROBLEM).isNull()
    return checked.select(
        *(column.name for column in dataset.columns),
        *_derived(dataset),
        FILE,
        LINE,
        F.when(F.col(f"{_PROBLEM}.reason") == "row_too_long", F.substring(RAW, 1, RAW_CHARACTERS))
        .otherwise(F.col(RAW))
        .alias(RAW),
        F.col(f"{_PROBLEM}.reason").alias(REASON),
        F.col(f"{_PROBLEM}.detail").alias(DETAIL),
        F.when(good, _canonical(dataset)).alias(TEXT),
        F.when(good, key_text(dataset)).otherwise(F.concat(F.lit("\n"), FILE, F.lit(":"), LINE)).alias(KEY),
    )


def key_text(dataset: Dataset) -> Expression:
    """The key of a row as one text. A line feed joins the parts: no delivered value can contain one."""
    return F.concat_ws("\n", *(F.col(name).cast("string") for name in dataset.key))


def split_fields(raw: Expression) -> Expression:
    """The fields of a line as an array of texts; null when quotes are not as RFC 4180 has them.

    Between two more commas and cut at its quotes, a well-formed line has text outside of quotes at even places and
    quoted text at odd ones. Outside there is either nothing (between two quoted texts: a doubled quote) or text that
    starts and ends with a comma. Commas outside become line feeds, which no line can contain, and split the fields.
    Every step takes time in proportion to the line, however it was made up.
    """
    parts = F.split(F.concat(F.lit(","), raw, F.lit(",")), '"', -1)
    well_formed = (F.size(parts) % 2 == 1) & (F.size(F.filter(parts, _misplaced)) == 0)
    joined = F.array_join(F.transform(parts, _outside_to_separator), "")
    quoted = F.split(F.substring(joined, 2, MAX_ROW_BYTES), "\n", -1)
    # The last field is what follows the comma that was added.
    fields = F.slice(quoted, 1, F.size(quoted) - 1)
    return F.when(~raw.contains('"'), F.split(raw, ",", -1)).when(well_formed, fields)


def _text_or_null(field: Expression) -> Expression:
    return F.when(field != "", field)


def _misplaced(part: Expression, index: Expression) -> Expression:
    return (index % 2 == 0) & (part != "") & ~(part.startswith(",") & part.endswith(","))


def _outside_to_separator(part: Expression, index: Expression) -> Expression:
    outside = F.when(part == "", '"').otherwise(F.translate(part, ",", "\n"))
    return F.when(index % 2 == 1, part).otherwise(outside)


def _name(column: Column) -> str:
    """The text of a column, beside its typed value."""
    return f"_{column.name}"


def _problem(reason: str, detail: Expression) -> Expression:
    return F.struct(F.lit(reason).alias("reason"), detail.alias("detail"))


def _shape_problem(raw: Expression, long: Expression, count: int) -> Expression:
    got = F.size(_FIELDS)
    return (
        F.when(long, _problem("row_too_long", F.concat(F.octet_length(raw), F.lit(" bytes"))))
        .when(F.col(_FIELDS).isNull(), _problem("malformed_row", F.lit("quotes")))
        .when(
            got != count, _problem("malformed_row", F.concat(F.lit("fields: got "), got, F.lit(f", expected {count}")))
        )
    )


def _first_problem(dataset: Dataset) -> Expression:
    found = F.when(F.col("_shape").isNotNull(), F.col("_shape"))
    for column in dataset.columns:
        for reason, failed in _column_checks(column):
            found = found.when(failed, _problem(reason, F.lit(column.name)))
    return found


def _value(column: Column) -> Expression:
    text, kind = F.col(_name(column)), column.type
    if kind.kind == "string":
        return text
    if kind.kind == "boolean":
        return F.when(text == "true", True).when(text == "false", False)
    return F.when(text.rlike(_form(kind)), text.cast(str(kind)))


def _form(kind: ColumnType) -> str:
    if kind.kind != "decimal":
        return _FORMS[kind.kind]
    fraction = rf"(?:\.[0-9]{{1,{kind.scale}}})?" if kind.scale else ""
    return rf"^[+-]?[0-9]+{fraction}\z"


def _column_checks(column: Column) -> list[tuple[str, Expression]]:
    text, value = F.col(_name(column)), F.col(column.name)
    checks: list[tuple[str, Expression]] = []
    if column.required:
        checks.append(("missing_value", text.isNull()))
    if column.type.kind != "string":
        checks.append((f"not_a_{column.type.kind}", text.isNotNull() & _not_typed(column, value)))
    if column.pattern is not None:
        # Java's $ would also stand before a line end; \z is the end and nothing else.
        checks.append(("pattern_mismatch", ~value.rlike(column.pattern[:-1] + r"\z")))
    if column.allowed:
        checks.append(("not_allowed", ~value.isin(*column.allowed)))
    limits = []
    if column.minimum is not None:
        limits.append(value < _number(column.minimum, column.type))
    if column.maximum is not None:
        limits.append(value > _number(column.maximum, column.type))
    if limits:
        checks.append(("out_of_range", limits[0] if len(limits) == 1 else limits[0] | limits[1]))
    return checks


def _not_typed(column: Column, value: Expression) -> Expression:
    if column.type.kind not in ("date", "timestamp"):
        return value.isNull()
    # Spark knows a year 0000; the calendar, Python and Parquet's readers do not.
    return value.isNull() | F.col(_name(column)).startswith("0000")


def _number(text: str, kind: ColumnType) -> Expression:
    return F.lit(Decimal(text)) if kind.kind == "decimal" else F.lit(int(text))


def _derived(dataset: Dataset) -> list[Expression]:
    partition = dataset.partition
    if not partition.derived:
        return []
    day = F.col(partition.source).cast("date")
    return [(F.trunc(day, "month") if partition.transform == "month" else day).alias(partition.column)]


def _canonical(dataset: Dataset) -> Expression:
    """checksum.canonical_sql for rows just read: times are written from their texts, which is much cheaper."""
    parts = [F.coalesce(_canonical_text(column), F.lit(NULL)) for column in dataset.columns]
    if dataset.partition.derived:
        text = f"_{dataset.partition.source}"
        month = dataset.partition.transform == "month"
        parts.append(F.concat(F.substring(text, 1, 8), F.lit("01")) if month else F.substring(text, 1, 10))
    return F.concat_ws(SEPARATOR, *parts)


def _canonical_text(column: Column) -> Expression:
    text, value = F.col(_name(column)), F.col(column.name)
    if column.type.kind == "timestamp":
        return F.when(F.length(text) == 20, F.concat(F.substring(text, 1, 19), F.lit(".000Z"))).otherwise(text)
    if column.type.kind in ("string", "date", "boolean"):
        return text
    if column.type.kind == "decimal" and column.type.scale > 6:
        return F.format_string(f"%.{column.type.scale}f", value)
    return value.cast("string")
