"""The operator's command line. Lambda never loads it."""
