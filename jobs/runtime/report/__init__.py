"""The report of a run: one HTML page that holds counts and names, never a value, and needs no network."""
