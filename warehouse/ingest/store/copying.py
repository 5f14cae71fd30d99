"""Frames into PostgreSQL by COPY, with the next frame parsed while the server is still busy with the last."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from warehouse import access
from warehouse.engine import WriteSession

_CHUNK = 1 << 20  # bytes that are handed over at a time; psycopg2's own 8 kB wake the parsing thread far too often


def copy_frame(session: WriteSession, table: str, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Append ``frame[columns]`` to ``table`` in the session's transaction. Nulls stay nulls, text stays text."""
    under_policies = table in access.POLICIES
    connection = session.connection()
    # Whichever it is, saying so waits for what may be under way on the connection.
    (access.become_owner if under_policies else access.become_writer)(connection)
    send_frame(connection.connection.driver_connection, table, frame, columns)
    if under_policies:
        access.become_writer(connection)


def send_frame(driver: Any, table: str, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """The same over a connection of the driver, by whoever it acts as."""
    buffer = io.BytesIO()
    # Text is quoted and nulls are not, which is how COPY tells the empty string from no value.
    frame.select(columns).write_csv(buffer, include_header=False, quote_style="non_numeric")
    buffer.seek(0)
    names = ", ".join(f'"{column}"' for column in columns)
    with driver.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)", buffer, _CHUNK)


def copy_out(session: WriteSession, query: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The answer of a query that needs no parameters, by COPY."""
    buffer = io.BytesIO()
    connection = session.connection()
    access.become_writer(connection)  # which waits for what may be under way on the connection
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", buffer, _CHUNK)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    written = {name: pl.String() if kind == pl.Boolean else kind for name, kind in schema.items()}
    frame = pl.read_csv(buffer, has_header=False, schema=written)
    return frame.with_columns(pl.col(name) == "t" for name, kind in schema.items() if kind == pl.Boolean)


def prefetched(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same frames, each produced on another thread while the one before is used. Two are in memory at most.

    An exception of the producer is raised here, in its place. A consumer that leaves early stops the producer.
    """
    ready: queue.Queue[tuple[pl.DataFrame | None, BaseException | None]] = queue.Queue(maxsize=1)
    left = threading.Event()

    def hand_over(frame: pl.DataFrame | None, error: BaseException | None = None) -> bool:
        while not left.is_set():
            try:
                ready.put((frame, error), timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        try:
            for frame in frames:
                if not hand_over(frame):
                    return
        except BaseException as error:  # noqa: BLE001 - handed to the consumer, who raises it
            hand_over(None, error)
            return
        hand_over(None)

    thread = threading.Thread(target=produce, name="parse", daemon=True)
    thread.start()
    try:
        while True:
            frame, error = ready.get()
            if error is not None:
                raise error
            if frame is None:
                return
            yield frame
    finally:
        left.set()
        thread.join()
