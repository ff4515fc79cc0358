"""``python -m simgen`` is the command ``simgen``."""

from simgen.cli import main

if __name__ == "__main__":
    main()
