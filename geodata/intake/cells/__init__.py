"""Any table as plain cells with row numbers: workbooks, CSV and vector layers; columns named, rows checked."""

__all__: list[str] = []
