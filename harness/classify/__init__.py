"""Differences → divergences: severity, fingerprint, cause, blame, verdict; from fields alone."""
