"""Recognizers in Presidio's form: text in, spans out; no Spark."""
