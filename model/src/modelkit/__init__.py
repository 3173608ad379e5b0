"""What the parts of the model pipeline have in common: documents of the registry, manifests, hashes, storage, logs.

Everything here needs the standard library alone. What functions in AWS need beside it is in `modelkit.cloud`.
"""
