"""Parquet files; only the columns that describe a paper are read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.errors import InputError
from kg.sources import fields
from kg.sources.shapes import shape_of
from kg.sources.stream import STDIN, Row, Source
from kg.types import Reject

_BATCH = 512


def recognise(source: Source, mapping: Mapping[str, str]) -> bool:
    """Whether it begins with the mark of Parquet."""
    return source.head.startswith(b"PAR1")


def rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row | Reject]:
    """One row for each row of the table, numbered from 1."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(_seekable(source), pre_buffer=False) as file:
            names = file.schema_arrow.names
            fields.check(names, mapping, source.name)
            wanted = shape_of(names, mapping).wanted(names, mapping)
            number = 0
            for batch in file.iter_batches(_BATCH, columns=list(wanted)):
                for row in batch.to_pylist():
                    number += 1
                    yield Row(number, row)
    except pa.ArrowException as error:
        raise InputError(
            f"{source.name} is no whole Parquet file: {str(error).splitlines()[0]} Copy or write it again."
        ) from error


def _seekable(source: Source) -> Any:
    """Parquet is read from its end: a pipe or a compressed file is first put into a temporary one."""
    import shutil
    import tempfile

    if source.name != STDIN and not source.compressed and Path(source.name).is_file():
        return source.name
    file = tempfile.TemporaryFile()  # noqa: SIM115, goes with the Parquet file
    shutil.copyfileobj(source.stream, file)
    file.seek(0)
    return file
