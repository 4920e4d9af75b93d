"""Reads silver of a lake by its ledger, again and again, while it is written.

reader.py LAKE TIMES: ends with an error where a row is seen twice, or one that was seen before is not there any
more. Where a file was removed meanwhile, or none is there yet, it looks again.
"""

import sys

import duckdb

lake, times = sys.argv[1], int(sys.argv[2])
NEWEST = f"""
SET VARIABLE files = (
    SELECT list('{lake}/' || file.path) FROM (
        SELECT unnest(files) AS file FROM read_json('{lake}/_log/silver/*/*.json', union_by_name = true)
        QUALIFY number = max(number) OVER (PARTITION BY "partition")
    ) WHERE file.path LIKE 'silver/purchases/%'
)
"""
READ = """
SELECT count(*), count(DISTINCT ("partition", "position")) FROM read_parquet(getvariable('files'), hive_partitioning = true)
"""
seen, looks, misses = 0, 0, 0
while looks < times:
    try:
        duckdb.sql(NEWEST)
        rows, places = duckdb.sql(READ).fetchone()
    except duckdb.Error as error:
        misses += 1
        assert misses < times * 20, error
        continue
    assert rows == places, f"{rows} rows at {places} places"
    assert rows >= seen, f"{rows} rows, {seen} before"
    seen, looks = rows, looks + 1
print(f"{looks} looks, {misses} missed, {seen} rows at last")
assert seen > 0
