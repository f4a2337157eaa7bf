"""Makes the Parquet fixtures; see README.md. Needs pyarrow."""

import csv
import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

with open("boston_raw.csv", newline="") as file:
    rows = list(csv.DictReader(file))
INTEGERS = {"chas": pa.int8(), "rad": pa.uint16(), "tax": pa.int64()}
boston = pa.table(
    {
        name: pa.array(
            [int(row[name]) if name in INTEGERS else float(row[name]) for row in rows],
            INTEGERS.get(name, pa.float64()),
        )
        for name in rows[0]
    }
)
pq.write_table(boston, "boston.parquet", row_group_size=200, compression="zstd")

numbers = [1, 2, None]
types = {
    str(dtype): pa.array(numbers, dtype)
    for dtype in [
        pa.int8(), pa.int16(), pa.int32(), pa.int64(),
        pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
        pa.float32(), pa.float64(),
    ]
}
types["float16"] = pa.array([1.0, 2.0, None], pa.float16())
types["decimal"] = pa.array([decimal.Decimal("1.00"), decimal.Decimal("2.00"), None])
types["string"] = pa.array(["1", " 2.0 ", None])
types["large_string"] = pa.array(["1", "2", None], pa.large_string())
types["category"] = pa.array(["1", "2", None]).dictionary_encode()
types["bool"] = pa.array([True, False, None])
types["null"] = pa.nulls(3)
types["date"] = pa.array([datetime.date(2024, 2, 29)] * 2 + [None])
types["timestamp"] = pa.array([datetime.datetime(2024, 2, 29, 12)] * 2 + [None])
types["time"] = pa.array([datetime.time(12)] * 2 + [None])
types["duration"] = pa.array([datetime.timedelta(1)] * 2 + [None])
types["binary"] = pa.array([b"1", b"2", None])
types["list"] = pa.array([[1.0], [2.0], None])
types["struct"] = pa.array([{"a": 1}, {"a": 2}, None])
for name, column in types.items():
    pq.write_table(pa.table({"x": column}), f"types/{name}.parquet")
