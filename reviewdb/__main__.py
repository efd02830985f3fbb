"""`python -m reviewdb` is `reviewdb`."""

from reviewdb.cli import main

if __name__ == "__main__":
    main()
