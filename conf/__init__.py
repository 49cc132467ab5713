"""Settings, errors, secrets and contracts: what every other package may import."""
