"""The desk file: people, teams, rules and clocks as their owners write them, checked before anything is published."""

from answerby.cli.desk_file.problems import DeskFileError, Problem
from answerby.cli.desk_file.reader import Reading, load, read

__all__ = ["DeskFileError", "Problem", "Reading", "load", "read"]
