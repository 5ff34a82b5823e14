"""`python -m fer_ros NAME` runs one of the package's executables."""

import sys

from fer_ros.executables import main

sys.exit(main())
