"""Answerby: no post about a brand goes unanswered past its SLA."""

__version__ = "0.1.0"
