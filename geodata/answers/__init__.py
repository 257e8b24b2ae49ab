"""From a question to an answer and its files: assessment, siting, what-if, calibration."""

__all__: list[str] = []
