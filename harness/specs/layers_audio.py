"""Audio preprocessing: spectrograms, which only Keras 3 has.

https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/
"""

from __future__ import annotations

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_keywords import keywords
from harness.specs.oracles import audio

SOURCE = "https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/"

STFT = Spec(
    subject="layers.STFTSpectrogram",
    family="layers",
    script="layer",
    parameters=(
        Parameter("frame_length", (16, 8, 10), invalid=(0, -1, "8", 2.5)),
        Parameter(
            "mode",
            ("magnitude", OMIT, "psd", "real", "imag", "angle", "stft", "log"),
            invalid=("nope", None),
        ),
        Parameter("frame_step", (OMIT, 4, None), invalid=(0, -1, "4", 2.5)),
        Parameter("fft_length", (OMIT, 16, 32, None), invalid=(0, 4, "16", 16.5)),
        Parameter("window", (OMIT, "hann", "hamming", None), invalid=("nope", 1)),
        Parameter("periodic", (OMIT, True)),
        Parameter("scaling", (OMIT, "density", "spectrum", None), invalid=("nope",)),
        Parameter("padding", (OMIT, "valid", "same"), invalid=("causal", None)),
        Parameter("expand_dims", (OMIT, True)),
        Parameter("data_format", (OMIT, "channels_last", "channels_first", None), invalid=("nope",)),
    ),
    feeds=(
        Feed("mono", Array((2, 40, 1)), when=lambda p: p.get("data_format") != "channels_first"),
        Feed("stereo", Array((2, 40, 2)), when=lambda p: p.get("data_format") != "channels_first"),
        Feed("channels first", Array((2, 2, 40)), when=lambda p: p.get("data_format") == "channels_first"),
        Feed("batch of none", Array((0, 40, 1)), pairwise=False),
        Feed("too short", Array((2, 5, 1)), pairwise=False),
        Feed("double", Array((2, 40, 1), dtype="float64"), pairwise=False),
        Feed("half", Array((2, 40, 1), dtype="float16"), pairwise=False),
        Feed("whole numbers", Array((2, 40, 1), dtype="int32", values="integers"), pairwise=False),
        Feed("silence", Array((2, 40, 1), values="zeros"), pairwise=False),
        Feed("wrong rank", Array((2, 40)), pairwise=False),
    ),
    valid=lambda p: p.get("fft_length") is None or p["fft_length"] >= p["frame_length"],
    extra=keywords((40, 1), frame_length=16, mode="magnitude"),
    oracle=audio.stft_spectrogram,
    source=f"{SOURCE}stft_spectrogram/",
)

MEL = Spec(
    subject="layers.MelSpectrogram",
    family="layers",
    script="layer",
    parameters=(
        Parameter("fft_length", (32, 64), invalid=(0, -1, "32", 2.5)),
        Parameter("sequence_stride", (16, 8), invalid=(0, -1, "8", 2.5)),
        Parameter("num_mel_bins", (4, 8), invalid=(0, -1, "4", 2.5)),
        Parameter("sequence_length", (OMIT, 16, None), invalid=(0, 128, "16")),
        Parameter("window", (OMIT, "hamming", None), invalid=("nope", 1)),
        Parameter("sampling_rate", (OMIT, 8000), invalid=(0, "8000")),
        Parameter("min_freq", (OMIT, 100.0), invalid=(-1.0, "20")),
        Parameter("max_freq", (OMIT, 3000.0, None), invalid=(10.0, "20")),
        Parameter("power_to_db", (OMIT, False)),
        Parameter("top_db", (OMIT, 20.0), invalid=("80",)),
        Parameter("mag_exp", (OMIT, 1.0), invalid=("2",)),
        Parameter("min_power", (OMIT, 1e-5), invalid=("1", -1.0)),
        Parameter("ref_power", (OMIT, 2.0), invalid=("1", 0.0)),
    ),
    feeds=(
        Feed("batch", Array((2, 128))),
        Feed("one signal", Array((128,))),
        Feed("batch of none", Array((0, 128)), pairwise=False),
        Feed("too short", Array((2, 5)), pairwise=False),
        Feed("double", Array((2, 128), dtype="float64"), pairwise=False),
        Feed("whole numbers", Array((2, 128), dtype="int32", values="integers"), pairwise=False),
        Feed("silence", Array((2, 128), values="zeros"), pairwise=False),
        Feed("wrong rank", Array((2, 128, 1)), pairwise=False),
    ),
    extra=keywords((128,), fft_length=32, sequence_stride=16, num_mel_bins=4),
    no_oracle="The page gives neither the constants of the mel scale nor how the filters are normed.",
    source=f"{SOURCE}mel_spectrogram/",
)

SPECS: tuple[Spec, ...] = (STFT, MEL)
