"""TensorFlow 2.16's AutoGraph does not list tf_keras as a library and rewrites all of it.

Nothing fails; the first `fit` is only some thirty times slower. Run before the first use of Keras.
"""

from tensorflow.python.autograph.core import config

config.CONVERSION_RULES = (config.DoNotConvert("tf_keras"),) + tuple(config.CONVERSION_RULES)
