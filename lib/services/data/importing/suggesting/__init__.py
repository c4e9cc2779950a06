"""Suggesting what the columns of a file are meant for: by their names, by the words of their names, by their values."""

from lib.services.data.importing.suggesting.columns import suggestions

__all__ = ["suggestions"]
