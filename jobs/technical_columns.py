"""The columns the code adds to every table of a layer, for the data dictionary."""

from __future__ import annotations

from transformations import names

TECHNICAL_COLUMNS: tuple[tuple[str, str, str, str], ...] = tuple(
    (layer, f"`{name}`", kind, text)
    for layer, name, kind, text in (
        ("Bronze", names.DELIVERY, "bigint", "Number of the delivery; only grows, per table."),
        (
            "Bronze",
            names.ROW,
            "bigint",
            "Line number in the file from 1, header included; row number from 1 in Parquet.",
        ),
        ("Bronze", names.INGESTED_AT, "timestamp", "When the row was read (UTC)."),
        ("Bronze", names.BRONZE_RUN_ID, "string", "The run that read it."),
        ("Bronze", names.SOURCE_FILE, "string", "The file it came in."),
        ("Bronze", names.SOURCE_SYSTEM, "string", "The system that sent it."),
        (
            "Bronze",
            names.ERROR,
            "string",
            "Null if the line parsed, else unparsed_line, bad_encoding or blank_line.",
        ),
        ("Bronze", names.RAW, "binary", "The verbatim line where reading would lose something."),
        ("Bronze", names.RESCUED, "map<string,string>", "Columns the contract does not know."),
        ("Silver", names.SILVER_KEY, "string", "The derived key, where the contract names none."),
        (
            "Silver",
            names.SILVER_SEQUENCE,
            "as the column of sequenceBy, else string",
            "What versions of a key compare by first; null without sequenceBy.",
        ),
        ("Silver", names.SILVER_DELIVERY, "bigint", "The delivery this version came in."),
        ("Silver", names.SILVER_ROW, "bigint", "Its row there: a reference into Bronze."),
        ("Silver", names.SILVER_ROW_HASH, "string", "Keyed hash of the row: what unchanged means."),
        ("Silver", names.PII_VERSION, "string", "Version of the PII detector that saw the row."),
        ("Silver", names.PROCESSED_AT, "timestamp", "When this version was written (UTC)."),
        ("Silver", names.SILVER_RUN_ID, "string", "The run that wrote it."),
        ("Gold", "_gold_created_at", "timestamp", "When the table was computed (UTC)."),
        ("Gold", "_gold_run_id", "string", "The run that computed it."),
    )
)
"""(layer, column, type, description) of each."""
