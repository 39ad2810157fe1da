"""Run a module as a unit's service does: without memory that can be written and run (`MemoryDenyWriteExecute`)."""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
NOT_HERE = 77

if __name__ == "__main__":
    if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
        sys.exit(NOT_HERE)  # a kernel before 6.3
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])
