"""Data sets that come as tables: CSV, JSON lines, Excel, Parquet, and folders that a table describes."""
