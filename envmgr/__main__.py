"""`python -m envmgr`."""

import sys

from envmgr.cli import main

sys.exit(main())
