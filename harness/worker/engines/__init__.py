"""How a value is computed on each backend: one module per engine, one narrow interface.

An `Engine` is made once per target, in the zygote, before any operation of the backend has run. Its methods:

    reset(seed, variant)      a clean global state: names, random seeds, floatx (float64 for a shadow)
    draw_anew(seed, variant)  before a subject that draws is made once more within a case
    settings()                threads, devices and the like, for the record
    tensor(array)             numpy → the backend's tensor (strings too)
    is_tensor(value), array(tensor), show(tensor, blob)
    dtype(name), ragged(rows, dtype)
    build(function, arrays, updates=None, key=None)
                              call once so that weights are made; a graph is not run
    evaluate(function, arrays, training=None, updates=None, key=None)
                              arrays (a structure of numpy ones) → the structure `function` returns, as numpy;
                              with the same `key` (a layer) a graph is called once and run again
    gradients(function, arrays, weights, cotangents, training=None, key=None)
                              gradients of sum(output * cotangent) for floating-point arrays and weights:
                              {"inputs": [...], "weights": [...]}; None where nothing flows
    compiled(function, arrays)
                              the same as evaluate, through tf.function, jax.jit or what the backend has
    shape_and_dtype(weight)   of a weight, plain
    limit(error)              (not every engine) why an exception is a limit of how the backend is run here;
                              with `limit_ends` the case ends there
    train(layer_or_model …)   see the training scripts

An engine must not smooth over a difference that a user would see.
"""
