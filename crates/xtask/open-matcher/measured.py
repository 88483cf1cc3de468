"""Runs a program and says what it took.

Usage: measured.py PROGRAM ARGUMENT…; the program's standard output is shown on standard error. Prints one line of JSON:
wall seconds and the most memory that the process had at once, in bytes (its own account, given to who waited for it).
"""

import json
import resource
import subprocess
import sys
import time

begun = time.monotonic()
ended = subprocess.run(sys.argv[1:], stdout=sys.stderr)
seconds = time.monotonic() - begun
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps({"seconds": seconds, "bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit}))
sys.exit(ended.returncode)
