"""The whole stack on this machine: `python -m infra.local up|down|run|demo|env`."""
