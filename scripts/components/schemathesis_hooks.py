"""Teaches schemathesis to send rows as lines of JSON and as CSV."""

import csv
import io
import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context, rows):
    if not isinstance(rows, list):
        rows = [rows]
    return "\n".join(json.dumps(row) for row in rows).encode()


@schemathesis.serializer("text/csv")
def table(context, rows):
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return json.dumps(rows).encode()
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([json.dumps(row[name]) if name in row else "" for name in names])
    return text.getvalue().encode("utf-8", "surrogatepass")
