"""How a value is computed on each backend: one module per engine, one narrow interface.

An `Engine` is made once per target, in the zygote, before any operation of the backend has run. Its methods:

    reset(seed, variant)      a clean global state: names, random seeds, floatx (float64 for a shadow)
    settings()                threads, devices and the like, for the record
    tensor(array)             numpy → the backend's tensor (strings too)
    is_tensor(value), array(tensor), show(tensor, blob)
    dtype(name), ragged(rows, dtype)
    evaluate(function, arrays, training=None, updates=None)
                              arrays (a structure of numpy arrays) → the structure `function` returns, as numpy
    gradients(function, arrays, weights, cotangents, training=None)
                              the gradient of sum(output * cotangent) for the floating-point arrays and the weights:
                              {"inputs": [...], "weights": [...]}; None where nothing flows
    compiled(function, arrays)
                              the same as evaluate, through tf.function, jax.jit or what the backend has
    train(layer_or_model …)   see the training scripts

An engine must not smooth over a difference that a user would see.
"""
