"""Takes over from Python: with files that nobody else reads, and ready for Ctrl-C while all the rest is imported."""

import os
import signal
import sys

if __name__ == "__main__":
    # Tokens, secrets and phone numbers are kept and logged.
    os.umask(0o077)
    # Without a word: there is nothing to stop yet, and importing takes seconds on a busy machine.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from infra.local.commands import main

    sys.exit(main(" ".join(sys.argv[1:])))
