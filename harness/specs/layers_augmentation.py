"""Every image augmentation layer.

https://keras.io/api/layers/preprocessing_layers/image_augmentation/
"""

from __future__ import annotations

from harness.specs import layers_augmentation_colors, layers_augmentation_geometry
from harness.specs.declaration import Spec

SPECS: tuple[Spec, ...] = (*layers_augmentation_geometry.SPECS, *layers_augmentation_colors.SPECS)
