"""Small Parquet files of our own rows, as the library datasets writes them and in other codecs.

    python write.py      writes rows.jsonl, hub.parquet, CODEC.parquet, legacy.parquet,
                         numbers.parquet, bytes.parquet

Made with datasets 5.0.1 and pyarrow 25.
"""

import json
from decimal import Decimal
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
ROWS = [
    {
        "id": "a",
        "context": "Hedda wears the bonnet.\u2028Orla does not.",
        "question": "Who wears it?",
        "answers": {"text": ["Hedda", "Hedda of Elmford"], "answer_start": [0, 0]},
        "choices": ["x", None],
        "nested": [[1, 2], []],
        "structs": [{"tag": "t", "n": None}],
        "large": 2**40,
        "share": 0.5,
        "flag": True,
        "none": None,
    },
    {
        "id": "b",
        "context": "",
        "question": "ä",
        "answers": {"text": [], "answer_start": []},
        "choices": None,
        "nested": None,
        "structs": [],
        "large": 3,
        "share": -1.25,
        "flag": None,
        "none": "n",
    },
]


def main():
    data = datasets.Dataset.from_list(ROWS)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    (HERE / "rows.jsonl").write_text(lines, encoding="utf-8")
    data.to_parquet(HERE / "hub.parquet")
    table = data.data.table
    for codec in ("snappy", "gzip", "zstd", "none", "brotli"):
        # One row a group, so that readers go from group to group.
        pq.write_table(table, HERE / f"{codec}.parquet", compression=codec, row_group_size=1)
    pq.write_table(table, HERE / "legacy.parquet", use_compliant_nested_type=False, version="1.0")
    numbers = {
        "small": pa.array([Decimal("123.45")], pa.decimal128(5, 2)),
        "large": pa.array([Decimal("-12345678901.25")], pa.decimal128(15, 2)),
        "huge": pa.array([Decimal("1234567890123456789012.5")], pa.decimal128(30, 1)),
        "u8": pa.array([200], pa.uint8()),
        "u32": pa.array([2**32 - 1], pa.uint32()),
        "u64": pa.array([2**64 - 1], pa.uint64()),
    }
    pq.write_table(pa.table(numbers), HERE / "numbers.parquet", store_decimal_as_integer=True)
    pq.write_table(pa.table({"text": pa.array([b"bytes"], pa.binary())}), HERE / "bytes.parquet")


main()
