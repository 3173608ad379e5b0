"""Made-up data of a shop and of sold houses in any size, and an independent account of what the pipeline makes of it.

`python -m sample --orders 1000 --seed 42 --output DIR` writes `orders.csv`, `customers.csv`, `products.csv`,
`houses.csv` and `expected.json`. The same seed and size give the same bytes everywhere. `generator` makes the rows of
`shop` and `houses`, `faults` spoils a known share of them, `reference` reads the files back without Spark and counts,
and shares no code with the pipeline.
"""
