"""The command `nfm-sim`, also as `python -m nfm_sim`: it begins here, where nothing has been loaded yet, so that Ctrl-C
and too little memory end it quietly in the first second too."""

import atexit
import gc
import os
import sys

STOPPED, INPUT_ERROR = 130, 2
LEAST_BYTES = 2**30
"""Of address space, to load the packages: with less some of them fail, and one tries for ever."""
MANY_OBJECTS = 500_000
"""Come and not gone before the garbage collector looks at them; ten times as many as a replication has are few MB."""
NO_ROOM = "nfm-sim: there is too little memory to begin; give it 1 GB (ulimit -v)"


def main() -> None:
    """Run the command line."""
    _spare()
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


def _spare() -> None:
    """Leave undone what takes a quarter of a short command's time: threads for matrices larger than ours, a search of
    all that is installed for plugins that check scenarios too, walks of the garbage collector over the packages as they
    load, and its last walk over all that the system takes back anyway."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(MANY_OBJECTS)
    atexit.register(gc.freeze)


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
