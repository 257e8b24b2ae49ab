"""Timings of the engine beside other libraries; run by hand, never part of the tests."""
