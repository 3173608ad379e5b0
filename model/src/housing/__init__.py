"""The model of house prices: preparing its data, training it, measuring it."""
