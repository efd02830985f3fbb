"""`reviewdb` and `python -m reviewdb`: the program, which an interrupt ends quietly from its first moment on."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from reviewdb import cli  # noqa: PLC0415 - loading it is what may be interrupted
    except KeyboardInterrupt:
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
