"""`python -m simgen`."""

import sys

from simgen.cli import main

if __name__ == "__main__":
    sys.exit(main())
