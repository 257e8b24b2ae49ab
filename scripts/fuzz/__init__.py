"""Fuzzing of the readers: seeds of every format, mutations, and the readers they are given to."""
