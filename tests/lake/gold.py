"""Gold, worked out by DuckDB from the Parquet files of a lake alone, as the JSON of its tables.

gold.py LAKE prints {"tables": …, "bronze_rows": n}; a row that stands twice ends it.
"""

import json
import os
import sys

import duckdb

lake = sys.argv[1].rstrip("/")
if lake.startswith("s3://"):
    from duckdb_extensions import import_extension

    import_extension("httpfs")
    endpoint = os.environ["GOLDSTREAM_TEST_S3"].removeprefix("http://")
    duckdb.sql(
        "CREATE SECRET (TYPE s3, KEY_ID 'minioadmin', SECRET 'minioadmin', REGION 'us-east-1', "
        f"ENDPOINT '{endpoint}', URL_STYLE 'path', USE_SSL false)"
    )


def rows(statement):
    answer = duckdb.sql(statement)
    return [dict(zip(answer.columns, row)) for row in answer.fetchall()]


def each_once(table, place):
    [found] = rows(f"SELECT count(*) AS rows, count(DISTINCT ({place})) AS places FROM {table}")
    assert found["rows"] == found["places"], f"rows of {table} stand twice: {found}"
    return found["rows"]


def half_even(total, count):
    quotient, rest = divmod(total, count)
    return quotient + (2 * rest > count or (2 * rest == count and quotient % 2 == 1))


def view(name, folder, empty):
    try:
        found = f"read_parquet('{lake}/{folder}/**/*.parquet', hive_partitioning = true)"
        duckdb.sql(f"CREATE VIEW {name} AS SELECT * FROM {found}")
    except duckdb.IOException:
        duckdb.sql(f"CREATE VIEW {name} AS SELECT {empty} WHERE false")


place = '"partition", "position"'
customer = "'' AS customer_id, '' AS name, '' AS email, DATE '2024-01-01' AS signup_date, '' AS country"
view("bronze_customers", "bronze/customers", '0 AS "partition", 0 AS "position"')
view("bronze_purchases", "bronze/purchases", '0 AS "partition", 0 AS "position"')
view("purchases", "silver/purchases", '0 AS "partition", 0 AS "position", \'\' AS purchase_id')
view("versions", "silver/customers", f'0 AS "partition", 0 AS "position", {customer}')
view("refused", "quarantine", "0 AS log_partition, 0 AS log_position")
bronze_rows = each_once("bronze_customers", place) + each_once("bronze_purchases", place)
each_once("purchases", place)
each_once("purchases", "purchase_id")
each_once("versions", place)
refused_rows = each_once("refused", "log_partition, log_position")

# Versions of a customer stand in one partition, in the order in which they hold.
duckdb.sql(
    "CREATE VIEW known AS SELECT * FROM versions "
    'QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY "position" DESC) = 1'
)
sums = "count(*) AS orders, sum(amount_cents)::BIGINT AS revenue_cents"
tables = {
    "customers": rows(
        f"""SELECT customer_id, known.customer_id IS NOT NULL AS known, name, email,
            strftime(signup_date, '%Y-%m-%d') AS signup_date, country,
            coalesce(orders, 0) AS orders, coalesce(revenue_cents, 0) AS revenue_cents,
            strftime(first, '%Y-%m-%dT%H:%M:%S') AS first_purchase,
            strftime(last, '%Y-%m-%dT%H:%M:%S') AS last_purchase
            FROM known FULL JOIN (SELECT customer_id, {sums}, min(purchased_at) AS first,
            max(purchased_at) AS last FROM purchases GROUP BY ALL) USING (customer_id)"""
    ),
    "products": rows(
        f"SELECT product, {sums}, min(amount_cents) AS min_cents, max(amount_cents) AS max_cents "
        "FROM purchases GROUP BY ALL"
    ),
    "months": rows(
        f"SELECT month, {sums}, count(DISTINCT customer_id) AS customers FROM purchases GROUP BY ALL"
    ),
    "days": rows(
        f"SELECT strftime(purchased_at, '%Y-%m-%d') AS day, {sums} FROM purchases GROUP BY ALL"
    ),
    "countries": rows(
        f"SELECT country, count(DISTINCT customer_id) AS buyers, {sums} "
        "FROM purchases LEFT JOIN known USING (customer_id) GROUP BY ALL"
    ),
}
averages = {
    "customers": "average_cents",
    "products": "average_cents",
    "months": "average_basket_cents",
    "countries": "average_basket_cents",
}
for table, found in tables.items():
    for row in found:
        if table in averages:
            orders = row["orders"]
            row[averages[table]] = half_even(row["revenue_cents"], orders) if orders else None
    key = next(iter(found[0])) if found else ""
    found.sort(key=lambda row: (row[key] is None, (row[key] or "").encode()))
print(json.dumps({"tables": tables, "bronze_rows": bronze_rows, "refused_rows": refused_rows}))
