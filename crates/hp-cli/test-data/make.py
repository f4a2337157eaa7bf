"""Makes boston.parquet; see README.md. Needs pyarrow."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq

with open("boston.csv", newline="") as file:
    rows = list(csv.DictReader(file))
INTEGERS = ("chas", "rad", "tax")
columns = {
    name.upper(): [int(row[name]) if name in INTEGERS else float(row[name]) for row in rows]
    for name in rows[0]
    if name != "b"
}
pq.write_table(pa.table(columns), "boston.parquet", row_group_size=200, compression="zstd")
