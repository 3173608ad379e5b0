"""Serves predictions of one model."""
