"""The desk file: people, teams, rules and clocks as their owners write them, checked before anything is published."""

from answerby.cli.desk_file.problems import DeskFileError, Problem
from answerby.cli.desk_file.reader import Reading, load, read
from answerby.cli.desk_file.schema import json_schema

__all__ = ["DeskFileError", "Problem", "Reading", "json_schema", "load", "read"]
