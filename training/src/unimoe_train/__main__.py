"""`python -m unimoe_train` is `unimoe-train`."""

from unimoe_train.cli import main

if __name__ == "__main__":
    main()
