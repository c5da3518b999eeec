"""Names below ``layers`` that need no spec of their own: aliases, functions, what cannot be fed arrays."""

from __future__ import annotations

from collections.abc import Mapping

NOT_CALLABLE: Mapping[str, str] = {
    "layers.Input": "makes a symbolic tensor; every functional model of a case goes through it",
    "layers.InputLayer": "holds a symbolic tensor of a model; nothing is fed to it",
    "layers.InputSpec": "a record of what a layer accepts, not a layer",
    "layers.Layer": "exists to be subclassed",
    "layers.Wrapper": "exists to be subclassed: it has no `call` of its own",
    "layers.AbstractRNNCell": "exists to be subclassed",
    "layers.deserialize": "a function on configs; each layer case goes through `from_config`",
    "layers.serialize": "a function on layers; observed as `serialize` of layer cases",
    "layers.experimental": "a module",
    "layers.experimental.preprocessing": "a module of aliases",
    "layers.DenseFeatures": "takes feature columns of TensorFlow, which are not plain data",
    "layers.experimental.DynamicEmbedding": "keeps a hash table that follows the data; promises no values",
    "layers.experimental.DynamicLookup": "keeps a hash table that follows the data; promises no values",
    "layers.TFSMLayer": "takes a SavedModel on disk",
    "layers.TorchModuleWrapper": "takes a PyTorch module",
    "layers.JaxLayer": "takes JAX functions",
    "layers.FlaxLayer": "takes a Flax module",
}
"""Names below ``layers`` that cannot be fed arrays, with the reason."""

FUNCTIONS: Mapping[str, str] = {
    "layers.add": "layers.Add",
    "layers.average": "layers.Average",
    "layers.concatenate": "layers.Concatenate",
    "layers.dot": "layers.Dot",
    "layers.maximum": "layers.Maximum",
    "layers.minimum": "layers.Minimum",
    "layers.multiply": "layers.Multiply",
    "layers.subtract": "layers.Subtract",
}
"""Functions that make a layer and call it at once → the layer whose spec holds for them."""

ALIASES: Mapping[str, str] = {
    "layers.AvgPool1D": "layers.AveragePooling1D",
    "layers.AvgPool2D": "layers.AveragePooling2D",
    "layers.AvgPool3D": "layers.AveragePooling3D",
    "layers.MaxPool1D": "layers.MaxPooling1D",
    "layers.MaxPool2D": "layers.MaxPooling2D",
    "layers.MaxPool3D": "layers.MaxPooling3D",
    "layers.GlobalAvgPool1D": "layers.GlobalAveragePooling1D",
    "layers.GlobalAvgPool2D": "layers.GlobalAveragePooling2D",
    "layers.GlobalAvgPool3D": "layers.GlobalAveragePooling3D",
    "layers.GlobalMaxPool1D": "layers.GlobalMaxPooling1D",
    "layers.GlobalMaxPool2D": "layers.GlobalMaxPooling2D",
    "layers.GlobalMaxPool3D": "layers.GlobalMaxPooling3D",
    "layers.Convolution1D": "layers.Conv1D",
    "layers.Convolution2D": "layers.Conv2D",
    "layers.Convolution3D": "layers.Conv3D",
    "layers.Convolution1DTranspose": "layers.Conv1DTranspose",
    "layers.Convolution2DTranspose": "layers.Conv2DTranspose",
    "layers.Convolution3DTranspose": "layers.Conv3DTranspose",
    "layers.SeparableConvolution1D": "layers.SeparableConv1D",
    "layers.SeparableConvolution2D": "layers.SeparableConv2D",
    "layers.Deconvolution2D": "layers.Conv2DTranspose",
    "layers.Deconvolution3D": "layers.Conv3DTranspose",
    "layers.experimental.EinsumDense": "layers.EinsumDense",
}
"""Other names of one class → the name its spec goes by. That they are one class is checked by identity."""
