"""An error that ends the comparison with a message, without a traceback."""


class Failure(Exception):
    pass
