"""Lineage by column: captured as a run writes, proved from its plans, kept in `ops/data_lineage`."""
