"""``python -m simgen.cli``: the same as ``simgen``."""

from simgen.cli import main

if __name__ == "__main__":
    main()
