"""One file per spark-submit job."""
