"""`python -m triggerlang` is the command `triggerlang`."""

from triggerlang.cli.main import main

if __name__ == "__main__":
    main()
