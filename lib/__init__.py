"""Casesheet 案件台账."""

__version__ = "0.1.0"
