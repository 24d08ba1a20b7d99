"""The deployed stack under fire: `make chaos`."""
