"""The command `nfm-sim`, also as `python -m nfm_sim`: it begins here, where nothing has been loaded yet, so that Ctrl-C
ends it quietly in the first second too."""

import sys

STOPPED = 130


def main() -> None:
    """Run the command line."""
    try:
        from nfm_sim.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(STOPPED)


if __name__ == "__main__":
    main()
