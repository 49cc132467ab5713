"""The sample sources: generated customers and orders with known faults and their exact truth."""
