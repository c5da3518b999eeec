"""Named Python functions that a case may pass to Keras: ``{"$function": "double"}``."""


def double(x):
    """Twice the input."""
    return x * 2


def add_one(x):
    """The input plus one."""
    return x + 1


def first_two(x):
    """The first two entries of axis 1: changes the shape."""
    return x[:, :2]


def negate(x):
    """Minus the input."""
    return -x


def identity(x):
    """The input itself."""
    return x
