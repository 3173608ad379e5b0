"""The public face of the platform's models."""
