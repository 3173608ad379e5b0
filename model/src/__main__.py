"""Entry of the zip: `python model.zip preprocess|train|evaluate …`."""

import sys

from housing.command import main

if __name__ == "__main__":
    sys.exit(main())
