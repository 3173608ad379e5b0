"""The lakehouse: what jobs, functions, tools and tests of the data pipeline share. Importing it needs only Python."""
