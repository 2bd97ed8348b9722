"""The command `nfm-sim`, also as `python -m nfm_sim`: it begins here, where nothing has been loaded yet, so that Ctrl-C
and too little memory end it quietly in the first second too."""

import sys

STOPPED, INPUT_ERROR = 130, 2
LEAST_BYTES = 2**30
"""Of address space, to load the packages: with less some of them fail, and one tries for ever."""
NO_ROOM = "nfm-sim: there is too little memory to begin; give it 1 GB (ulimit -v)"


def main() -> None:
    """Run the command line."""
    try:
        if _room() < LEAST_BYTES:
            raise MemoryError
        from nfm_sim.cli import main as run
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except MemoryError:
        sys.stderr.write(f"{NO_ROOM}\n")
        sys.exit(INPUT_ERROR)
    try:
        run()
    except KeyboardInterrupt:
        sys.exit(STOPPED)


def _room() -> float:
    """The bytes of address space that the process may have."""
    try:
        import resource
    except ImportError:  # where the system has no such limits
        return float("inf")
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return float("inf") if limit == resource.RLIM_INFINITY else limit


if __name__ == "__main__":
    main()
