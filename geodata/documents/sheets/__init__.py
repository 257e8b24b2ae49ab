"""Reports as workbooks: values and native charts, no formulas."""

__all__: list[str] = []
