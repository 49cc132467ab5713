"""What every job stands on: session, lake, deliveries, batches, run records."""
