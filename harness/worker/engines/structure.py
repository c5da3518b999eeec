"""Walking lists, tuples and dicts of arrays."""


def transform(function, structure):
    """The same structure with `function` applied to every leaf."""
    if isinstance(structure, dict):
        return {k: transform(function, v) for k, v in structure.items()}
    if hasattr(structure, "_fields"):
        return type(structure)(*[transform(function, v) for v in structure])
    if isinstance(structure, tuple):
        return tuple(transform(function, v) for v in structure)
    if isinstance(structure, list) or is_list_like(structure):
        return [transform(function, v) for v in structure]
    return function(structure)


def is_list_like(value):
    """Wrapped lists that old Kerases and trackable containers return."""
    return type(value).__name__ in ("ListWrapper", "_ListWrapper", "TrackedList", "_TupleWrapper")


def leaves(structure):
    """Every leaf, depth first; dicts in the order of their sorted keys."""
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure, key=str) for leaf in leaves(structure[key])]
    if isinstance(structure, (list, tuple)) or is_list_like(structure):
        return [leaf for item in structure for leaf in leaves(item)]
    return [structure]


def replace(structure, values):
    """The structure with its leaves taken from `values`, in the order of `leaves`."""
    queue = iter(values)

    def walk(node):
        if isinstance(node, dict):
            made = {key: walk(node[key]) for key in sorted(node, key=str)}
            return {key: made[key] for key in node}
        if hasattr(node, "_fields"):
            return type(node)(*[walk(v) for v in node])
        if isinstance(node, tuple):
            return tuple(walk(v) for v in node)
        if isinstance(node, list) or is_list_like(node):
            return [walk(v) for v in node]
        return next(queue)

    return walk(structure)
