"""Runs that are killed at random moments, and whether the lake ends as if they had not been."""
